"""The numbers of SWIM, memberlist and Lifeguard, measured again.

`rows` is what ``p2pkit bench swim`` prints. Each variant is one quantity that a paper
or a closed form has a value for, at any size, loss and number of helpers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil, e, inf, log, log10
from statistics import fmean
from typing import Any

from p2pkit.classroom import swim_experiments as swim
from p2pkit.classroom.published import Gate, Row, row
from p2pkit.core import LabError
from p2pkit.protocols.swim import SwimConfig
from p2pkit.protocols.swim.dissemination import Queue, retransmits
from p2pkit.protocols.swim.messages import Dead
from p2pkit.protocols.swim.suspicion import Suspicion

TENTH, FIFTH = Gate(0.1, 0.1), Gate(0.2, 0.2)
EXACT, PERIOD = Gate(0.0, 0.0, grain=1e-6), Gate(1.0, 1.0, is_share=False)
AT_MOST, AT_LEAST = Gate(inf, 0.0, is_share=False), Gate(0.0, inf, is_share=False)
MEASURES = ("local_health", "confirmations", "buddy")
PATIENT: dict[str, Any] = {"hearsay": True, "suspicion_mult": 5}
"""As in the paper on Lifeguard: its alpha is 5, and its beta 6."""

ALARMS, LEAST_PERIODS, MOST_PERIODS = 240, 60, 4000
"""False alarms to be expected in all runs together, and periods of one run: not so few
that the last period's probes, which are not over yet, count for much."""

NEVER_SEEN = 3.0
"""What was not seen in n cases has a chance below 3 / n, 95 times of 100."""

PRESETS: dict[str, dict[str, float]] = {
    "lan": {
        "probe_s": 1.0, "answer_s": 0.5, "helpers": 3, "gossip_s": 0.2,
        "gossip_nodes": 3, "push_pull_s": 30.0, "suspicion_mult": 4,
        "suspicion_max_mult": 6, "retransmit_mult": 4,
    },
    "wan": {
        "probe_s": 5.0, "answer_s": 3.0, "gossip_s": 0.5, "gossip_nodes": 4,
        "push_pull_s": 60.0, "suspicion_mult": 6,
    },
}  # fmt: skip
"""memberlist's settings for one site, and for sites far apart where they differ."""

Asked = Mapping[str, Any]


def rows(
    variant: str | None = None,
    sites: int | Sequence[int] | None = None,
    k: int | Sequence[int] | None = None,
    loss: float | Sequence[float] | None = None,
    runs: int | None = None,
    seed: int = 1,
) -> Iterator[Row]:
    """Measure, and yield a row a quantity, as soon as it is known.

    Parameters
    ----------
    variant : str, optional
        One of `VARIANTS`; all if not given.
    sites : int or sequence of int, optional
        Members; those of the published rows if not given.
    k : int or sequence of int, optional
        Helpers that ping for another, the paper's k; for ``confirmations`` how many
        are needed.
    loss : float or sequence of float, optional
        Odds that a datagram is lost, for ``false-alarms``.
    runs, seed : int
        Runs behind each value, at least 2, and the first one's seed. Of detections,
        how many deaths.

    Raises
    ------
    LabError
        If there is no such variant, or a number that makes no sense.
    """
    if runs is not None and runs < 2:
        reason = "a mean needs at least 2 runs, or nothing is known of its error"
        raise LabError(reason)
    if variant is not None and variant not in VARIANTS:
        reason = f"no variant is called {variant!r}; there are {', '.join(VARIANTS)}"
        raise LabError(reason)
    wanted = {"sites": several(sites), "k": several(k), "loss": several(loss)}
    asked = {**wanted, "runs": runs, "seed": seed}
    for name in [variant] if variant else VARIANTS:
        yield from VARIANTS[name](asked)


def first_detection(asked: Asked) -> Iterator[Row]:
    """Yield the periods until somebody notices a death; the published gate."""
    deaths = asked["runs"] or 400
    for n in asked["sites"] or (8, 32, 128, 256):
        law = 1 / (1 - (1 - 1 / (n - 1)) ** (n - 1)) if n > 2 else 1.0
        waited = swim.first_detection(n, deaths, asked["seed"])
        what = f"first detection, {n} members, {deaths} deaths"
        source = "1 / (1 - (1 - 1/(n-1))^(n-1)), to e / (e - 1) = 1.582"
        yield row(what, "periods", waited, law, source, TENTH)


