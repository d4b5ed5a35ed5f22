"""Settings of Chord: the ring, its repair and its copies, each with its origin.

Read next: ``ring.py``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from p2pkit.core import Settings

Seconds = Annotated[float, Meta(gt=0.0)]


class ChordConfig(Settings, frozen=True, kw_only=True):
    """What can be set about a node; all nodes of a ring share the first four.

    Parameters
    ----------
    id_bits : int
        Width of ids and keys, 3 to 160 (paper: 160, of SHA-1); few for teaching.
    hashed_ids : bool
        Whether an id is the hash of its node's address, which peers then check. If
        not, ids are chosen by chance or by hand, and anybody may claim any.
    virtual_nodes : int
        Positions of each node on the ring, 1 to 64 (paper 6.2: O(log N) even out
        the load).
    successors : int
        Length r of the successor list (paper 5.3: about 2 log2 N), at most 20 so
        that a list fits a datagram. Rings are safe from r + 1 members on [1]_.
    replicas : int
        Nodes that hold a datum: its owner and the next ones of the list, at most
        ``successors + 1``. What is more than the list gives is left out.
    lookup : {"iterative", "recursive"}
        Whether the asker does every step itself, or peers pass the question on.
    alternatives : int
        Contacts before a key that an answer names in case the nearest is dead, 1 to
        10.
    resend_s, timeout_s : float
        A request is sent again every `resend_s`, which lets a lookup try another
        peer, and has failed after `timeout_s`.
    stabilize_s, fix_fingers_s, replicate_s : float
        Mean time between two rounds of stabilizing (paper 6.4: 30 s), two fingers
        looked up, and two looks at who holds our data. Each wait is drawn from half
        to one and a half of it, so that nodes do not act in step (6.4: 15 to 45 s).
    seek_s : float
        Mean time between two looks for members that were lost sight of, so that rings
        parted by the network become one again; ours.
    max_keys : int
        Values that one position keeps for others; more are refused.
    max_checks : int
        Strangers that are being asked whether they are there, at a time.

    References
    ----------
    .. [1] P. Zave, "Reasoning about Identifier Spaces: How to Make Chord Correct",
       IEEE Transactions on Software Engineering 43(12), 2017.
    """

    id_bits: Annotated[int, Meta(ge=3, le=160)] = 160
    hashed_ids: bool = True
    virtual_nodes: Annotated[int, Meta(ge=1, le=64)] = 1
    successors: Annotated[int, Meta(ge=1, le=20)] = 8
    replicas: Annotated[int, Meta(ge=1, le=21)] = 4
    lookup: Literal["iterative", "recursive"] = "iterative"
    alternatives: Annotated[int, Meta(ge=1, le=10)] = 8
    resend_s: Seconds = 0.4
    timeout_s: Seconds = 2.0
    stabilize_s: Seconds = 5.0
    fix_fingers_s: Seconds = 10.0
    replicate_s: Seconds = 30.0
    seek_s: Seconds = 30.0
    max_keys: Annotated[int, Meta(ge=1)] = 10_000
    max_checks: Annotated[int, Meta(ge=1)] = 8
