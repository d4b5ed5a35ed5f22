"""The numbers of Vivaldi, measured again on networks whose round trips are known.

`rows` is what ``p2pkit bench vivaldi`` prints. serf's own tests hold its coordinates
against five such truths, with one seed each; the limits were set so that this seed
passes, and other seeds often do not. So the median of many seeds is judged here, and it
may be half as much again. The truths are functions, for any size and any round trips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, cycle
from math import cos, dist, hypot, inf, isqrt, pi, sin, sqrt
from statistics import fmean, median
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from p2pkit.classroom.published import Gate, Row, row
from p2pkit.core import LabError, Rng
from p2pkit.core.driver import seeded
from p2pkit.protocols.vivaldi import Position, VivaldiConfig, distance_s
from p2pkit.protocols.vivaldi.coordinate import LEAST_S

Truth = list[list[float]]
"""Round trips in seconds from each node to each; the same both ways, 0 to itself."""

RUNS, CYCLES = 21, 1000
"""Of ``split``, a quarter of the runs ends otherwise than the rest: each site falls
into a point and leaves its round trips to the adjustments, which is wrong by twenty
times as much. Fewer runs, or an even number, would leave its median to chance."""

SLACK = 0.5
"""What the median may be above serf's limits, as a share of them."""


def truth(nodes: int, rtt_s: Callable[[int, int], float]) -> Truth:
    """Return the matrix of a function that is asked once for each two nodes."""
    matrix = [[0.0] * nodes for _ in range(nodes)]
    for i, j in combinations(range(nodes), 2):
        matrix[i][j] = matrix[j][i] = rtt_s(i, j)
    return matrix


def line(nodes: int, spacing_s: float) -> Truth:
    """Return nodes in a row.

    Examples
    --------
    >>> line(3, 0.5)
    [[0.0, 0.5, 1.0], [0.5, 0.0, 0.5], [1.0, 0.5, 0.0]]
    """
    return truth(nodes, lambda i, j: (j - i) * spacing_s)


def grid(nodes: int, spacing_s: float) -> Truth:
    """Return nodes on a square grid, row by row; the last row may be short."""
    side = max(isqrt(nodes), 1)
    places = [divmod(number, side) for number in range(nodes)]
    return truth(nodes, lambda i, j: dist(places[i], places[j]) * spacing_s)


def split(nodes: int, wan_s: float, lan_s: float) -> Truth:
    """Return two sites: `lan_s` to everybody, and `wan_s` more to the other site."""
    half = nodes // 2
    return truth(nodes, lambda i, j: lan_s + wan_s * ((i <= half) != (j <= half)))


def circle(nodes: int, radius_s: float) -> Truth:
    """Return a circle around a node that is as far again as it should be.

    The first node has `radius_s` to the circle and as much of a last mile of its own:
    no place in the plane fits, but a height does.
    """

    def rtt_s(i: int, j: int) -> float:
        if i == 0:
            return 2.0 * radius_s
        one, other = (2.0 * pi * number / nodes for number in (i, j))
        chord = hypot(cos(one) - cos(other), sin(one) - sin(other))
        return chord * radius_s

    return truth(nodes, rtt_s)


def random(nodes: int, mean_s: float, deviation_s: float, rng: Rng) -> Truth:
    """Return normally distributed round trips, which fit into no space at all."""
    return truth(nodes, lambda i, j: max(rng.gauss(mean_s, deviation_s), LEAST_S))


def diamond(nodes: int, side_s: float) -> Truth:
    """Return nodes at one distance, but those of even number farther apart."""
    return truth(
        nodes, lambda i, j: side_s * (sqrt(2.0) if i % 2 == j % 2 == 0 else 1.0)
    )


class Case(Struct, frozen=True):
    """A truth as serf measures it: sizes, seconds, and the limits of its errors."""

    make: Callable[[int, float, float, Rng], Truth]
    nodes: int
    far_s: float
    near_s: float = 0.0
    dimensions: int = 8
    mean_limit: float = inf
    max_limit: float = inf


