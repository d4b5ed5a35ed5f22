"""Checks 1.1 to 1.5: flooding."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab2_search.runs import (
    TITLE,
    depths,
    graph_of,
    map_of,
    search,
)
from p2pkit.classroom.labs.lab2_search.wire import (
    FAR,
    SPEC,
    Hit,
    Query,
    config_of,
    network_of,
)
from p2pkit.core import Address, topologies
from p2pkit.core.topologies import Links
from p2pkit.harness import (
    Finding,
    OneNode,
    Overlay,
    Said,
    Subject,
    Verdict,
    ask,
    listed,
    play_whole,
    seed_of,
    share_of,
)
from p2pkit.observe.search import flood as law_of

NEIGHBORS = 5
ASKER: Address = ("127.9.9.9", 7000)
ID, OTHER_ID = b"question", b"another!"
LISTED = "go through self.view, and leave out the sender"


def passes_on(subject: Subject, case: Case) -> Verdict:
    """Judge whom one library asks."""
    node, query = _one(subject, case), _query(ttl=4, hops=2)
    said = node.hear(1, query)
    others = [peer for i, peer in enumerate(node.neighbors) if i != 1]
    own = _own_question(subject, case)
    findings = (
        ask(
            "a question goes on to every neighbor",
            set(others) <= {one.to for one in said}, f"{NEIGHBORS - 1} neighbors",
            listed(said, node), LISTED,
        ),
        ask(
            "but not back to the one it came from, and nowhere else",
            bool(said) and {one.to for one in said} <= set(others), "no echo",
            listed(said, node), LISTED,
        ),
        ask(
            "once to each, with a TTL of one less and one hop more",
            bool(said) and len(said) == len({one.to for one in said})
            and all(one.message == _query(ttl=3, hops=3) for one in said),
            "ttl=3, hops=3 for what came with ttl=4, hops=2", listed(said, node),
            "the id, the text and the asker stay as they are",
        ),
        own,
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events(), (_star(node, said),))


def stops(subject: Subject, case: Case) -> Verdict:
    """Judge what one library leaves alone."""
    node = _one(subject, case)
    first = node.hear(0, _query(ttl=4, hops=2))
    again = node.hear(1, _query(ttl=5, hops=1)) + node.hear(0, _query(ttl=4, hops=2))
    other = node.hear(2, _query(OTHER_ID, ttl=4, hops=2))
    last = node.hear(3, _query(b"nearby!!", ttl=1, hops=6))
    came_back = _comes_back(subject, case)
    findings = (
        ask(
            "the same question again leads to nothing",
            bool(first) and not again, "silence", listed(again, node),
            "keep the ids of the questions in self.seen", 2.0,
        ),
        ask(
            "another question is another question",
            bool(other), "it goes on", listed(other, node),
            "remember the id, not that there was one",
        ),
        ask(
            "where the TTL is 1, it ends",
            bool(first) and not last, "silence", listed(last, node),
            "a TTL of 1 has been used up by the link that it came by", 2.0,
        ),
        ask(
            "its own question that comes back leads to nothing",
            not came_back, "silence", listed(came_back, node),
            "who asks has seen the question, too",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def answers(subject: Subject, case: Case) -> Verdict:
    """Judge what one library says that has the title."""
    node = _one(subject, case)
    node.ask("share", TITLE)
    said = node.hear(0, _query(ttl=4, hops=2))
    again = node.hear(1, _query(ttl=4, hops=2))
    near = node.hear(2, _query(OTHER_ID, ttl=1, hops=6))
    hits = [(one.to, one.message) for one in said if isinstance(one.message, Hit)]
    findings = (
        ask(
            "who has the title tells the asker, with the links that it took",
            hits == [(ASKER, Hit(TITLE, 3))], "one Hit(text, hops=3) to the asker",
            listed(said, node), "it has crossed query.hops links, and one more",
        ),
        ask(
            "once for each question",
            bool(hits) and not again, "silence on a copy", listed(again, node),
            "look at self.seen before the shelf",
        ),
        ask(
            "and asks on: others may have it as well",
            len([one for one in said if isinstance(one.message, Query)])
            == NEIGHBORS - 1,
            f"{NEIGHBORS - 1} neighbors are asked", listed(said, node),
            "no return after the hit",
        ),
        ask(
            "where the TTL is 1 as well",
            [one.message for one in near] == [Hit(TITLE, 7)], "a hit alone",
            listed(near, node), "the TTL ends the way, not the answer",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def price(subject: Subject, case: Case) -> Verdict:
    """Judge what a flood costs on several networks, to the message."""
    flood, findings = subject.protocol("Flood", SPEC), []
    config = config_of(case, ttl=FAR)
    events: tuple[str, ...] = ()
    for name, links in _shapes(case).items():
        nodes = 1 + max(b for _, b in links)
        asker = case.seed % nodes
        run = play_whole(flood, search(links, case.seed, config, asker))
        law = 2 * len(links) - nodes + 1
        sent, met = run.journal.count("sent", Query), len(depths(run, asker))
        ok = sent == law and met == nodes
        findings.append(
            ask(
                f"on {name} a flood reaches all, for 2E - n + 1 messages", ok,
                f"2 x {len(links)} - {nodes} + 1 = {law:,}, and {nodes} libraries",
                f"{sent:,} messages, {met} libraries",
                "more: is something said twice or back? Less: is somebody left out?",
            )
        )  # fmt: skip
        events = events if not findings[-1].holds and events else run.last_events()
    return Verdict(tuple(findings), case.seed, events)


def horizon(subject: Subject, case: Case) -> Verdict:
    """Judge who is reached within a TTL."""
    flood = subject.protocol("Flood", SPEC)
    links = network_of(case, case.seed)
    asker, right = case.seed % case["nodes"], []
    said, run = "", None
    for ttl in (1, 2, 3):
        config = config_of(case, ttl=ttl)
        run = play_whole(flood, search(links, case.seed, config, asker))
        law = law_of(graph_of(links), asker, ttl)
        met = depths(run, asker)
        right.append(met == law.depth)
        said += f"TTL {ttl}: {len(met)} instead of {law.reached}. " * (not right[-1])
    assert run is not None, "there are three runs"
    finding = Finding(
        "with a TTL of t all are asked who are within t links, and nobody else",
        share_of(right), "breadth-first search, for t of 1, 2 and 3",
        said or "exactly those", "what TTL does the asker itself send out?",
    )  # fmt: skip
    picture = (map_of(run, asker, "Who was asked with a TTL of 3"),)
    return Verdict((finding,), case.seed, run.last_events(), picture)


def _one(subject: Subject, case: Case) -> OneNode:
    flood = subject.protocol("Flood", SPEC)
    return OneNode(flood, config_of(case), NEIGHBORS, case.seed)


def _query(query_id: bytes = ID, ttl: int = 4, hops: int = 0) -> Query:
    return Query(query_id, TITLE, ASKER, ttl, hops)


def _asked(node: OneNode, case: Case) -> list[Said]:
    node.ask("search", TITLE)
    return node.take()


def _own_question(subject: Subject, case: Case) -> Finding:
    """Judge what leaves the library that asks."""
    node = _one(subject, case)
    said = _asked(node, case)
    me = node.ctx.me.address
    right = [
        isinstance(one.message, Query)
        and (one.message.text, one.message.asker) == (TITLE, me)
        and (one.message.ttl, one.message.hops) == (config_of(case).ttl, 0)
        for one in said
    ]
    return ask(
        "who asks sends it to all neighbors, with its own address and the full TTL",
        bool(right) and all(right) and [one.to for one in said] == list(node.neighbors),
        f"{NEIGHBORS} times Query(id, text, me, ttl={config_of(case).ttl}, hops=0)",
        listed(said, node), "search() makes the question, and remembers its id",
    )  # fmt: skip


def _comes_back(subject: Subject, case: Case) -> list[Said]:
    node = _one(subject, case)
    own = [one.message for one in _asked(node, case)]
    if not own or not isinstance(own[0], Query):
        return []
    back = own[0]
    return node.hear(3, Query(back.id, back.text, back.asker, 3, 2))


def _shapes(case: Case) -> dict[str, Links]:
    side, seed = case["side"], seed_of(case.seed, "shapes")
    return {
        "a tree": topologies.tree(side * side, 3),
        "a ring": topologies.ring(side * side),
        "a grid": topologies.grid(side, side),
        "a random network": topologies.regular(2 * side, 4, seed),
        "all linked to all": topologies.complete(2 * side),
    }


def _star(node: OneNode, said: list[Said]) -> Overlay:
    asked = {node.name_of(one.to) for one in said}
    names = [node.name_of(one) for one in node.neighbors]
    groups = {name: "asked" if name in asked else "not asked" for name in names}
    links = tuple(("your node", name) for name in names if name in asked)
    title = "Whom your node asked; neighbor 1 brought the question"
    return Overlay(title, {"your node": "your node", **groups}, links)
