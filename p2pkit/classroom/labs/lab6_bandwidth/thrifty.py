"""Checks 5.1 to 5.4: a protocol that says less, and is understood as well."""

from __future__ import annotations

from collections.abc import Iterator

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab6_bandwidth.wire import (
    HEADER_BYTES,
    SPEC,
    Config,
    Readings,
    wire_bytes,
)
from p2pkit.core import topologies
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link
from p2pkit.harness import (
    Act,
    Bands,
    Chart,
    Curve,
    Finding,
    Run,
    Scenario,
    Subject,
    Verdict,
    ask,
    play_on_sockets,
    play_whole,
    require_whole,
    seeds_of,
    try_often,
)

FIRST_S, LAST_S, LASTS_S = 2.0, 30.0, 40.0
"""When the first and the last values are measured, and when a run ends."""

CHANGES = 20
"""Values that are measured in a run, one station after the other."""

SOON_S = 1.0
"""Within which everybody should have a new value where nothing is lost. Told on at
once it takes some 30 ms; told once a period, several periods."""

BANDS = Bands(((1.1, 1.0), (1.4, 0.6), (2.5, 0.3)), floor=0.3)
DIGEST_BYTES = HEADER_BYTES + 31
READING_BYTES = HEADER_BYTES + 49
"""A datagram with a digest, and one with a new reading, to a byte or two."""

LOSSY_S = 20.0
"""Seconds after the last value within which everybody must have it in spite of loss:
the reference took 3.8 s at most in 150 runs with a fifth of all datagrams lost, and
11.8 s with three tenths."""

ODDS = 0.5
SOCKETS, SOCKETS_S = 8, 6.0


def delivers(subject: Subject, case: Case) -> Verdict:
    """Judge whether every value reaches every station, and soon."""
    thrifty = subject.protocol("Thrifty", SPEC)
    runs = [play_whole(thrifty, scenario_of(case, s)) for s in _seeds(case)]
    arrived, late = [], []
    for run in runs:
        for delay_s in delays(run):
            arrived.append(delay_s is not None)
            late.append(delay_s is None or delay_s > SOON_S)
    honest = [_says_so(run) for run in runs]
    all_there = all(arrived)
    findings = (
        Finding(
            "every value reaches every station", 1.0 if all_there else 0.0,
            f"{len(arrived):,} arrivals in {len(runs)} runs",
            f"{sum(arrived):,}", "whom do you tell what changed?", 2.0,
        ),
        Finding(
            f"and within {SOON_S:g} s, where nothing is lost",
            1.0 if all_there and not any(late) else 0.0,
            "all of them", f"{late.count(False):,} of {len(late):,}",
            "tell what is new at once, to all but the one that told you",
        ),
        ask(
            "holds(station) is the newest value at every station",
            bool(arrived) and all(honest), "in each run",
            f"in {sum(honest)} of {len(runs)} runs",
            "keep self.board as Chatty does, with take_in",
        ),
    )  # fmt: skip
    last = runs[-1]
    chart = Chart(
        "Bytes on the wire in the last run", "seconds of the run", "kilobytes so far",
        (Curve("yours", spent(last)),),
    )  # fmt: skip
    return Verdict(findings, last.scenario.seed, last.last_events(), (chart,))


def costs(subject: Subject, case: Case) -> Verdict:
    """Judge the bytes on the wire, headers included."""
    thrifty = subject.protocol("Thrifty", SPEC)
    runs = [play_whole(thrifty, scenario_of(case, s)) for s in _seeds(case)]
    wire = sum(wire_bytes(run) for run in runs) / len(runs)
    reference = law(case)
    there = all(delay is not None for run in runs for delay in delays(run))
    finding = Finding(
        "it takes as many bytes as it must: each change flooded, a digest a period",
        BANDS.share(wire, reference) if there else 0.0,
        BANDS.says(reference, "bytes"),
        f"{wire:,.0f} bytes a run" if there else "values do not arrive",
        "what is in most of your datagrams? Headers of 42 bytes count as well",
    )
    last = runs[-1]
    return Verdict((finding,), last.scenario.seed, last.last_events())


def law(case: Case) -> float:
    """Return the bytes of a run by the law that the reference follows.

    A change floods a graph of n stations and e links: 2e - n + 1 datagrams. Beside
    that, each station sends one digest a period. The reference solution takes 0.99
    to 1.01 times as much, at 12 to 40 stations with 3 to 8 peers, in 150 runs.
    """
    nodes: int = case["nodes"]
    degree: int = case["degree"]
    flood = nodes * degree - nodes + 1
    periods = LASTS_S / Config().period_s
    return CHANGES * flood * READING_BYTES + nodes * periods * DIGEST_BYTES


