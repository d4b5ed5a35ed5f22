"""Whatever peers send, in whatever order: bounds hold, and no node crashes."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols import Cyclon, Gossipsub, HyParView, Plumtree
from p2pkit.protocols.hyparview import flooding
from p2pkit.protocols.hyparview import messages as h
from p2pkit.protocols.peer_sampling import messages as c
from p2pkit.protocols.plumtree import messages as p
from p2pkit.protocols.pubsub import messages as g
from tests.membership import OneStreamNode, StreamRecorder, address
from tests.recorder import Recorder

PLACES = 8
addresses = st.integers(0, PLACES).map(address)  # ours among them
offers = st.lists(addresses, max_size=9).map(tuple)
topics = st.sampled_from(["t", "t", "t", "", "u", "v", "w"])
numbers = st.integers(0, 20).map(lambda one: one.to_bytes(16, "big"))
nonces, payloads = st.binary(max_size=1), st.sampled_from([b"a", bytes(40)])
hops = st.integers(0, 9)

MEMBERSHIP = [
    st.builds(h.Join), st.builds(h.ForwardJoin, addresses, st.integers(0, 8)),
    st.builds(h.Neighbor, st.booleans()), st.builds(h.NeighborReply, st.booleans()),
    st.builds(h.Disconnect), st.builds(h.Shuffle, addresses, st.integers(0, 8), offers),
    st.builds(h.ShuffleReply, offers),
]  # fmt: skip
TREES = [
    st.builds(p.Gossip, topics, nonces, hops, payloads), st.builds(p.Prune, topics),
    st.builds(
        p.IHave, topics,
        st.lists(st.tuples(numbers, hops), min_size=1, max_size=9).map(tuple),
    ),
    st.builds(p.Graft, topics, st.none() | numbers), st.builds(p.Leave, topics),
]  # fmt: skip
FLOODS = [st.builds(flooding.Flooded, nonces, st.integers(1, 9), payloads)]
MESHES = [
    st.builds(g.Publish, topics, nonces, st.integers(1, 9), payloads),
    st.builds(
        g.Subscriptions, st.lists(topics, max_size=5).map(tuple),
        st.lists(topics, max_size=5).map(tuple),
    ),
    st.builds(g.Graft, topics), st.builds(g.Prune, topics, st.floats(0, 3600)),
    st.builds(g.IHave, topics, st.lists(numbers, max_size=5).map(tuple)),
    st.builds(g.IWant, st.lists(numbers, max_size=5).map(tuple)),
]  # fmt: skip
entries = st.lists(st.tuples(addresses, st.integers(0, 99)), max_size=9).map(tuple)
tids = st.binary(min_size=4, max_size=4)
SWAPS = [
    st.builds(c.Introduce, tids), st.builds(c.Introduced, tids),
    st.builds(c.Newcomer, addresses, st.integers(0, 9)),
    st.builds(c.Welcome, st.tuples(addresses, st.integers(0, 99))),
    st.builds(c.Exchange, tids, entries), st.builds(c.ExchangeReply, tids, entries),
    st.builds(c.Sample, tids, addresses, st.integers(0, 9)), st.builds(c.Sampled, tids),
]  # fmt: skip


def steps(messages):
    """What happens to a node: a peer speaks, or goes; a dial ends; time passes."""
    place = st.integers(1, PLACES)
    return st.lists(
        st.one_of(
            *(st.tuples(st.just("say"), place, one) for one in messages),
            st.tuples(st.just("go"), place),
            st.tuples(st.just("dial"), st.booleans()),
            st.tuples(st.just("pass"), st.floats(0, 20)),
        ),
        min_size=10, max_size=60,
    )  # fmt: skip


class Beset(OneStreamNode):
    """A node that a script happens to."""

    def __init__(self, kind, **options):
        super().__init__(kind, lambda **named: StreamRecorder(**named), **options)
        self.open = {}
        self.node.bootstrap([address(1)])

    def happen(self, what, *arguments):
        with contextlib.suppress(RemoteProtocolError):
            getattr(self, f"_{what}")(*arguments)
        for stream in self.ctx.closed:  # the driver tells of what the node closed
            self.open = {n: s for n, s in self.open.items() if s != stream}
            self.node.on_closed(stream)
        self.ctx.closed.clear()
        self.ctx.sent.clear()

    def _say(self, place, message):
        if place not in self.open:
            self.open[place] = self.arrive(place)
        self.hear(self.open[place], message)

    def _go(self, place):
        if place in self.open:
            self.node.on_closed(self.open.pop(place))

    def _dial(self, answers):
        if self.ctx.dialed:
            to = self.ctx.dialed.pop(0)
            (self.node.on_connected if answers else self.node.on_closed)(to)

    def _pass(self, seconds):
        self.ctx.advance(seconds)


SMALL = {"active": 3, "passive": 5, "max_links": 6, "memory": 8}


def require_views(node):
    views = node.views
    assert len(views.active) <= 3
    assert len(views.passive) <= 5
    assert not views.active.keys() & views.passive.keys()
    assert address(0) not in [*views.active, *views.passive]
    assert all(peer in node.links for peer in views.active)
    assert len(node.links) <= 6 + 16  # those that came, and those that we called


@settings(deadline=None, max_examples=150)
@given(script=steps(MEMBERSHIP + FLOODS))
def test_hyparview_keeps_its_views_in_order_whatever_happens(script):
    beset = Beset(HyParView, **SMALL)

    for step in script:
        beset.happen(*step)
        require_views(beset.node)

    assert len(beset.node.spreading.seen) <= 8


COMES_BACK = [
    ("say", 1, h.Join()), ("say", 2, h.Join()), ("say", 1, p.Leave("t")),
    ("say", 1, p.Gossip("t", b"", 0, b"a")),
]  # fmt: skip


@settings(deadline=None, max_examples=150)
@example(script=COMES_BACK)
@given(script=steps(MEMBERSHIP + TREES))
def test_plumtree_keeps_its_trees_bounded_and_on_neighbors_alone(script):
    beset = Beset(Plumtree, max_topics=3, max_missing=10, keep_bytes=100, **SMALL)
    trees = beset.node.spreading

    for step in script:
        beset.happen(*step)
        require_views(beset.node)
        assert len(trees.by_topic) <= 3
        assert sum(len(tree.missing) for tree in trees.by_topic.values()) <= 10
        for tree in trees.by_topic.values():
            assert (
                tree.eager.keys() | tree.away.keys() <= beset.node.views.active.keys()
            )
            assert not tree.eager.keys() & tree.away.keys()


@pytest.mark.parametrize("scoring", [False, True])
@settings(deadline=None, max_examples=100)
@given(script=steps(MESHES))
def test_gossipsub_keeps_its_mesh_bounded_and_among_subscribers(scoring, script):
    beset = Beset(
        Gossipsub, scoring=scoring, d=2, d_low=1, d_high=3, max_topics=3, max_links=6,
        memory=8,
    )  # fmt: skip
    node = beset.node
    node.subscribe("t")

    for step in script:
        beset.happen(*step)
        assert list(node.mesh.links) == ["t"]
        assert len(node.mesh.links["t"]) <= 3
        assert all(peer in node.links for peer in node.mesh.links["t"])
        assert all(len(topics) <= 3 for topics in node.topics.of.values())
        assert len(node.seen) <= 8


@settings(deadline=None, max_examples=150)
@given(
    script=st.lists(
        st.tuples(st.integers(1, PLACES), st.one_of(SWAPS), st.floats(0, 5)),
        max_size=60,
    )
)
def test_cyclon_keeps_its_view_in_order_whatever_is_said(script):
    ctx = Recorder(address=address(0), codec=Cyclon.codec)
    node = Cyclon(ctx, Cyclon.Config.of(view=4, shuffle=3, max_joins=3))
    node.bootstrap([address(1)])

    for place, message, seconds in script:
        with contextlib.suppress(RemoteProtocolError):
            node.receive(address(place), message)
        ctx.advance(seconds)
        assert len(node.view) <= 4
        assert address(0) not in node.view.ages
