"""Measured beside published: rows with a gate, and the experiments that make them.

A gate says how far a measured value may lie from the published one. It is stated in
words beside each row, and what chance may do to a mean of few runs is added to it, so
few runs make a wide gate: `low` and `high` tell how wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import inf, sqrt
from statistics import fmean, stdev
from typing import Any

from p2pkit.core import LabError

EXPERIMENTS = {
    "gossip": "p2pkit.classroom.gossip_tables",
    "swim": "p2pkit.classroom.swim_tables",
    "broadcast": "p2pkit.classroom.broadcast_tables",
    "search": "p2pkit.classroom.search_tables",
    "vivaldi": "p2pkit.classroom.vivaldi_tables",
    "attacks": "p2pkit.classroom.attack_tables",
}
"""What the command line calls each experiment, and the module whose ``rows`` it is."""

ERRORS = 2.0
"""Standard errors on either side of a mean: 95 of 100 such intervals hold the truth."""


@dataclass(frozen=True)
class Gate:
    """How far from the published value a measured one may lie.

    Parameters
    ----------
    low, high : float
        What may be missing and what may be too much, as shares of the published
        value, or absolute.
    is_share : bool
        Which of the two.
    grain : float
        Half a unit of the last digit that was printed.

    Examples
    --------
    >>> print(Gate(0.1, 0.1, grain=0.005))
    +-10 % and rounding
    >>> print(Gate(0.0, 1.5, is_share=False), Gate(inf, 0.05, is_share=False))
    -0 to +1.5 at most +0.05
    """

    low: float
    high: float
    is_share: bool = True
    grain: float = 0.0

    def span(self, published: float) -> tuple[float, float]:
        """Return the least and the greatest value that pass."""
        scale = published if self.is_share else 1.0
        low = published - self.low * scale - self.grain
        return low, published + self.high * scale + self.grain

    def __str__(self) -> str:
        unit, factor = (" %", 100) if self.is_share else ("", 1)
        low, high = f"{self.low * factor:g}", f"{self.high * factor:g}"
        if inf in (self.low, self.high):
            return f"at most +{high}" if self.low == inf else f"at least -{low}"
        text = f"+-{high}{unit}" if low == high else f"-{low} to +{high}{unit}"
        return f"{text} and rounding" if self.grain else text


@dataclass(frozen=True)
class Row:
    """One quantity, as it was measured and as it was published.

    Parameters
    ----------
    setting : str
        What was run, in a few words.
    quantity : str
        What was measured.
    measured : float
        The mean over all runs.
    error : float
        Half the width of its 95 % confidence interval; 0 of a single run.
    published : float or None
        The published value, if there is one for this setting.
    source : str
        Where that stands; a closed form is a source too.
    gate : Gate or None
        How far the two may be apart; None if that is not judged.
    """

    setting: str
    quantity: str
    measured: float
    error: float
    published: float | None = None
    source: str = ""
    gate: Gate | None = None

    @property
    def low(self) -> float:
        """Lower end of the confidence interval."""
        return self.measured - self.error

    @property
    def high(self) -> float:
        """Upper end of the confidence interval."""
        return self.measured + self.error

    @property
    def ok(self) -> bool | None:
        """Whether the interval meets the gate; None where nothing is judged."""
        if self.published is None or self.gate is None:
            return None
        least, most = self.gate.span(self.published)
        return self.high >= least and self.low <= most


def row(
    setting: str,
    quantity: str,
    runs: Sequence[float],
    published: float | None = None,
    source: str = "",
    gate: Gate | None = None,
    floor: float = 0.0,
) -> Row:
    """Return the row of a quantity that was measured in several runs.

    Parameters
    ----------
    runs : sequence of float
        What each run gave, at least one.
    floor : float
        The least half width of the interval, for what was rarely or never seen.
    """
    spread = stdev(runs) if len(runs) > 1 else 0.0
    error = max(ERRORS * spread / sqrt(len(runs)), floor)
    return Row(setting, quantity, fmean(runs), error, published, source, gate)


def rounding(printed: str) -> float:
    """Return half a unit of the last digit of a printed number.

    Examples
    --------
    >>> rounding("0.18"), rounding("5.8e-4"), rounding("33")
    (0.005, 5e-06, 0.5)
    """
    digits, _, power = printed.partition("e")
    decimals = len(digits.partition(".")[2])
    return float(f"5e{int(power or 0) - decimals - 1}")


def experiment(name: str) -> Callable[..., Iterable[Row]]:
    """Return the function that makes the rows of an experiment.

    Raises
    ------
    LabError
        If there is none of that name.
    """
    if name not in EXPERIMENTS:
        reason = f"no experiment is called {name!r}; there are {', '.join(EXPERIMENTS)}"
        raise LabError(reason)
    rows: Callable[..., Iterable[Row]] = import_module(EXPERIMENTS[name]).rows
    return rows


def table(rows: Iterable[Row]) -> Any:
    """Return rows as a pandas table, for a notebook."""
    from p2pkit.observe.extras import load

    pandas = load("pandas", "view")
    return pandas.DataFrame(
        [
            {
                "setting": one.setting,
                "quantity": one.quantity,
                "measured": one.measured,
                "+-": one.error,
                "published": one.published,
                "gate": str(one.gate or ""),
                "ok": one.ok,
            }
            for one in rows
        ]
    )
