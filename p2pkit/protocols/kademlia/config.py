"""Settings of Kademlia: k, alpha and every timer, each with its origin.

Read next: ``distance.py``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from p2pkit.core import Settings

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0.0)]


class KademliaConfig(Settings, frozen=True, kw_only=True):
    """What can be set about a node; the defaults are those of the Mainline DHT.

    Parameters
    ----------
    k : int
        Replication factor and bucket size: 8 in BEP 5, 20 in the paper; at most 100,
        so that k contacts fit one datagram.
    alpha, refresh_alpha : int
        Requests in flight for one lookup (paper 2.3: 3), and for one that only
        refreshes a bucket: nobody waits for it, and one at a time wastes none.
    resend_s, timeout_s : float
        A request is sent again every `resend_s`, which also frees its slot in a
        lookup, and has failed after `timeout_s`. Ten sends make a false failure at
        30 % loss each way rarer than 2 in 1000 (0.51 ** 10).
    max_misses : int
        Failed requests in a row until a contact goes even without a successor
        (paper 4.1: 5).
    questionable_s, refresh_s : float
        Silence until a contact is checked before it may be replaced, and time until
        a bucket nobody touched is refreshed (BEP 5: 15 minutes both).
    look_around_s : float
        Time between refreshes of buckets with room after a node joined; doubles up
        to `refresh_s` while nothing new is found.
    token_s : float
        Age at which a write token's secret is replaced; the one before still counts
        (BEP 5: 5 minutes, so tokens live up to 10).
    peer_expire_s, item_expire_s : float
        How long an announced peer and a stored item are kept (BEP 44: 2 hours).
    republish_s, replicate_s : float
        How often a publisher puts its item again, and a holder looks whether the k
        closest still hold it (BEP 44 and paper 2.5: hourly).
    max_checks, check_sends : int
        Strangers being pinged at a time, and pings to each: a forged query must not
        make us send much to its victim.
    max_keys, max_peers, max_samples : int
        Bounds on infohashes or items kept, on peers of one infohash, and on the
        infohashes in one sample (20 bytes each; a reply stays under 1200 bytes).
    sample_s : float
        Seconds for which a sample stays valid (BEP 51: at most 6 hours).
    read_only : bool
        Ask but do not answer, and say so (BEP 43).
    bep42 : bool or "enforce"
        Take an id made of our address, and admit only peers whose id fits theirs
        (BEP 42). Local addresses are exempt, so on loopback it changes nothing;
        ``"enforce"`` exempts nobody, which wants an address for each node.
    max_per_net : int
        Contacts of one /24 in the table, and in the k nearest of a lookup; 0 is no
        bound, as in BEP 5. Wants an address for each node.
    paths : int
        Disjoint paths of a lookup (S/Kademlia 4.3: d); 1 is a lookup as in BEP 5.
    check_tokens : bool
        Whether storing wants the token that a get was answered with (BEP 5).
    max_reply_factor : float
        How many times as long as the query a reply may be to an address that has
        not proved itself; 0 is no bound, as in BEP 5.
    """

    k: Annotated[int, Meta(ge=1, le=100)] = 8
    alpha: Count = 3
    refresh_alpha: Count = 1
    resend_s: Seconds = 0.5
    timeout_s: Seconds = 5.0
    max_misses: Count = 5
    questionable_s: Seconds = 900.0
    refresh_s: Seconds = 900.0
    look_around_s: Seconds = 15.0
    token_s: Seconds = 300.0
    peer_expire_s: Seconds = 2700.0
    item_expire_s: Seconds = 7200.0
    republish_s: Seconds = 3600.0
    replicate_s: Seconds = 3600.0
    max_checks: Count = 64
    check_sends: Count = 2
    max_keys: Count = 1000
    max_peers: Count = 100
    max_samples: Count = 20
    sample_s: Seconds = 60.0
    read_only: bool = False
    bep42: bool | Literal["enforce"] = False
    max_per_net: Annotated[int, Meta(ge=0)] = 0
    paths: Annotated[int, Meta(ge=1, le=16)] = 1
    check_tokens: bool = True
    max_reply_factor: Annotated[float, Meta(ge=0.0)] = 0.0
