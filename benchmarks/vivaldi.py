"""Vivaldi beside serf's tests: how wrong the distances are on five known networks.

The same as ``p2pkit bench vivaldi``; name variants for some of them alone.
"""

from __future__ import annotations

import argparse

from benchmarks.report import judge
from p2pkit.classroom.vivaldi_tables import VARIANTS, rows

SEED = 7


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = ", ".join(VARIANTS)
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=names)
    for name in parser.parse_args().variants or VARIANTS:
        judge(rows(name, seed=SEED))


if __name__ == "__main__":
    main()