CASES = {
    "line": Case(
        lambda n, far_s, _near_s, _rng: line(n, far_s),
        10, 0.01, mean_limit=0.0031, max_limit=0.013,
    ),
    "grid": Case(
        lambda n, far_s, _near_s, _rng: grid(n, far_s),
        25, 0.01, mean_limit=0.0016, max_limit=0.023,
    ),
    "split": Case(
        lambda n, far_s, near_s, _rng: split(n, far_s, near_s),
        25, 0.01, 0.001, mean_limit=0.00006, max_limit=0.00048,
    ),
    "circle": Case(
        lambda n, far_s, _near_s, _rng: circle(n, far_s),
        25, 0.1, dimensions=2, mean_limit=0.0028, max_limit=0.064,
    ),
    "random": Case(random, 25, 0.1, 0.01, mean_limit=0.075, max_limit=0.33),
}  # fmt: skip
"""serf's five: what is far, and near where that is another number, in seconds."""

AGAIN = {
    "line": 0.0023, "grid": 0.0012, "split": 0.000053, "circle": 0.0034,
    "random": 0.050,
}  # fmt: skip
"""Medians of the mean error over ten seeds, of another program of the same rules."""


def settle(
    matrix: Truth, cycles: int, config: VivaldiConfig, rng: Rng
) -> list[Position]:
    """Return nodes after `cycles`, in each of which everybody measures one other.

    As in serf: they do so in turn, and who draws itself sits out.
    """
    nodes = [Position(config, rng) for _ in matrix]
    run(nodes, matrix, cycles, rng)
    return nodes


def run(nodes: Sequence[Position], matrix: Truth, cycles: int, rng: Rng) -> None:
    """Let nodes measure for some more cycles."""
    for _ in range(cycles):
        for i, node in enumerate(nodes):
            j = rng.randrange(len(nodes))
            if j != i:
                node.observe(nodes[j].coordinate, matrix[i][j])


def errors(nodes: Sequence[Position], matrix: Truth) -> list[float]:
    """Return how wrong each pair's distance is, relative to its round trip."""
    found = []
    for i, j in combinations(range(len(nodes)), 2):
        told_s = distance_s(nodes[i].coordinate, nodes[j].coordinate)
        found.append(abs(told_s - matrix[i][j]) / matrix[i][j])
    return found


def rows(
    variant: str | None = None,
    nodes: int | None = None,
    cycles: int | None = None,
    far_s: float | None = None,
    near_s: float | None = None,
    dimensions: int | None = None,
    runs: int = RUNS,
    seed: int = 1,
) -> Iterator[Row]:
    """Measure, and yield a row a quantity, as soon as it is known.

    Parameters
    ----------
    variant : str, optional
        One of `VARIANTS`; all if not given.
    nodes, cycles : int, optional
        How many, and how often each measures; as published if not given.
    far_s, near_s : float, optional
        Spacing, radius, or mean in seconds; and what the sites of ``split`` have
        within, or the deviation of ``random``.
    dimensions : int, optional
        Of the space, beside the height.
    runs, seed : int
        Runs behind each median, and the first one's seed.

    Raises
    ------
    LabError
        If there is no such variant, or a number that makes no sense.
    """
    if variant is not None and variant not in VARIANTS:
        reason = f"no variant is called {variant!r}; there are {', '.join(VARIANTS)}"
        raise LabError(reason)
    given = (nodes, cycles, far_s, dimensions, runs)
    if any(number is not None and number <= 0 for number in given) or nodes == 1:
        reason = "errors need 2 nodes, and numbers above 0 of everything else"
        raise LabError(reason)
    asked = {"nodes": nodes, "far_s": far_s, "near_s": near_s, "dimensions": dimensions}
    changes = {name: value for name, value in asked.items() if value is not None}
    for name in [variant] if variant else VARIANTS:
        yield from VARIANTS[name](name, changes, cycles, range(seed, seed + runs))


