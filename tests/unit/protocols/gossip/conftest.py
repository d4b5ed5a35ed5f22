"""One gossiping node with the test as all of its peers; all of it over the wire."""

import pytest

from p2pkit.core import RemoteProtocolError

PEERS = [(f"127.9.0.{i}", 7000) for i in range(1, 9)]


class OneSite:
    """A node, its recorder, and what peers may say to it; rounds take a second."""

    def __init__(self, recorders, protocol, view=PEERS, **settings):
        self.ctx = recorders(codec=protocol.codec)
        if "round_s" in protocol.Config.__struct_fields__:
            settings.setdefault("round_s", 1.0)
        self.node = protocol(self.ctx, protocol.Config.of(**settings))
        self.node.bootstrap(view)
        self.ctx.events.clear()

    def hear(self, sender, message):
        """Receive a message as it comes off the wire."""
        codec = self.node.codec
        self.node.receive(sender, codec.decode(codec.encode(message)))

    def refuses(self, sender, message):
        """Return the reason why a message was refused."""
        with pytest.raises(RemoteProtocolError) as error:
            self.hear(sender, message)
        return error.value.reason

    def round(self):
        """Let the next round begin."""
        self.ctx.advance(1.0)


@pytest.fixture
def site(recorders):
    """Return a maker of sites."""

    def make(protocol, **named):
        return OneSite(recorders, protocol, **named)

    return make