def in_turn(asked: Asked) -> Iterator[Row]:
    """Yield the longest time that probing in turn takes."""
    deaths = asked["runs"] or 200
    for n in asked["sites"] or (8, 32):
        waited = swim.first_detection(n, deaths, asked["seed"], round_robin=True)
        what = f"first detection in turn, {n} members, {deaths} deaths"
        bound, source = float(2 * n - 1), "2n - 1 (Das et al. 2002)"
        yield row(what, "most periods", [max(waited)], bound, source, AT_MOST)
        law = e / (e - 1)
        yield row(what, "periods", waited, law, "e / (e - 1) at random")


def false_alarms(asked: Asked) -> Iterator[Row]:
    """Yield how often a living member is taken for dead; the published gate."""
    runs = asked["runs"] or 4
    for n in asked["sites"] or (32,):
        for loss in asked["loss"] or (0.05, 0.10):
            for k in asked["k"] or (0, 1, 3):
                yield _false_alarms(n, loss, k, runs, asked["seed"])


def _false_alarms(n: int, loss: float, k: int, runs: int, seed: int) -> Row:
    law = swim.expected_false_alarms(loss, k)
    scale = e / (e - 1)
    wanted = ceil(ALARMS / (runs * n * law / scale)) if law else MOST_PERIODS
    periods = max(LEAST_PERIODS, min(wanted, MOST_PERIODS))
    found = [swim.false_alarms(n, loss, k, periods, seed + run) for run in range(runs)]
    what = f"false alarms, {n} members, loss {loss:g}, K = {k}, {periods} periods"
    source = "(1 - q^2)(1 - q^4)^K e/(e-1)"
    least = NEVER_SEEN / (n * periods * runs) * scale
    return row(what, "per member and period", found, law, source, FIFTH, least)


def load(asked: Asked) -> Iterator[Row]:
    """Yield what a member sends, and how that grows with the cluster."""
    runs, sizes = asked["runs"] or 3, asked["sites"] or (8, 32, 128)
    seeds = range(asked["seed"], asked["seed"] + runs)
    sent = {n: [swim.load(n, 30, seed) for seed in seeds] for n in sizes}
    for n, found in sent.items():
        what = f"load without failures, {n} members"
        yield row(what, "messages a period", found, 2.0, "2 to 3 (Das et al. 2002)")
    if len(sizes) > 1:
        growths = [
            many / few - 1
            for few, many in zip(sent[min(sizes)], sent[max(sizes)], strict=True)
        ]
        what = f"load without failures, {min(sizes)} to {max(sizes)} members"
        gate = Gate(0.05, 0.05, is_share=False)
        yield row(what, "growth", growths, 0.0, "none (Das et al. 2002)", gate)


def suspicion(asked: Asked) -> Iterator[Row]:
    """Yield how long a suspicion lasts before a member is buried."""
    runs, config = asked["runs"] or 3, SwimConfig()
    seeds = range(asked["seed"], asked["seed"] + runs)
    for n in asked["sites"] or (3, 10, 100):
        deaths = [swim.death(n, seed, **swim.PAPER) for seed in seeds]
        lasted = [one["dead_s"] - one["suspected_s"] for one in deaths]
        law = config.suspicion_mult * max(1.0, log10(n)) * config.probe_s
        source = "mult * max(1, log10 n) * period (memberlist)"
        yield row(f"suspicion, {n} members", "seconds", lasted, law, source, PERIOD)


def confirmations(asked: Asked) -> Iterator[Row]:
    """Yield how Lifeguard's suspicion shrinks with each that confirms it."""
    for needed in asked["k"] or (2, 3):
        config = SwimConfig(suspicion_mult=needed + 2)
        least_s = (needed + 2) * config.probe_s
        most_s = least_s * config.suspicion_max_mult
        for confirmed in range(needed + 1):
            law = most_s - (most_s - least_s) * log(confirmed + 1) / log(needed + 1)
            lasted = [_lasted_s(config, confirmed, asked["seed"])]
            what = f"suspicion, {confirmed} of {needed} confirmations, 10 members"
            source = "max - (max - min) ln(C + 1) / ln(K + 1) (Lifeguard)"
            yield row(what, "seconds", lasted, law, source, EXACT)


