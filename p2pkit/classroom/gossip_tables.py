"""The tables of Demers et al. and of those after them, measured again.

`rows` is what ``p2pkit bench gossip`` prints. A variant is named by words, such as
``push-feedback-counter``; what the papers have no value for is run all the same, and
compared with a closed form where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import e, exp, log, log2, sqrt
from typing import Any

from p2pkit.classroom.epidemics import averaging, end_game, naive, rumor
from p2pkit.classroom.published import Gate, Row, rounding, row
from p2pkit.core import LabError
from p2pkit.observe.epidemic import Epidemic

DEMERS = "Demers et al. 1987"
SITES = 1000
"""Sites in the tables of Demers et al."""

TABLES: dict[str, dict[int, tuple[str, str, str]]] = {
    "push-feedback-counter": {
        1: ("0.18", "1.7", "16.8"),
        2: ("0.037", "3.3", "16.9"),
        3: ("0.011", "4.5", "17.4"),
        4: ("0.0036", "5.6", "17.5"),
        5: ("0.0012", "6.7", "17.7"),
    },
    "push-blind-coin": {
        1: ("0.96", "0.04", "38"),
        2: ("0.20", "1.6", "33"),
        3: ("0.060", "2.8", "32"),
        4: ("0.021", "3.9", "32"),
        5: ("0.008", "4.9", "32"),
    },
    "pull-feedback-counter": {
        1: ("3.1e-2", "2.7", "17.6"),
        2: ("5.8e-4", "4.5", "15.4"),
        3: ("4e-6", "6.1", "14.0"),
    },
}
"""Tables 1 to 3: residue s, traffic m and t_last for each k, as printed."""

QUANTITIES = ("residue s", "traffic m", "t_last")
WORDS: dict[str, dict[str, Any]] = {
    "push": {"mode": "push"},
    "pull": {"mode": "pull"},
    "pushpull": {"mode": "push-pull"},
    "feedback": {"feedback": True},
    "blind": {"feedback": False},
    "counter": {"forget": "counter"},
    "coin": {"forget": "coin"},
    "noreset": {"reset": False},
    "inturn": {"stagger": 1.0, "synchronous": False},
}
"""What each word of a variant sets."""

OTHERS = ("rounds", "endgame", "averaging", "naive")
SHARE, MEETING, EXTRA = Gate(0.1, 0.1), Gate(0.05, 0.05), Gate(0.0, 1.5, False)
NEVER_SEEN = 3.0
"""What was not seen in n cases has a chance below 3 / n, 95 times of 100."""


def rows(
    variant: str | None = None,
    sites: int | None = None,
    k: int | Sequence[int] | None = None,
    runs: int = 20,
    seed: int = 1,
) -> Iterator[Row]:
    """Measure, and yield a row a quantity, as soon as it is known.

    Parameters
    ----------
    variant : str, optional
        A variant of rumor mongering in words, such as ``pull-blind-counter``: push,
        pull or push-pull; feedback or blind; counter or coin; noreset; inturn, for
        sites that act one after the other and answer by what they know now. Or one of
        ``rounds``, ``endgame``, ``averaging`` and ``naive``. All of the published ones
        if not given.
    sites : int, optional
        How many; those of the papers if not given.
    k : int or sequence of int, optional
        The counter's limit or the coin's odds; those of the tables if not given.
    runs, seed : int
        Runs behind each value, at least 2, and the first one's seed.

    Raises
    ------
    LabError
        If a variant has a word that means nothing.
    """
    if runs < 2:
        reason = "a mean needs at least 2 runs, or nothing is known of its error"
        raise LabError(reason)
    seeds = range(seed, seed + runs)
    ks = (k,) if isinstance(k, int) else k
    for name in [*TABLES, *OTHERS] if variant is None else [variant]:
        if name in OTHERS:
            yield from _OTHERS[name](sites, seeds)
        else:
            yield from mongering(name, sites or SITES, ks, seeds)


def mongering(
    variant: str, sites: int, ks: Iterable[int] | None, seeds: Sequence[int]
) -> Iterator[Row]:
    """Yield residue, traffic and rounds of a variant of rumor mongering."""
    settings = settings_of(variant)
    printed = TABLES.get(variant, {}) if sites == SITES else {}
    for k in ks or TABLES.get(variant) or (1, 2, 3):
        what = f"{variant}, k = {k}, {sites:,} sites"
        runs = [rumor(seed, sites, k=k, **settings) for seed in seeds]
        yield from paper_rows(what, runs, printed.get(k))
        yield from _closed_forms(what, runs, settings, k)


def settings_of(variant: str) -> dict[str, Any]:
    """Return the settings of rumor mongering that a variant's words mean.

    Examples
    --------
    >>> settings_of("push-pull-blind")
    {'mode': 'push-pull', 'feedback': False}
    """
    words = variant.replace("push-pull", "pushpull").split("-")
    unknown = [word for word in words if word not in WORDS]
    if unknown:
        reason = (
            f"{unknown[0]!r} is no word for a variant. Join words with hyphens, as in "
            f"push-feedback-counter: there are {', '.join(WORDS)}. Or name one of "
            f"{', '.join(OTHERS)}"
        )
        raise LabError(reason)
    return {name: it for word in words for name, it in WORDS[word].items()}


def paper_rows(
    what: str, runs: Sequence[Epidemic], printed: tuple[str, str, str] | None
) -> Iterator[Row]:
    """Yield what runs gave beside what was printed, if anything was, and t_ave.

    The recalled t_ave of tables 1 and 2 lies some rounds above what any run gives, so
    it is not judged.
    """
    values = (
        [one.residue for one in runs],
        [one.traffic for one in runs],
        [float(one.last_rounds) for one in runs],
    )
    least = NEVER_SEEN / (runs[0].sites * len(runs))
    for place, (quantity, found) in enumerate(zip(QUANTITIES, values, strict=True)):
        floor = least if place == 0 else 0.0
        if printed is None:
            yield row(what, quantity, found, floor=floor)
            continue
        text = printed[place]
        gate = Gate(0.1, 0.1, grain=rounding(text))
        yield row(what, quantity, found, float(text), DEMERS, gate, floor)
    yield row(what, "t_ave", [one.mean_rounds for one in runs])


def _closed_forms(
    what: str, runs: Sequence[Epidemic], settings: dict[str, Any], k: int
) -> Iterator[Row]:
    if settings.get("mode", "push") != "push":
        return
    residues = [one.residue for one in runs]
    least = NEVER_SEEN / (runs[0].sites * len(runs))
    law = exp(-sum(one.traffic for one in runs) / len(runs))
    source = "s = exp(-m), with the m of these runs"
    yield row(what, "residue s", residues, law, source, SHARE, least)
    in_turn = settings.get("stagger") and settings.get("reset") is False
    if in_turn and settings.get("feedback", True):
        source = "s = exp(-(k + 1)(1 - s))"
        yield row(what, "residue s", residues, residue_of(k + 1), source, SHARE, least)


def _rounds(sites: int | None, seeds: Sequence[int]) -> Iterator[Row]:
    """Yield the rounds until all know, if nobody ever loses interest."""
    for mode, source in (
        ("push", "log2 n + ln n (Pittel 1987)"),
        ("push-pull", "log3 n + ln ln n (Karp et al. 2000)"),
    ):
        for n in (sites,) if sites else (64, 256, 1024, 4096):
            law = log2(n) + log(n) if mode == "push" else log(n, 3) + log(log(n))
            ended = [
                rumor(seed, n, mode=mode, feedback=False, forget="never")
                for seed in seeds
            ]
            found = [float(one.last_rounds) for one in ended]
            what = f"{mode} without end, {n:,} sites"
            yield row(what, "rounds to all", found, law, source, EXTRA)


def _endgame(sites: int | None, seeds: Sequence[int]) -> Iterator[Row]:
    """Yield what one round leaves of the few that are unaware."""
    n, share = sites or 4 * SITES, 0.05
    laws = {"pull": (share**2, "p^2"), "push": (share / e, "p / e")}
    for mode, (law, source) in laws.items():
        found = [end_game(seed, n, share, mode) for seed in seeds]
        what = f"{mode}, a share of p = {share:g} unaware, {n:,} sites"
        yield row(what, "unaware next", found, law, source, SHARE)


def _averaging(sites: int | None, seeds: Sequence[int]) -> Iterator[Row]:
    """Yield the factor by which the variance shrinks in a cycle."""
    n, cycles = sites or SITES, 5
    forms = {
        "matching": (1 / 4, "1/4"),
        "random": (1 / e, "1/e"),
        "sequential": (1 / (2 * sqrt(e)), "1 / (2 sqrt e)"),
    }
    for pairing, (form, source) in forms.items():
        found = []
        for seed in seeds:
            before, *_, after = averaging(seed, n, pairing, cycles)
            found.append((after / before) ** (1 / cycles))
        what = f"averaging, {pairing}, {n:,} nodes, {cycles} cycles"
        source = f"{source} (Jelasity et al. 2005)"
        yield row(what, "variance factor", found, form, source, MEETING)


def _naive(sites: int | None, seeds: Sequence[int]) -> Iterator[Row]:
    """Yield the residue of naive gossip, and how often it dies at once."""
    n = sites or SITES
    for tellings in (2.0, 3.0, 4.0):
        law = residue_of(tellings)
        ended = [naive(seed, n, tellings) for seed in seeds]
        what = f"naive, {tellings:g} tellings a site, {n:,} sites"
        big = [one.residue for one in ended if one.coverage > 0.5]
        if big:
            source = "s = exp(-c (1 - s))"
            yield row(what, "residue if it spreads", big, law, source, SHARE)
        died = [float(one.coverage <= 0.5) for one in ended]
        yield row(what, "dies at once", died, law, "the same, as odds")


_OTHERS = {
    "rounds": _rounds,
    "endgame": _endgame,
    "averaging": _averaging,
    "naive": _naive,
}


def residue_of(c: float) -> float:
    """Return the least root of s = exp(-c (1 - s)).

    It is the share of sites outside the giant component of a random graph with c links
    from each, and what Demers et al. derive for push with feedback, with c = k + 1.

    Examples
    --------
    >>> round(residue_of(2), 3)
    0.203
    """
    residue = 0.0
    for _ in range(1000):
        residue = exp(-c * (1 - residue))
    return residue
