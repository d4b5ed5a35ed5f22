"""The doctor's table and its JSON give the same advice."""

import json
import sys

import pytest

from p2pkit.cli import doctor, probes


def test_the_table_does_not_swallow_the_name_of_an_extra(monkeypatch, capsys):
    found = ("missing", "not installed", 'pip install -e ".[fast]"')
    monkeypatch.setattr(doctor, "CHECKS", {"uvloop": lambda: found})

    doctor.run_doctor(as_json=False)
    table = capsys.readouterr().out
    doctor.run_doctor(as_json=True)
    (one,) = json.loads(capsys.readouterr().out)

    assert '".[fast]"' in table
    assert one["advice"] == found[2]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has namespaces")
def test_a_refused_namespace_is_told_with_its_step_and_advice(monkeypatch):
    monkeypatch.setenv("P2PKIT_WITHOUT", "namespaces")

    state, found, advice = probes.private_network()

    assert state == "limited"
    assert found == "refused at the step 'new namespaces': Operation not permitted"
    assert advice.endswith('Or use network="host", the default')


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has packet sockets")
def test_packet_sockets_are_tried_inside_and_outside(monkeypatch):
    monkeypatch.setenv("P2PKIT_WITHOUT", "packet-sockets")

    outside, inside = probes.packet_socket(), probes.private_network()

    assert outside[:2] == ("limited", "Operation not permitted")
    assert inside[0] == "limited"
