"""Lab 7, Sybil and Eclipse: make a value vanish, and see to it that none does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab7_sybil_eclipse import (
    gates,
    grinding,
    lying,
    questions,
    renting,
    robust,
    steady,
    ways,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper
from p2pkit.classroom.labs.lab7_sybil_eclipse.villains import Accomplice
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    Config,
    Find,
    Found,
    Parameters,
    Ping,
    Pong,
    Read,
    Store,
    draw,
    id_at,
    key_of,
    make_id,
    net_of,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import (
    Town,
    map_of,
    peaceful,
)
from p2pkit.classroom.labs.telling import Drawn
from p2pkit.classroom.labs.ticket import GENERIC
from p2pkit.harness import Run

__all__ = [
    "LAB", "Accomplice", "Config", "Find", "Found", "Keeper", "Parameters", "Ping",
    "Pong", "Read", "Store", "Town", "id_at", "key_of", "make_id", "net_of",
    "own_town", "who_could_read",
]  # fmt: skip
# Not `open`: whoever imports all must not lose Python's own.

ATTACK = ("Liar", "grind")
STEADY = ("Steady", "Gated")
GUARDED = ("Guarded", *STEADY)

LAB = Lab(
    slug="lab7_sybil_eclipse",
    title="Who can make a value vanish, and what does it cost?",
    draw=draw,
    checks=(
        Check(
            "1.1", "`grind` keeps the key pairs whose ids are nearest to the key",
            4, "one peer", grinding.grinds, names=("grind",),
        ),
        Check(
            "1.2", "`price` foretells how many tries that takes",
            3, "simulated", grinding.prices, names=("price",),
        ),
        Check(
            "2.1", "`Liar` names its fellows, and has never seen the value",
            5, "one peer", lying.lies, names=("Liar",),
        ),
        Check(
            "2.2", "`Liar` behaves in all else, so nobody has a reason to drop it",
            4, "one peer", lying.pretends, {}, ("2.1",), ("Liar",),
        ),
        Check(
            "2.3", "The attack takes nine reads of ten",
            6, "simulated", lying.eclipses, {"runs": 3}, ("1.1", "2.1"), ATTACK,
        ),
        Check(
            "2.4", "The attack is quiet",
            6, "cost", lying.costs, {"runs": 2}, ("1.1", "2.1"), ATTACK,
        ),
        Check(
            "3.1", "`Gated` lets in whose id fits, one of each /24, and all the honest",
            7, "one peer", gates.admits, names=("Gated",),
        ),
        Check(
            "3.2", "`Gated` withstands chosen ids, and a whole /24",
            8, "simulated", gates.withstands, {"runs": 2}, ("3.1",), ("Gated",),
        ),
        Check(
            "4.1", "`Steady` prefers an old contact that answers to a new one",
            6, "one peer", steady.prefers_the_living, {}, ("3.1",), STEADY,
        ),
        Check(
            "5.1", "`Guarded` tries another way when a path has found nothing",
            4, "one peer", ways.starts_again, {}, ("3.1",), GUARDED,
        ),
        Check(
            "5.2", "`Guarded` outlasts liars who keep every rule",
            8, "lossy", ways.outlasts, {"runs": 3, "sleepers": 30}, ("5.1",), GUARDED,
        ),
        Check(
            "5.3", "All that costs at most half as much again as trust",
            12, "cost", ways.costs, {"runs": 2}, ("3.1",), GUARDED,
        ),
        Check(
            "6.1", "`rent` finds the addresses from which `Gated` can be broken",
            5, "simulated", renting.breaks, {"runs": 2, "wall": ""}, ("2.1",),
            ("rent", "Liar", "Gated"),
        ),
        Check(
            "7.1", "The same seed gives the same run",
            4, "lossy", robust.repeats, {"small": 16}, ("3.1",), GUARDED,
        ),
        Check(
            "7.2", "The defense holds although messages get lost",
            4, "lossy", robust.survives_loss, {"runs": 2, "loss": 0.1},
            ("3.1",), GUARDED,
        ),
        Check(
            "7.3", "The attack works on real sockets",
            4, "sockets", robust.runs_on_sockets, {}, ("2.1",), ("Liar",),
        ),
        Check(
            "8.1", "How many questions about your key came to the attacker?",
            2, "question", questions.asked_liars, {}, ("2.1",), ("answer_1", *ATTACK),
        ),
        Check(
            "8.2", "How many of its ids are nearer than all honest ones?",
            2, "question", questions.nearer_ids, {}, ("2.1",), ("answer_2", *ATTACK),
        ),
        Check(
            "8.3", "Which share of all messages did the attacker hear?",
            3, "question", questions.heard_share, {}, ("2.1",), ("answer_3", *ATTACK),
        ),
        Check(
            "8.4", "How often is one of three paths good?",
            3, "question", questions.one_path_is_good, names=("answer_4",),
        ),
    ),
    experiment=questions.own_run,
)  # fmt: skip


def own_town(parameters: Parameters) -> Town:
    """Return your own town, before anybody attacks it: its `key`, its `ids`."""
    return peaceful(parameters.nodes, parameters.seed)


def who_could_read(run: Run, parameters: Parameters) -> Drawn:
    """Draw who asked whom about the key in your own run, and who could read it."""
    town = own_town(parameters)
    ids = run.scenario.ids or town.ids
    town = Town(town.value, town.places, ids, town.honest)
    return Drawn(map_of(run, town, "Who could read it"))


def open(  # `lab = lab7_sybil_eclipse.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
