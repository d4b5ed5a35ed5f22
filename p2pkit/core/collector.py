"""The garbage collector, made patient while nodes run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENT = (100_000, 20, 1_000)


@contextmanager
def patient_collector() -> Iterator[None]:
    """Let Python look for cyclic garbage more rarely inside the ``with`` block.

    A thousand nodes are some million objects that live as long as the run, and what a
    message leaves behind is freed at once by reference counting. With Python's usual
    thresholds a quarter of the time would go into looking at the nodes again and again.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_PATIENT)
    try:
        yield
    finally:
        gc.set_threshold(*before)
