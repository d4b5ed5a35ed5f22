"""Arguments that make no sense are told in a sentence, before anything starts."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.core import ClusterError
from tests.cluster.pinger import Pinger


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"nodes": "3"}, "nodes is a whole number, such as 4, not '3'"),
        ({"nodes": 3.0}, "nodes is a whole number, such as 4, not 3.0"),
        ({"nodes": 4, "processes": 2.0}, "processes is a whole number"),
        ({"port": "6881"}, "port is a whole number"),
        ({"port": -1, "addresses": "own"}, "a port is from 0 to 65535, not -1"),
        ({"port": 70_000, "addresses": "own"}, "a port is from 0 to 65535, not 70000"),
        (
            {"port": 65_530, "nodes": 17, "addresses": "shared"},
            "17 nodes that share an address .* port= at most 65519",
        ),
    ],
)
@pytest.mark.parametrize("carrier", ["virtual", "real"])
def test_numbers_that_cannot_be_are_told(
    carrier: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ClusterError, match=sentence):
        Cluster(Pinger, carrier=carrier, **arguments)


def test_the_last_ports_can_be_shared() -> None:
    with Cluster(
        Pinger, nodes=17, carrier="virtual", addresses="shared", port=65_519
    ) as cluster:
        assert cluster.addresses[-1] == ("127.0.0.1", 65_535)
        with pytest.raises(ClusterError, match="have ports for 17, not for 18"):
            cluster.add()
        assert len(cluster) == 17