def _lasted_s(config: SwimConfig, confirmed: int, seed: int) -> float:
    """Return how long a suspicion lasts that others confirm at once."""
    group, ended = swim.Group(2, seed), []
    ctx = group.nodes[0].protocol.ctx
    one = Suspicion(ctx, config, 10, "first", lambda: ended.append(ctx.now()))
    for number in range(confirmed):
        one.confirm(f"other {number}")
    group.advance(2 * one.most_s)
    (ended_s,) = ended
    lasted_s: float = ended_s - one.began_s
    return lasted_s


def copies(asked: Asked) -> Iterator[Row]:
    """Yield how often one member sends a claim before it forgets it."""
    mult = SwimConfig().retransmit_mult
    for n in asked["sites"] or (9, 10, 99, 100):
        queue, sent = Queue(), 0
        queue.put(Dead(1, "gone", "other"))
        while queue.take(1400, retransmits(mult, n)):
            sent += 1
        law = float(mult * ceil(log10(n + 1)))
        source = "mult * ceil(log10(n + 1)) (memberlist)"
        yield row(f"dissemination, {n} members", "copies", [sent], law, source, EXACT)


def spread(asked: Asked) -> Iterator[Row]:
    """Yield how many hear of a death if claims travel on probes alone.

    memberlist counts digits where the paper has a natural logarithm: copies by the
    digit are 1 / ln 10 of the paper's lambda each.
    """
    runs = asked["runs"] or 5
    lam = SwimConfig().retransmit_mult / log(10)
    for n in asked["sites"] or (64,):
        shares = [
            swim.death(n, seed, **(swim.PAPER | {"gossip_s": 0.0}))["share"]
            for seed in range(asked["seed"], asked["seed"] + runs)
        ]
        law, source = 1 - n ** -(2 * lam - 2), "all but n^-(2 lambda - 2)"
        what = f"dissemination on probes alone, {n} members"
        yield row(what, "share that hears", shares, law, source, AT_LEAST)


def presets(asked: Asked) -> Iterator[Row]:
    """Yield memberlist's settings, and ours of the same name."""
    for name, published in PRESETS.items():
        ours = getattr(SwimConfig, name)()
        for field, value in published.items():
            found = [float(getattr(ours, field))]
            yield row(f"{name} preset", field, found, value, "memberlist", EXACT)


def lifeguard(asked: Asked) -> Iterator[Row]:
    """Yield the false deaths around slow members, with Lifeguard and without."""
    runs = asked["runs"] or 10
    without = dict.fromkeys(MEASURES, False)
    for n in asked["sites"] or (32,):
        slow = max(1, n // 8)
        found = [
            [
                float(swim.slow_members(n, slow, seed, **PATIENT, **off)["false"])
                for seed in range(asked["seed"], asked["seed"] + runs)
            ]
            for off in (without, {})
        ]
        what = f"Lifeguard, {n} members, {slow} slow, {runs} runs"
        yield row(what, "false deaths without", found[0])
        yield row(what, "false deaths with it", found[1])
        usual = max(fmean(found[0]), 1 / runs)
        remains = [one / usual for one in found[1]]
        gate = Gate(inf, 0.08, is_share=False)
        source = "> 50 times fewer (Lifeguard 2018); a tenth passes"
        yield row(what, "share that remains", remains, 0.02, source, gate)


def several(value: Any) -> Any:
    """Return an option as a sequence of values; None stays None."""
    return value if value is None or isinstance(value, Sequence) else (value,)


VARIANTS: dict[str, Callable[[Asked], Iterator[Row]]] = {
    "first-detection": first_detection,
    "in-turn": in_turn,
    "false-alarms": false_alarms,
    "load": load,
    "suspicion": suspicion,
    "confirmations": confirmations,
    "copies": copies,
    "spread": spread,
    "presets": presets,
    "lifeguard": lifeguard,
}
"""What ``--variant`` may name."""
