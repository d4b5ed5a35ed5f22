"""Floor 3: virtual time, where the same seed gives the same run to the byte."""

from p2pkit.sim.node import SimContext, SimNode
from p2pkit.sim.scheduler import Scheduler, SimTimer
from p2pkit.sim.simulation import Simulation
from p2pkit.sim.streams import SimStreamContext, SimStreamNode

__all__ = [
    "Scheduler",
    "SimContext",
    "SimNode",
    "SimStreamContext",
    "SimStreamNode",
    "SimTimer",
    "Simulation",
]
