"""Floor 3: real sockets under asyncio or uvloop."""

from p2pkit.net.datagrams import DatagramContext, DatagramNode
from p2pkit.net.network import Network
from p2pkit.net.node import NetNode, NetTimer
from p2pkit.net.streams import StreamContext, StreamNode

__all__ = [
    "DatagramContext",
    "DatagramNode",
    "NetNode",
    "NetTimer",
    "Network",
    "StreamContext",
    "StreamNode",
]
