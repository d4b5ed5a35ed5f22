"""Averaging: every node learns the mean of all values, and nobody collects them.

``pairwise`` averages two by two, ``push_sum`` sends halves on their way; ``messages``
is what they say, ``pairing`` who meets whom, ``config`` what can be set.
"""

from p2pkit.protocols.averaging.config import PairwiseConfig, PushSumConfig
from p2pkit.protocols.averaging.pairwise import PairwiseAveraging
from p2pkit.protocols.averaging.push_sum import PushSum

__all__ = ["PairwiseAveraging", "PairwiseConfig", "PushSum", "PushSumConfig"]