def _case(
    name: str, changes: dict[str, Any], cycles: int | None, seeds: range
) -> Iterator[Row]:
    """Yield the errors on one of the five truths."""
    published, count = CASES[name], cycles or CYCLES
    case = replace(published, **changes)
    is_published = (case, count) == (published, CYCLES)
    found = [_settled(case, count, seed) for seed in seeds]
    all_errors = [errors(*one) for one in found]
    what = (
        f"{name}, {case.nodes} nodes in {case.dimensions}-D, {count} cycles, "
        f"median of {len(seeds)} runs"
    )
    means, worst = [fmean(one) for one in all_errors], [max(one) for one in all_errors]
    limits = (case.mean_limit, case.max_limit) if is_published else (None, None)
    for quantity, values, limit in zip(
        ("mean error", "largest error"), (means, worst), limits, strict=True
    ):
        yield _limited(what, quantity, median(values), limit)
    if is_published:
        source = "the same rules in another program, 10 seeds"
        yield row(what, "mean error again", [median(means)], AGAIN[name], source)
    if name == "circle":
        yield from _heights(what, [one for one, _ in found], case.far_s, is_published)


def _settled(case: Case, cycles: int, seed: int) -> tuple[list[Position], Truth]:
    rng = seeded(seed, "vivaldi")
    matrix = case.make(case.nodes, case.far_s, case.near_s, rng)
    config = VivaldiConfig.of(dimensions=case.dimensions)
    return settle(matrix, cycles, config, rng), matrix


def _limited(what: str, quantity: str, value: float, limit: float | None) -> Row:
    gate = None if limit is None else Gate(inf, SLACK * limit, is_share=False)
    source = "" if limit is None else "limit of serf's tests for one seed; 1.5 times it"
    return row(what, quantity, [value], limit, source, gate)


def _heights(
    what: str, settled: list[list[Position]], radius_s: float, is_published: bool
) -> Iterator[Row]:
    """Yield how high the node stands that fits nowhere, and how high the others do."""
    highest = [max(n.coordinate.height_s for n in one[1:]) for one in settled]
    middle = [one[0].coordinate.height_s for one in settled]
    missing = abs(1.0 - median(middle) / radius_s)
    limit = 0.03 if is_published else None
    yield _limited(what, "height missing", missing, limit)
    yield _limited(what, "height of others", median(highest) / radius_s, limit)


def _drift(
    name: str, changes: dict[str, Any], cycles: int | None, seeds: range
) -> Iterator[Row]:
    """Yield how far gravity brings the middle of all nodes back to the origin."""
    case = replace(DRIFT, **changes)
    count = cycles or DRIFT_CYCLES
    remains = [_drifted(case, count, seed) for seed in seeds]
    what = f"{name}, {case.nodes} nodes, {count} cycles, median of {len(seeds)} runs"
    if (case, count) == (DRIFT, DRIFT_CYCLES):
        limit, source, gate = 0.8, "serf's tests", Gate(inf, 0.0, is_share=False)
        yield row(what, "share that remains", [median(remains)], limit, source, gate)
    else:
        yield row(what, "share that remains", [median(remains)])


def _drifted(case: Case, cycles: int, seed: int) -> float:
    """Return what is left of the way to the origin, of nodes that begin beside it."""
    rng = seeded(seed, "vivaldi")
    matrix = case.make(case.nodes, case.far_s, case.near_s, rng)
    config = VivaldiConfig.of(dimensions=case.dimensions)
    nodes = [Position(config, rng) for _ in matrix]
    for node, place in zip(nodes, cycle(CORNERS), strict=False):
        padded = (*place, *[0.0] * case.dimensions)[: case.dimensions]
        vector = tuple([case.far_s * part for part in padded])
        node.coordinate = replace(node.coordinate, vector=vector)
    run(nodes, matrix, CYCLES, rng)
    before_s = _off_center_s(nodes)
    run(nodes, matrix, cycles, rng)
    return _off_center_s(nodes) / before_s


def _off_center_s(nodes: Sequence[Position]) -> float:
    """Return how far the middle of what the nodes span is from the origin."""
    axes = zip(*(node.coordinate.vector for node in nodes), strict=True)
    return sqrt(sum(((min(axis) + max(axis)) / 2.0) ** 2 for axis in axes))


DRIFT = Case(lambda n, far_s, _near_s, _rng: diamond(n, far_s), 4, 0.5, dimensions=2)
DRIFT_CYCLES = 10_000
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 1.0))
"""Where nodes begin whose drift is measured; the last two, as in serf, in one place."""

VARIANTS: dict[str, Callable[..., Iterator[Row]]] = {
    **dict.fromkeys(CASES, _case),
    "drift": _drift,
}
"""What ``--variant`` may name."""
