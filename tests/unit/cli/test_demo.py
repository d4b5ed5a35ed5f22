import shlex

import pytest

from p2pkit import Cluster
from p2pkit.cli.call import run_call
from p2pkit.cli.demo import example_of, invitation
from p2pkit.cli.node import NodePlan
from p2pkit.protocols import PROTOCOLS


def typed(line):
    """Do what a printed ``p2pkit call`` line says, in this process."""
    program, call, protocol, *words = shlex.split(line)
    assert (program, call) == ("p2pkit", "call")
    options = {"--bootstrap": [], "--stay": ["0"]}
    for name, values in options.items():
        while name in words:
            at = words.index(name)
            values.append(words[at + 1])
            del words[at : at + 2]
    verb, *args = words
    plan = NodePlan.of(protocol, None, options["--bootstrap"], None, None, False)
    run_call(plan, verb, args, 15, stay_s=float(options["--stay"][-1]))


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_what_a_demo_invites_to_works_as_it_is_printed(protocol, capsys):
    with Cluster(
        PROTOCOLS[protocol], nodes=4, processes=1, seed=7, progress="none"
    ) as cluster:
        cluster.wait_ready()

        typed(invitation(protocol, cluster[0].address))

    assert capsys.readouterr().out.endswith("\n")


def test_a_rumor_that_a_demo_invites_to_tell_is_heard(capsys):
    with Cluster(
        PROTOCOLS["rumor"], nodes=4, processes=1, seed=7, progress="none"
    ) as cluster:
        cluster.wait_ready()

        typed(invitation("rumor", cluster[0].address))
        number = bytes.fromhex(capsys.readouterr().out.split('"')[-2])

        assert any(node.knows(number) for node in cluster)


def test_a_protocol_without_a_well_known_verb_is_asked_for_its_neighbors():
    class Mute:
        def neighbors(self):
            return ()

    assert example_of(Mute) == ["neighbors"]
