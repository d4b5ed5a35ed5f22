"""A gate says in words how far measured may lie from published, and can be missed."""

import pytest

from p2pkit.classroom import gossip_tables
from p2pkit.classroom.published import Gate, experiment, rounding, row, table
from p2pkit.core import LabError

TENTH = Gate(0.1, 0.1)


@pytest.mark.parametrize(
    ("value", "ok"), [(0.89, False), (0.91, True), (1.09, True), (1.11, False)]
)
def test_a_gate_of_a_tenth_lets_a_tenth_pass(value, ok):
    assert row("x", "y", [value] * 3, 1.0, "paper", TENTH).ok is ok


@pytest.mark.parametrize(
    ("value", "ok"), [(9.9, False), (10.0, True), (11.5, True), (11.6, False)]
)
def test_a_gate_may_be_one_sided_and_absolute(value, ok):
    gate = Gate(0.0, 1.5, is_share=False)

    assert row("x", "y", [value] * 3, 10.0, "paper", gate).ok is ok


def test_what_chance_may_do_widens_a_gate():
    wide, narrow = [0.5, 0.9], [0.7, 0.7]

    assert row("x", "y", wide, 1.0, "paper", TENTH).ok is True
    assert row("x", "y", narrow, 1.0, "paper", TENTH).ok is False
    assert row("x", "y", narrow, 1.0, "paper", TENTH, floor=0.25).ok is True


def test_an_interval_is_two_standard_errors_on_either_side():
    one = row("x", "y", [1.0, 2.0, 3.0, 4.0])

    assert one.measured == 2.5
    assert one.error == pytest.approx(2 * 1.2909944 / 2)
    assert one.ok is None


@pytest.mark.parametrize(
    ("printed", "half"),
    [("0.18", 0.005), ("33", 0.5), ("4e-6", 5e-7), ("3.1e-2", 5e-4), ("0.20", 0.005)],
)
def test_half_a_unit_of_the_last_digit(printed, half):
    assert rounding(printed) == pytest.approx(half)


def test_words_become_settings():
    settings = gossip_tables.settings_of("pull-blind-coin-noreset-inturn")

    assert settings == {
        "mode": "pull",
        "feedback": False,
        "forget": "coin",
        "reset": False,
        "stagger": 1.0,
        "synchronous": False,
    }


@pytest.mark.parametrize("variant", ["pull-shout", "", "endgames"])
def test_a_word_that_means_nothing_is_named(variant):
    with pytest.raises(LabError, match="is no word for a variant"):
        list(gossip_tables.rows(variant))


def test_one_run_has_no_error_and_so_no_verdict():
    with pytest.raises(LabError, match="at least 2 runs"):
        list(gossip_tables.rows(runs=1))


def test_any_parameters_can_be_asked_for():
    rows = list(gossip_tables.rows("blind-counter", sites=50, k=[2, 9], runs=3))

    assert len({one.setting for one in rows}) == 2
    assert not [one for one in rows if one.source.startswith("Demers")]


def test_rows_make_a_table():
    rows = gossip_tables.rows("push-feedback-counter", sites=50, k=2, runs=3)

    shown = table(rows)

    assert list(shown.quantity) == [
        "residue s", "traffic m", "t_last", "t_ave", "residue s",
    ]  # fmt: skip


def test_an_unknown_experiment_names_those_there_are():
    with pytest.raises(LabError, match=r"there are .*gossip"):
        experiment("gosip")
