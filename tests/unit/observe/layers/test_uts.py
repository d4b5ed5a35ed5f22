"""Each layer has a test file that passes under scapy's runner, as in its contrib."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

pytestmark = pytest.mark.timeout(60)  # scapy.all takes seconds to load

ROOT = Path(__file__).parents[4]
FILES = sorted((ROOT / "tests" / "data" / "layers").glob("*.uts"))


def run(paths: list[Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run test files in one process; starting it is what takes time."""
    campaign = folder / "campaign.json"
    files = [str(path) for path in paths]
    campaign.write_text(json.dumps({"testfiles": files, "format": "text"}))
    return subprocess.run(
        [sys.executable, "-m", "scapy.tools.UTscapy", "-c", str(campaign)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip


def test_every_layer_has_a_file() -> None:
    folder = ROOT / "p2pkit" / "observe" / "capture" / "layers"
    layers = {
        path.stem
        for path in folder.glob("*.py")
        if "scapy.contrib.status = loads" in path.read_text()
    }

    assert {path.stem for path in FILES} == layers != set()


def test_the_layers_pass_under_scapys_own_runner(tmp_path: Path) -> None:
    done = run(FILES, tmp_path)

    said = done.stdout + done.stderr
    tallies = re.findall(r"^PASSED=(\d+) FAILED=(\d+)", said, re.MULTILINE)
    assert done.returncode == 0, said
    assert len(tallies) == len(FILES), said
    assert all(int(passed) > 0 and failed == "0" for passed, failed in tallies)


def test_a_failing_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "bad.uts"
    path.write_text("% Bad\n\n+ One\n\n= It fails\nassert False\n")

    assert run([path], tmp_path).returncode != 0
