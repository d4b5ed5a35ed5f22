"""What an attack is worth, and what each defense is: rows with gates.

`rows` is what ``p2pkit bench attacks`` prints. The gates are the claims of this kit,
and closed forms where there are some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from p2pkit.classroom.amplification import (
    RESTRAINED,
    Lever,
    kademlia_levers,
    other_levers,
)
from p2pkit.classroom.attack_experiments import (
    AFTER,
    BEFORE,
    DEFENSES,
    DURING,
    Sample,
    Siege,
    phases,
)
from p2pkit.classroom.published import Gate, Row, row
from p2pkit.core import LabError

CLAIM = "claim of this kit"
BEP42 = "closed form: m addresses against n / 8 nodes"
AT_MOST_TENTH = Gate(float("inf"), 0.10, is_share=False)
AT_LEAST_95 = Gate(0.05, float("inf"), is_share=False)
AT_MOST_HALF_MORE = Gate(float("inf"), 0.5, is_share=False)
FIFTH = Gate(0.2, 0.2, is_share=False)
LESS = Gate(float("inf"), 0.0, is_share=False)

ALONE: dict[str, dict[str, Any]] = {
    "bep42": {"bep42": "enforce"},
    "max_per_net": {"max_per_net": 1},
    "paths": {"paths": 3},
}
"""Each defense with the others off."""

PARTS = ("siege", "switches", "grinding", "amplification")


def rows(
    variant: str | None = None,
    nodes: int = 64,
    attackers: int = 32,
    machines: int = 1,
    k: int | Sequence[int] = 8,
    loss: float = 0.0,
    carrier: str = "virtual",
    processes: int = 4,
    expire_s: float | None = None,
    value: str = Siege.value.decode(),
    runs: int = 5,
    seed: int = 7,
) -> Iterator[Row]:
    """Measure, and yield a row a quantity, as soon as it is known.

    Parameters
    ----------
    variant : str, optional
        A ``siege`` with defenses off and on, each of the ``switches`` alone, what
        ``grinding`` gets under BEP 42, or ``amplification``; all if not given.
    nodes, attackers, machines : int
        Honest nodes; identities of the attacker, and the /24s they are in.
    k : int or sequence of int
        Replication factor and bucket size.
    loss : float
        Odds, 0 to 1, that a datagram is lost.
    carrier, processes : str, int
        As for a `Cluster`; with ``real`` each run takes a minute or two.
    expire_s : float, optional
        How long a copy is kept; 60 s in virtual time, 12 s on sockets if not given.
    value : str
        What is put; its hash is the chosen key.
    runs, seed : int
        Networks behind each row, and the seed of the first.

    Raises
    ------
    LabError
        If there is no such variant.
    """
    if variant not in (None, *PARTS):
        reason = f"a variant is one of {', '.join(PARTS)}, not {variant!r}"
        raise LabError(reason)
    kept_s = expire_s or (60.0 if carrier == "virtual" else 12.0)
    siege = Siege(
        nodes=nodes, attackers=attackers, machines=machines, value=value.encode(),
        loss=loss, carrier=carrier, processes=processes, expire_s=kept_s,
    )  # fmt: skip
    parts = {"siege": _siege, "switches": _switches, "grinding": _grinding}
    for name, part in parts.items():
        for one in [k] if isinstance(k, int) else k:
            if variant in (None, name):
                yield from part(siege, range(seed, seed + runs), one)
    if variant in (None, "amplification"):
        yield from _amplification(seed, carrier)


def _siege(siege: Siege, seeds: Iterable[int], k: int) -> Iterator[Row]:
    who = f"{siege.attackers} Eclipses on {siege.machines} machines, k = {k}"
    off = [phases(seed, siege, k=k) for seed in seeds]
    yield from _phases(f"{who}, defenses off", off, AT_MOST_TENTH, 0.0)
    on = [phases(seed, siege, k=k, **DEFENSES) for seed in seeds]
    setting = f"{who}, defenses on"
    yield from _phases(setting, on, AT_LEAST_95, 1.0)
    ratios = [
        defended[DURING].asked / max(1.0, plain[BEFORE].asked)
        for plain, defended in zip(off, on, strict=True)
    ]
    what = "asked, of honest"
    yield row(setting, what, ratios, 1.0, CLAIM, AT_MOST_HALF_MORE)


def _phases(
    setting: str, found: list[dict[str, Sample]], gate: Gate, claim: float
) -> Iterator[Row]:
    for phase in (BEFORE, DURING, AFTER):
        some = [one[phase] for one in found]
        is_during = phase == DURING
        claimed = claim if is_during else 1.0
        judged = gate if is_during else AT_LEAST_95
        reads, asked = [one.success for one in some], [one.asked for one in some]
        yield row(setting, f"reads {phase}", reads, claimed, CLAIM, judged)
        shares = [one.contamination for one in some]
        yield row(setting, f"contamination {phase}", shares)
        yield row(setting, f"asked a read {phase}", asked)


def _switches(siege: Siege, seeds: Iterable[int], k: int) -> Iterator[Row]:
    for name, switch in ALONE.items():
        found = [phases(seed, siege, k=k, **switch)[DURING] for seed in seeds]
        setting = f"{name} alone, k = {k}"
        yield row(setting, "reads during", [one.success for one in found])
        yield row(setting, "contamination", [one.contamination for one in found])


def _grinding(siege: Siege, seeds: Iterable[int], k: int) -> Iterator[Row]:
    """Compare a siege under BEP 42 with what one place in eight for each comes to."""
    expected = siege.attackers / (siege.attackers + siege.nodes / 8)
    found = [phases(seed, siege, k=k, bep42="enforce")[DURING] for seed in seeds]
    setting = f"{siege.attackers} addresses under BEP 42, k = {k}"
    shares = [one.contamination for one in found]
    yield row(setting, "contamination", shares, expected, BEP42, FIFTH)


def _amplification(seed: int, carrier: str) -> Iterator[Row]:
    for setting, found in (
        ("amplification, IP level", kademlia_levers(seed, carrier)),
        ("amplification, others", other_levers(seed, carrier)),
    ):
        for one in found:
            yield row(setting, f"{one.protocol} {one.query}", [one.ip_factor])
    restrained: list[Lever] = kademlia_levers(seed, carrier, **RESTRAINED)
    for one in restrained:
        setting = "amplification, restrained"
        what = f"{one.protocol} {one.query}"
        yield row(setting, what, [one.ip_factor], 1.0, CLAIM, LESS)
