"""The doctor's table and its JSON give the same advice."""

import json

from p2pkit.cli import doctor


def test_the_table_does_not_swallow_the_name_of_an_extra(monkeypatch, capsys):
    found = ("missing", "not installed", 'pip install -e ".[fast]"')
    monkeypatch.setattr(doctor, "CHECKS", {"uvloop": lambda: found})

    doctor.run_doctor(as_json=False)
    table = capsys.readouterr().out
    doctor.run_doctor(as_json=True)
    (one,) = json.loads(capsys.readouterr().out)

    assert '".[fast]"' in table
    assert one["advice"] == found[2]
