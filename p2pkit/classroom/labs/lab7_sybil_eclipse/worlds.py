"""What the checks of lab 7 run, and what they read in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    ID_BITS,
    Config,
    Find,
    Found,
    Store,
    id_at,
    key_of,
)
from p2pkit.core import Address, Contact, LabError, Rng
from p2pkit.core.driver import seeded
from p2pkit.harness import Act, NodeAt, Overlay, Run, Scenario
from p2pkit.harness.scenario import FIRST_PORT

JOIN_S = 0.05
"""Seconds between two that join."""

MEETS = 3
"""Those who were there before, through whom each joins."""

INTRUDES_S = 4.0
AIMS_S = 3.9
PUBLISHES_S = 10.0
READS_S = 14.0
READ_EVERY_S = 0.2
LASTS_S = 40.0
NETS = 256

NETS_SEEN = 10
VALUES_TRIED = 200
"""Before another attacker is drawn: in some places there is no such key."""
ATTACKERS_TRIED = 1_000
MOST_VALUES = 10_000
"""Values that are tried at all; those of the cases in use take 1,300 at most."""

CHOSEN_BITS = 12
"""Bits that chosen ids share with the key: a few thousand tries for each."""

Place = tuple[int, int]


@dataclass(frozen=True)
class Town:
    """Where everybody is: honest keepers first, then the attacker's identities.

    Parameters
    ----------
    value : bytes
        What is published and read.
    places : tuple of (int, int)
        The last two numbers of the addresses.
    ids : tuple of int
        By node.
    honest : int
        How many nodes are honest.
    """

    value: bytes
    places: tuple[Place, ...]
    ids: tuple[int, ...]
    honest: int

    @property
    def key(self) -> int:
        """The key that it is all about."""
        return key_of(self.value)

    @property
    def intruders(self) -> range:
        """The numbers of the attacker's identities."""
        return range(self.honest, len(self.ids))


def peaceful(nodes: int, seed: int) -> Town:
    """Return a town without an attacker: each keeper in a /24 of its own."""
    rng = seeded(seed, "town")
    nets = rng.sample(range(NETS), nodes)
    places = tuple((net, rng.randrange(1, 255)) for net in nets)
    value = rng.randbytes(16)
    return Town(value, places, tuple(map(bound_id, places)), nodes)


def invaded(town: Town, places: Sequence[Place], ids: Sequence[int]) -> Town:
    """Return the town with an attacker in it."""
    return Town(
        town.value, (*town.places, *places), (*town.ids, *ids), town.honest
    )  # fmt: skip


def with_chosen_ids(town: Town, slots: int, seed: int) -> Town:
    """Let in an attacker in many networks, with ids that suit it and no address."""
    rng = seeded(seed, "chosen ids")
    ids = [town.key ^ rng.getrandbits(ID_BITS - CHOSEN_BITS) for _ in range(slots)]
    return invaded(town, free_nets(town, slots, seed), ids)


def with_one_net(town: Town, slots: int, seed: int) -> Town:
    """Let in an attacker who rents one /24, and wants what lies beside it to vanish.

    All its ids are as they must be. The value is chosen so that its key is nearer to
    the attacker's network than to anybody honest.
    """
    rng = seeded(seed, "net")

    def gap(place: Place) -> int:
        return min(one ^ bound_id(place) for one in town.ids)

    net, _ = max(free_nets(town, NETS_SEEN, seed), key=gap)
    places = [(net, machine) for machine in rng.sample(range(1, 255), slots)]
    ids = list(map(bound_id, places))
    near = gap(places[0]) >> 3
    value = value_for(rng, lambda key: key ^ ids[0] <= near)
    return invaded(Town(value, town.places, town.ids, town.honest), places, ids)


def with_sleepers(town: Town, sleepers: int, seed: int) -> Town:
    """Let in an attacker who keeps every rule: own networks, ids as they must be.

    The value is chosen so that two of them, and then two honest keepers, are nearest.
    """
    for attempt in range(ATTACKERS_TRIED):
        rng = seeded(seed, "sleepers", attempt)
        places = free_nets(town, sleepers, seed + attempt)
        ids = list(map(bound_id, places))
        for value in (rng.randbytes(16) for _ in range(VALUES_TRIED)):
            order = sorted((*town.ids, *ids), key=key_of(value).__xor__)
            if [one in ids for one in order[:4]] == [True, True, False, False]:
                told = Town(value, town.places, town.ids, town.honest)
                return invaded(told, places, ids)
    raise LabError(_no_room())


