"""Floor 6: scenarios and subjects in, verdicts out.

A `Subject` is code under examination; a `Scenario` is what it is put through; a
`Verdict` says which properties hold, with the evidence.
"""

from p2pkit.harness.bands import Bands
from p2pkit.harness.confidence import (
    Rate,
    fewest,
    mean_interval,
    try_often,
    wilson,
)
from p2pkit.harness.determinism import same_again
from p2pkit.harness.failing import NotWritten, StudentError
from p2pkit.harness.journal import Entry, Journal, shown
from p2pkit.harness.mock import OneNode, Said, listed
from p2pkit.harness.on_sockets import play_on_sockets
from p2pkit.harness.plain import plain
from p2pkit.harness.playing import play, play_whole
from p2pkit.harness.run import Run, empty_run, require_whole
from p2pkit.harness.scenario import Act, Cut, Fate, NodeAt, Scenario
from p2pkit.harness.seeds import seed_of, seeds_of
from p2pkit.harness.spec import ProtocolSpec
from p2pkit.harness.subject import LocalSubject, Subject
from p2pkit.harness.verdict import (
    Chart,
    Curve,
    Exchange,
    Finding,
    Overlay,
    Picture,
    Verdict,
    apart,
    ask,
    share_of,
)

__all__ = [
    "Act", "Bands", "Chart", "Curve", "Cut", "Entry", "Exchange", "Fate", "Finding",
    "Journal", "LocalSubject", "NodeAt", "NotWritten", "OneNode", "Overlay",
    "Picture", "ProtocolSpec", "Rate", "Run", "Said", "Scenario", "StudentError",
    "Subject", "Verdict", "apart", "ask", "empty_run", "fewest", "listed",
    "mean_interval", "plain", "play", "play_on_sockets", "play_whole", "require_whole",
    "same_again", "seed_of", "seeds_of", "share_of", "shown", "try_often", "wilson",
]  # fmt: skip
