import sys

import pytest

from p2pkit import Cluster
from p2pkit.classroom import TorrentClient
from p2pkit.core import Id, LabError
from p2pkit.protocols import Kademlia


def test_missing_libtorrent_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "libtorrent", None)

    with pytest.raises(LabError, match=r'pip install -e "\.\[clients\]"'):
        TorrentClient(("127.0.0.1", 6881))


@pytest.mark.timeout(60)  # libtorrent takes its time to join
def test_client_puts_gets_and_announces_to_a_cluster() -> None:
    pytest.importorskip("libtorrent", reason="no wheel: pip install -e '.[clients]'")
    infohash = Id(0xBEEF << 144)
    with Cluster(Kademlia, 12, processes=1, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        with TorrentClient(cluster.addresses[0]) as client:
            ours, theirs = cluster[5].put(b"ours"), client.put(b"theirs")
            client.announce(infohash, 51413)

            assert client.get(ours) == b"ours"
            assert cluster[9].get(theirs) == b"theirs"
            cluster.wait_until(lambda one: one[3].get_peers(infohash), 20)
            assert client.get_peers(infohash) == [("127.0.0.1", 51413)]
