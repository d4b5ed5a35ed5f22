"""How long a person waits for ``p2pkit --help`` and for ``import p2pkit``.

Medians over fresh processes, of which the first is not counted: it fills the
machine's file cache. What a bare interpreter takes is reported beside them.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.report import figure, line, table

RUNS = 10
HELP_S, IMPORT_S = 0.3, 0.5
HEAVY = ("matplotlib", "networkx", "numpy", "pandas", "pyvis", "scapy", "scipy")


def seconds(code: str) -> float:
    """Return the median seconds that a fresh interpreter takes to run `code`."""
    took = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def loaded_early() -> list[str]:
    """Return which heavy libraries ``import p2pkit`` loads before they are needed."""
    code = f"import sys, p2pkit; print(*(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return sorted(done.stdout.split())


def main() -> None:
    """Measure and report."""
    cases = {
        "python -c pass": ("pass", None),
        "import p2pkit": ("import p2pkit", IMPORT_S),
        "p2pkit --help": (
            "import sys; sys.argv = ['p2pkit', '--help'];"
            "from p2pkit.cli import main; main()",
            HELP_S,
        ),
    }
    rows = []
    for name, (code, target_s) in cases.items():
        took = seconds(code)
        line({"bench": "imports", "case": name, "seconds": round(took, 4)})
        rows.append([name, f"{took:.3f}", "-" if target_s is None else f"{target_s}"])
        if target_s is not None:
            target, reached = f"at most {target_s} s", f"{took:.3f} s"
            figure(name, target, reached, ok=took <= target_s)
    line({"bench": "imports", "loaded_early": loaded_early()})
    table(f"medians of {RUNS} fresh processes", ["what", "s", "target"], rows)


if __name__ == "__main__":
    main()