def value_for(rng: Rng, suits: Callable[[int], bool]) -> bytes:
    """Return a random value with a key that suits an attacker.

    Raises
    ------
    LabError
        If there seems to be none.
    """
    for _ in range(MOST_VALUES):
        value = rng.randbytes(16)
        if suits(key_of(value)):
            return value
    raise LabError(_no_room())


def _no_room() -> str:
    return (
        "among so many honest keepers no value was found that this attacker could "
        "take: a case needs fewer nodes, or more networks that are free"
    )


def free_nets(town: Town, count: int, seed: int) -> list[Place]:
    """Return places in different networks that nobody honest is in."""
    taken = {net for net, _ in town.places}
    rng = seeded(seed, "free nets")
    nets = rng.sample([net for net in range(NETS) if net not in taken], count)
    return [(net, rng.randrange(1, 255)) for net in nets]


def contact_at(place: Place, node_id: int | None = None) -> Contact:
    """Return a contact at a place; if no id is given, it has the one that fits."""
    address: Address = ("127.1.{}.{}".format(*place), FIRST_PORT)
    return Contact(bound_id(place) if node_id is None else node_id, address)


def bound_id(place: Place) -> int:
    """Return the id that fits a place."""
    return id_at("127.1.{}.{}".format(*place))


def life(town: Town, seed: int, config: Config, reads: int, **changes: Any) -> Scenario:
    """Return a run in which a value is published after the attacker came, and read.

    Readers are honest keepers, and none that published.
    """
    rng, nodes = seeded(seed, "life"), len(town.ids)
    publisher, *readers = rng.sample(range(town.honest), 1 + reads)
    acts = [Act(PUBLISHES_S, publisher, "publish", (town.value,))]
    acts += [
        Act(READS_S + READ_EVERY_S * i, reader, "read", (town.key,))
        for i, reader in enumerate(readers)
    ]
    starts_s = {number: JOIN_S * number for number in range(town.honest)}
    starts_s |= {
        one: INTRUDES_S + JOIN_S * place for place, one in enumerate(town.intruders)
    }
    scenario = Scenario(
        nodes=nodes, seed=seed, config=config, joins=_joins(town, rng),
        starts_s=starts_s, acts=tuple(acts), lasts_s=LASTS_S, ids=town.ids,
        places=town.places, most_messages=3_000 * nodes,
    )  # fmt: skip
    return scenario.but(**changes)


def aimed(scenario: Scenario, town: Town) -> Scenario:
    """Return the run with the attacker's identities told of each other."""
    ids = [town.ids[one] for one in town.intruders]
    where = tuple(NodeAt(one) for one in town.intruders)
    acts = [Act(AIMS_S, one, "aim", (town.key, ids, *where)) for one in town.intruders]
    return scenario.but(acts=(*acts, *scenario.acts))


def readers_of(run: Run, key: int) -> list[str]:
    """Return who reads a key in a run, but those who hold its value themselves."""
    holders = {one.node for one in run.journal.of("heard", Store)}
    reads = (
        act for act in run.scenario.acts if (act.verb, act.args) == ("read", (key,))
    )
    readers = dict.fromkeys(run.names[act.node] for act in reads)
    return [one for one in readers if one not in holders]


def served(run: Run, value: bytes) -> list[bool]:
    """Return for each reader whether it was given the value, by the journal."""
    given = {
        one.node for one in run.journal.of("heard", Found) if one.message.value == value
    }
    return [reader in given for reader in readers_of(run, key_of(value))]


def said_by(run: Run, nodes: Iterable[int]) -> int:
    """Return how many messages some nodes sent."""
    names = {run.names[one] for one in nodes}
    return sum(one.node in names for one in run.journal.of("sent"))


def map_of(run: Run, town: Town, title: str) -> Overlay:
    """Return a picture of who asked whom about the key, and who was served."""
    good = dict(zip(readers_of(run, town.key), served(run, town.value), strict=True))
    groups = dict.fromkeys(run.names, "honest")
    groups |= {name: "read it" if ok else "read nothing" for name, ok in good.items()}
    attackers = run.names[town.honest :]
    groups |= dict.fromkeys(attackers, "attacker")
    asked = {
        (one.peer, one.node): None
        for one in run.journal.of("heard", Find)
        if one.message.key == town.key and one.at_s >= READS_S
    }
    said = f"{title}: {sum(good.values())} of {len(good)}"
    return Overlay(said, groups, tuple(asked))


def _joins(town: Town, rng: Rng) -> dict[int, tuple[int, ...]]:
    joins = {
        one: tuple(rng.sample(range(one), min(one, MEETS)))
        for one in range(1, town.honest)
    }
    for one in town.intruders:
        joins[one] = tuple(rng.sample(range(town.honest), MEETS))
    return joins
