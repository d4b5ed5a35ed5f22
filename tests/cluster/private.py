"""A mark for tests that need a private network."""

from __future__ import annotations

import pytest

from p2pkit.cluster.network import why_no_private_network

_refused = why_no_private_network()

needs_private_network = pytest.mark.skipif(
    _refused is not None, reason=f"no private network here: {_refused}"
)
