"""Labs: exercises that examine what a student wrote, and explain what they found.

What is here is trusted: messages, settings, base classes and checks. Solutions are
not here, and neither are the sizes of hidden cases; they stand in the source notebooks.
"""

from p2pkit.classroom.labs.check import Case, Check, earned
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab, find, slugs

__all__ = ["Case", "Check", "Desk", "Lab", "earned", "find", "slugs"]
