"""Floor 8: the `p2pkit` command. It has no logic of its own."""

from p2pkit.cli.app import main

__all__ = ["main"]
