"""Settings of SWIM: memberlist's defaults, its presets, and Lifeguard's switches.

Read next: ``node.py``.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from msgspec import Meta

from p2pkit.core import Settings

Count = Annotated[int, Meta(ge=1)]
Some = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0.0)]
SomeSeconds = Annotated[float, Meta(ge=0.0)]


class SwimConfig(Settings, frozen=True, kw_only=True):
    """What can be set about a node; the defaults are memberlist's for one site (LAN).

    Parameters
    ----------
    name : str
        What the node is called; its id in hexadecimal if empty, and no two nodes of a
        cluster may have the same.
    tags : tuple of pairs of str
        What the node says about itself, as serf writes tags; at most 512 bytes.
    probe_s, answer_s : float
        Protocol period, and how long a direct answer is waited for (LAN 1 s, 0.5 s).
    helpers : int
        Members asked to ping for us when no answer came, the paper's k (LAN 3).
    round_robin : bool
        Probe members in turn, newly shuffled each time round (paper 4.3), and not
        each at random (paper 3.1).
    suspicion : bool
        Suspect a member first (paper 4.2); without it a failed probe is a death.
    hearsay : bool
        Believe at once who says that another is dead (paper 4.2). Without it that is
        one more suspicion, so that no single datagram kills a member.
    suspicion_mult, suspicion_max_mult : int
        Periods of the shortest suspicion for ten members, and how many times longer
        the longest is (LAN 4 and 6).
    retransmit_mult : int
        Copies of a claim that one node sends: this, times the number of digits of the
        size of the cluster (LAN 4; the paper's lambda).
    gossip_s, gossip_nodes : float, int
        How often claims are sent apart from probes, 0 for never as in the paper, and
        to how many members (LAN 0.2 s and 3).
    push_pull_s, stream_s : float
        How often whole tables are compared with one member, and how long a stream may
        take (LAN 30 s and 10 s).
    gossip_to_dead_s : float
        How long gossip still goes to a dead member as well (LAN 30 s).
    dead_probe_s : float
        How often one of the dead is probed, so that a partition heals (serf: 30 s).
    forget_s : float
        How long the dead and those that left are remembered (serf: 24 h).
    local_health, confirmations, buddy : bool
        Lifeguard: probe slower while we are slow ourselves; suspect for longer until
        others confirm; tell a suspect with the very ping.
    health_max : int
        Steps of slowness: with all of them a period lasts 8 times as long (memberlist).
    datagram_bytes : int
        Longest datagram sent; claims fill it up (memberlist 1400).
    max_members, max_relays, max_joins : int
        Members remembered; pings for others under way; newcomers a period that we did
        not ask about. More are refused.
    max_jump : int
        How far an incarnation may run ahead of the one we know: a forged one at the
        end of its 32 bits could never be refuted.
    """

    name: Annotated[str, Meta(max_length=128)] = ""
    tags: tuple[tuple[str, str], ...] = (("role", "p2pkit"),)
    probe_s: Seconds = 1.0
    answer_s: Seconds = 0.5
    helpers: Some = 3
    round_robin: bool = True
    suspicion: bool = True
    hearsay: bool = False
    suspicion_mult: Count = 4
    suspicion_max_mult: Count = 6
    retransmit_mult: Count = 4
    gossip_s: SomeSeconds = 0.2
    gossip_nodes: Count = 3
    push_pull_s: Seconds = 30.0
    stream_s: Seconds = 10.0
    gossip_to_dead_s: SomeSeconds = 30.0
    dead_probe_s: Seconds = 30.0
    forget_s: Seconds = 86_400.0
    local_health: bool = True
    confirmations: bool = True
    buddy: bool = True
    health_max: Some = 7
    datagram_bytes: Annotated[int, Meta(ge=576, le=65_507)] = 1400
    max_members: Count = 8192
    max_relays: Count = 64
    max_joins: Count = 256
    max_jump: Count = 65_536

    @classmethod
    def lan(cls, **changes: Any) -> Self:
        """Return memberlist's settings for one site, with `changes`."""
        return cls.of(**changes)

    @classmethod
    def wan(cls, **changes: Any) -> Self:
        """Return memberlist's settings for sites far apart, with `changes`."""
        return cls.of(**(WAN | changes))

    @classmethod
    def local(cls, **changes: Any) -> Self:
        """Return memberlist's settings for one machine, with `changes`."""
        return cls.of(**(LOCAL | changes))


WAN: dict[str, Any] = {
    "probe_s": 5.0, "answer_s": 3.0, "suspicion_mult": 6, "gossip_s": 0.5,
    "gossip_nodes": 4, "push_pull_s": 60.0, "stream_s": 30.0, "gossip_to_dead_s": 60.0,
}  # fmt: skip
LOCAL: dict[str, Any] = {
    "answer_s": 0.2, "helpers": 1, "retransmit_mult": 2, "suspicion_mult": 3,
    "gossip_s": 0.1, "push_pull_s": 15.0, "stream_s": 1.0, "gossip_to_dead_s": 15.0,
}  # fmt: skip
