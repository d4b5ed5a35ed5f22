"""Confidence: what some runs say about all runs that there could be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import comb, sqrt
from statistics import NormalDist


def wilson(
    successes: int, trials: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return Wilson's interval for a rate of success.

    Parameters
    ----------
    successes, trials : int
        How often it went well, of how many times; at least one trial.
    confidence : float
        How often such an interval holds the true rate, between 0 and 1.

    Returns
    -------
    (float, float)
        Lower and upper bound, in ``[0, 1]``.

    Raises
    ------
    ValueError
        If these are no counts of successes and trials.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", J. Am. Stat. Assoc. 22 (1927).
    .. [2] L. D. Brown, T. T. Cai, A. DasGupta, "Interval estimation for a binomial
       proportion", Statistical Science 16 (2001): why not the textbook's interval.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(29, 30)]
    [0.833, 0.994]
    >>> [round(bound, 3) for bound in wilson(0, 10)]
    [0.0, 0.278]
    >>> [round(bound, 3) for bound in wilson(81, 263)]
    [0.255, 0.366]
    """
    if not 0 <= successes <= trials or trials < 1 or not 0 < confidence < 1:
        message = f"{successes} of {trials} at {confidence} is no rate of success"
        raise ValueError(message)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, spread = successes / trials, z * z / trials
    middle = rate + spread / 2
    half = z * sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return max(0.0, low), min(1.0, high)


@dataclass(frozen=True)
class Rate:
    """How often something went well.

    Parameters
    ----------
    successes, trials : int
        Of the trials that were made.
    planned : int
        Trials that would have been made if it had not been decided earlier.
    needed : int
        Successes among the planned ones that are enough.
    """

    successes: int
    trials: int
    planned: int
    needed: int

    @property
    def is_enough(self) -> bool:
        """Whether it went well often enough."""
        return self.successes >= self.needed

    def __str__(self) -> str:
        low, _ = wilson(self.successes, self.trials) if self.trials else (0.0, 1.0)
        said = f"{self.successes} of {self.trials} runs"
        return f"{said}, at least {low:.0%} of all there could be (95 % sure)"


def needed_of(planned: int, odds: float, confidence: float = 0.95) -> int:
    """Return how many of the planned trials must go well to show a rate of `odds`.

    So many that Wilson's lower bound is not below `odds`; all of them, where not even
    that is enough.

    Examples
    --------
    >>> needed_of(30, 0.8), needed_of(30, 0.5)
    (29, 21)
    """
    enough = (s for s in range(planned) if wilson(s, planned, confidence)[0] >= odds)
    return next(enough, planned)


def fewest(trials: int, odds: float, chance: float = 1e-3) -> int:
    """Return the fewest successes that there are, but for very bad luck.

    Parameters
    ----------
    trials : int
        How many are made.
    odds : float
        The rate of success of what is right, 0 to 1.
    chance : float
        How often what is right may succeed less often than that.

    Examples
    --------
    >>> fewest(30, 0.9), fewest(5, 0.98), fewest(5, 1.0)
    (21, 3, 5)
    """
    below = 0.0
    for successes in range(trials):
        rest = trials - successes
        below += comb(trials, successes) * odds**successes * (1 - odds) ** rest
        if below > chance:
            return successes
    return trials


def try_often(
    trial: Callable[[int], bool],
    seeds: Iterable[int],
    odds: float,
    confidence: float = 0.95,
) -> Rate:
    """Try with one seed after the other, until it is decided whether it goes well.

    It stops as soon as the trials that are left cannot change the answer. So it errs
    exactly as often as if all had been made, which is not true of stopping when an
    interval looks good [1]_.

    Parameters
    ----------
    trial : callable
        Takes a seed, and tells whether it went well.
    seeds : iterable of int
        As many as trials are planned.
    odds : float
        The rate of success that must be shown, 0 to 1.
    confidence : float
        How sure the answer should be.

    References
    ----------
    .. [1] P. Armitage, C. K. McPherson, B. C. Rowe, "Repeated significance tests on
       accumulating data", J. R. Stat. Soc. A 132 (1969).

    Examples
    --------
    >>> rate = try_often(lambda seed: True, range(30), odds=0.8)
    >>> rate.is_enough, rate.trials
    (True, 29)
    >>> rate = try_often(lambda seed: False, range(30), odds=0.8)
    >>> rate.is_enough, rate.trials
    (False, 2)
    """
    todo = list(seeds)
    needed = needed_of(len(todo), odds, confidence)
    successes = trials = 0
    for seed in todo:
        if successes >= needed or successes + len(todo) - trials < needed:
            break
        successes += trial(seed)
        trials += 1
    return Rate(successes, trials, len(todo), needed)


def mean_interval(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean of some runs, and how far the true mean may be from it.

    The second number is half of a 95 % interval by the normal distribution, which
    asks for ten runs or more.

    Examples
    --------
    >>> mean, half = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0] * 4)
    >>> round(mean, 2), round(half, 2)
    (3.0, 0.64)
    """
    kept = list(values)
    mean = sum(kept) / len(kept)
    if len(kept) < 2:
        return mean, float("inf")
    variance = sum((one - mean) ** 2 for one in kept) / (len(kept) - 1)
    return mean, NormalDist().inv_cdf(0.975) * sqrt(variance / len(kept))
