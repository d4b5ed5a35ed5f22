"""Bands: how much dearer than the reference a solution may be, and what that earns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bands:
    """Bounds as multiples of a reference, from strict to lenient.

    Parameters
    ----------
    steps : tuple of (float, float)
        A factor, and the share of the points up to it; factors rise, shares fall.
    floor : float
        What costs less than this share of the reference has not done the work.

    Examples
    --------
    >>> bands = Bands()
    >>> [bands.share(cost, 100) for cost in (100, 120, 150, 240, 300, 5)]
    [1.0, 1.0, 0.6, 0.3, 0.0, 0.0]
    """

    steps: tuple[tuple[float, float], ...] = ((1.2, 1.0), (1.6, 0.6), (2.5, 0.3))
    floor: float = 0.3

    def share(self, cost: float, reference: float) -> float:
        """Return the share of the points that a cost earns, 0 to 1."""
        if cost < self.floor * reference:
            return 0.0
        return next((s for factor, s in self.steps if cost <= factor * reference), 0.0)

    def says(self, reference: float, unit: str) -> str:
        """Return the bands as a sentence.

        Examples
        --------
        >>> Bands().says(100, "messages")
        'up to 120 messages for all points, 160 for 60 %, 250 for 30 %'
        """
        (strict, _), *others = self.steps
        text = f"up to {strict * reference:.3g} {unit} for all points"
        return text + "".join(
            f", {f * reference:.3g} for {s:.0%}" for f, s in others
        ).replace("%", " %")
