"""Where nodes live, nothing of a lab is left but what students are given."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from p2pkit.classroom.labs.lab import ROOM, find, slugs

SEARCH = """
import gc, json, sys, types
from p2pkit.classroom.sandbox import absent

room = sys.argv[1]
absent.load_allowed([room])
names = vars(sys.modules[room])
own = {one for one in sys.modules if one.startswith(room + ".")}
absent.forget_checks()
kinds = (types.FunctionType, types.ModuleType, type)
found = [one for one in gc.get_objects() if isinstance(one, kinds)]
homes = {getattr(one, "__module__", None) or one.__name__ for one in found}
given = {one: getattr(names[one], "__module__", "") for one in names["__all__"]}
print(json.dumps([sorted(own), sorted(own & homes), given]))
"""


@pytest.mark.parametrize("slug", slugs())
def test_no_function_of_a_check_is_left_in_memory(slug: str) -> None:
    lab, room = find(slug), f"{ROOM}.{slug}"
    judges = {check.judge.__module__ for check in lab} | {lab.experiment.__module__}

    command = [sys.executable, "-c", SEARCH, room]
    told = subprocess.run(command, capture_output=True, check=True).stdout
    before, after, given = json.loads(told)

    assert judges <= set(before)
    assert not judges & set(after)
    homes = {home for home in given.values() if home.startswith(f"{room}.")}
    assert homes <= set(after)
