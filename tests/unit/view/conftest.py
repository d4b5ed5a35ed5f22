import networkx as nx
import pytest

from p2pkit.core import Finished, Record, Step


@pytest.fixture
def overlay():
    """Twelve nodes on a ring, one dead, one paused, and a foreign client."""
    graph = nx.DiGraph()
    for i in range(12):
        state = {3: "dead", 5: "paused"}.get(i, "alive")
        address = f"127.0.0.1:{i + 1000}"
        graph.add_node(f"n{i:02d}", id=i << 156, address=address, state=state)
    for i in range(12):
        graph.add_edge(
            f"n{i:02d}", f"n{(i + 1) % 12:02d}", kind="bucket", kinds=("bucket",)
        )
    name = "127.0.0.1:6881"
    graph.add_node(name, id=2**160 - 1, address=name, state="foreign")
    graph.add_edge("n00", name, kind="bucket", kinds=("bucket",))
    return graph


@pytest.fixture
def lookup():
    """A lookup by n00: two hops, and a peer that never answered."""
    steps = (
        Step(4 << 156, 1, 1.0, 1.1, "answered", (8 << 156,)),
        Step(3 << 156, 1, 1.0, 6.0, "failed"),
        Step(8 << 156, 2, 1.1, 1.2, "answered", ()),
    )
    return Record(6.0, "n00", Finished(1, "lookup", 8 << 156, True, 1.0, steps))