def survives_loss(subject: Subject, case: Case) -> Verdict:
    """Judge whether everything arrives although datagrams get lost."""
    thrifty = subject.protocol("Thrifty", SPEC)
    runs: list[Run] = []

    def all_arrive(seed: int) -> bool:
        link = Link(latency=Constant(0.01), loss=case["loss"])
        scenario = scenario_of(case, seed).but(link=link, lasts_s=LAST_S + LOSSY_S)
        runs.append(play_whole(thrifty, scenario, _is_complete))
        return _is_complete(runs[-1])

    rate = try_often(all_arrive, seeds_of(case.seed, case["runs"]), ODDS)
    last = runs[-1]
    finding = ask(
        f"with {case['loss']:.0%} of all datagrams lost everybody has every last value",
        rate.is_enough, f"{rate.needed} of {rate.planned} runs", rate,
        "who compares now and then makes good what got lost: Digest, then Versions",
    )  # fmt: skip
    return Verdict((finding,), last.scenario.seed, last.last_events())


def runs_on_sockets(subject: Subject, case: Case) -> Verdict:
    """Judge a short run on real sockets."""
    thrifty = subject.protocol("Thrifty", SPEC)
    scenario = Scenario(
        nodes=SOCKETS, seed=case.seed, config=Config(period_s=0.2),
        links=topologies.regular(SOCKETS, 4, case.seed), lasts_s=SOCKETS_S,
        acts=tuple(Act(0.1, n, "measure", (n, b"%d knots" % n)) for n in range(3)),
        link=Link(latency=Constant(0.002), loss=0.1), most_messages=20_000,
    )  # fmt: skip
    run = play_on_sockets(thrifty, scenario, _is_complete)
    require_whole(run)
    arrived = [delay is not None for delay in delays(run)]
    finding = ask(
        "three values reach everybody over UDP, with a tenth of all datagrams lost",
        bool(arrived) and all(arrived),
        f"{len(arrived)} arrivals within {SOCKETS_S:g} s", sum(arrived),
        "it works in virtual time: does it ask the context alone for time and chance?",
    )  # fmt: skip
    return Verdict((finding,), case.seed, run.last_events())


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's own class with the student's own seed."""
    thrifty = subject.protocol("Thrifty", SPEC)
    return play_whole(thrifty, scenario_of(case, case["seed"]))


def scenario_of(case: Case, seed: int) -> Scenario:
    """Return a run in which stations measure one after the other, some twice."""
    nodes = case["nodes"]
    step_s = (LAST_S - FIRST_S) / (CHANGES - 1)
    acts, wind = [], seeded(seed, "wind")
    for number in range(CHANGES):
        station = number * 7 % nodes
        # Who has heard one value can tell no other one before it is measured.
        value = b"%02d: %04d hPa, wind %03d" % (
            station, wind.randrange(9000), wind.randrange(1000),
        )  # fmt: skip
        acts.append(
            Act(FIRST_S + number * step_s, station, "measure", (station, value))
        )
    return Scenario(
        nodes=nodes, seed=seed, config=Config(), acts=tuple(acts), lasts_s=LASTS_S,
        links=topologies.regular(nodes, case["degree"], seed),
        most_messages=nodes * case["degree"] * 400,
    )  # fmt: skip


def delays(run: Run) -> Iterator[float | None]:
    """Yield how long each value took to each other station; None if it never came.

    Only the last value of each station counts: older ones may be skipped.
    """
    heard: dict[tuple[str, int, bytes], float] = {}
    for entry in run.journal.of("heard", Readings):
        for station, _, value in entry.message.items:
            heard.setdefault((entry.node, station, value), entry.at_s)
    for station, (at_s, value) in _newest(run).items():
        for number, name in enumerate(run.names):
            if number != station:
                came_s = heard.get((name, station, value))
                yield None if came_s is None else came_s - at_s


def spent(run: Run) -> tuple[tuple[float, float], ...]:
    """Return the kilobytes on the wire so far, a point for each second."""
    total, points = 0, [(0.0, 0.0)]
    for entry in run.journal.of("sent"):
        total += len(entry.data) + HEADER_BYTES
        if entry.at_s - points[-1][0] >= 1.0:
            points.append((entry.at_s, total / 1000))
    return tuple(points)


def _newest(run: Run) -> dict[int, tuple[float, bytes]]:
    return {one.node: (one.at_s, one.args[1]) for one in run.scenario.acts}


def _is_complete(run: Run) -> bool:
    if run.journal.now() < max(act.at_s for act in run.scenario.acts):
        return False
    return all(delay is not None for delay in delays(run))


def _says_so(run: Run) -> bool:
    return all(
        run.ask(number, "holds", station) == value
        for station, (_, value) in _newest(run).items()
        for number in range(run.scenario.nodes)
    )


def _seeds(case: Case) -> list[int]:
    return list(seeds_of(case.seed, case["runs"]))
