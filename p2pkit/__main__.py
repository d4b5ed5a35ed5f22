"""``python -m p2pkit``: the command where its script is not on the path."""

from p2pkit.cli.app import main

main()
