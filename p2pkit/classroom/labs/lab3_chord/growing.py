"""Growing: rings of members that join, crash and are asked, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab3_chord.circle import next_of, owner_of
from p2pkit.classroom.labs.lab3_chord.wire import Find, Located, config_of
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link
from p2pkit.harness import Act, Fate, Overlay, Run, Scenario, play_whole

SPACING_S = 2.0
"""Seconds from one member that joins alone to the next."""

CLOSE_ROUNDS = 12
"""Rounds of stabilizing until a ring is closed after eight joined at once; the
reference took 5 at most in 40 runs of 12 to 64 members."""

HEAL_ROUNDS = 20
"""Rounds until a ring is closed again after a crash; the reference took 6 at most in
40 runs of 24 to 64 members. With 2 % of the packets lost, 32 such runs were closed
after 20 rounds, and of 60 lookups in each, one in all found another owner."""

SETTLE_S = 2.5
"""Seconds that the last lookups of a run are given, retries included."""


@dataclass(frozen=True)
class Plan:
    """Who joins when, and what is asked.

    Parameters
    ----------
    ids : tuple of int
        Ids of the members, in order of joining.
    one_by_one : int
        How many join alone; the others join at once after them.
    """

    ids: tuple[int, ...]
    one_by_one: int

    @property
    def joined_s(self) -> float:
        """When the last has begun to join."""
        return SPACING_S * self.one_by_one

    def scenario(self, case: Case, seed: int, lasts_s: float) -> Scenario:
        """Return the scenario in which they join, and nothing else."""
        rng, count = seeded(seed, "joins"), len(self.ids)
        base = min(self.one_by_one, count)
        starts = {i: SPACING_S * min(i, base) for i in range(count)}
        joins = {
            i: tuple(rng.sample(range(min(i, base)), min(3, i, base)))
            for i in range(1, count)
        }
        loss = case.given.get("loss", 0.0)
        return Scenario(
            nodes=count, seed=seed, config=config_of(case), joins=joins,
            starts_s=starts, ids=self.ids, lasts_s=lasts_s,
            link=Link(latency=Constant(0.01), loss=loss),
        )  # fmt: skip


def plan_of(case: Case, seed: int, at_once: int = 8) -> Plan:
    """Return a plan for the members of a case."""
    rng, count = seeded(seed, "ids"), case["nodes"]
    ids = tuple(rng.sample(range(1 << case["bits"]), count))
    return Plan(ids, max(1, count - at_once))


def victims_of(plan: Plan, length: int, seed: int) -> list[int]:
    """Return the numbers of those who crash: `length` - 1 in a row, some alone.

    The first member stays, and no list loses all of its entries.
    """
    order = sorted(range(len(plan.ids)), key=lambda number: plan.ids[number])
    turn = order.index(0) + 1 + seeded(seed, "victims").randrange(len(order) // 4)
    order = order[turn:] + order[:turn]
    chosen = order[2 : 2 + length - 1]
    alone = order[2 + length + 2 :: 5]
    return [one for one in [*chosen, *alone] if one != 0]


@dataclass
class Watch:
    """A run, and what was seen of its ring.

    Parameters
    ----------
    run, plan, seed
        What was run.
    closed_s, broke_s : float or None
        When the ring was closed, and when it first broke, in seconds of the run.
    found : (int, int)
        Lookups that found the owner, and how many there were.
    full : float
        Share of the living whose lists are full and right.
    """

    run: Run
    plan: Plan
    seed: int
    closed_s: float | None = None
    broke_s: float | None = None
    found: tuple[int, int] = (0, 0)
    full: float = 0.0


def is_closed(run: Run, ids: Sequence[int], alive: Sequence[int] = ()) -> bool:
    """Return whether each living member's successor is the next one alive.

    Who is alive is asked of the run, unless it is given: on sockets nobody is, once
    they are closed.
    """
    alive = alive or run.alive
    after = next_of(ids[number] for number in alive)
    return all(
        run.ask(number, "table")["successor"] == after[ids[number]] for number in alive
    )


def grown(ring: type[Any], plan: Plan, case: Case, seed: int) -> Watch:
    """Let members join, and watch until their ring is closed, or time is up."""
    until_s = plan.joined_s + CLOSE_ROUNDS
    watch: list[Watch] = []

    def look(run: Run) -> bool:
        if not watch:
            watch.append(Watch(run, plan, seed))
        return _look(watch[0], run)

    run = play_whole(ring, plan.scenario(case, seed, until_s), look)
    if not watch:
        watch.append(Watch(run, plan, seed))
    _look(watch[0], run)
    return watch[0]


def _look(watch: Watch, run: Run) -> bool:
    now_s, plan = run.journal.now(), watch.plan
    if now_s > plan.joined_s:
        if is_closed(run, plan.ids):
            watch.closed_s = now_s
    elif watch.broke_s is None and not _goes_round(run, plan, now_s):
        watch.broke_s = now_s
    return watch.closed_s is not None


def _goes_round(run: Run, plan: Plan, now_s: float) -> bool:
    """Return whether those who joined a while ago are still on one way around."""
    old = [i for i in range(plan.one_by_one) if SPACING_S * i < now_s - 5 * SPACING_S]
    number_of = {one: number for number, one in enumerate(plan.ids)}
    met, here = {0}, 0
    for _ in plan.ids:
        here = number_of.get(run.ask(here, "table")["successor"], 0)
        met.add(here)
        if here == 0:
            break
    return here == 0 and met.issuperset(old)


def all_found(ring: type[Any], plan: Plan, case: Case, seed: int) -> tuple[int, int]:
    """Return how many lookups on a closed ring found the owner, and of how many."""
    run, acts = asking(ring, plan, case, seed, plan.joined_s + CLOSE_ROUNDS, 40)
    return count_right(run, acts), len(acts)


def quiet(
    protocol: type[Any], case: Case, seed: int, lookups: int
) -> tuple[Run, list[int]]:
    """Let a ring grow and all fingers be fixed twice, then ask."""
    plan, config = plan_of(case, seed), config_of(case)
    quiet_s = plan.joined_s + CLOSE_ROUNDS + 2 * config.fix_s * config.bits
    return asking(protocol, plan, case, seed, quiet_s, lookups)


def asking(
    protocol: type[Any], plan: Plan, case: Case, seed: int, at_s: float, lookups: int,
    fates: tuple[Fate, ...] = (), askers: Sequence[int] = (),
    look: Callable[[Run], bool] | None = None,
) -> tuple[Run, list[int]]:  # fmt: skip
    """Run a plan with lookups at the end; return the run, and the acts' numbers."""
    rng = seeded(seed, "lookups")
    who = askers or range(len(plan.ids))
    acts = tuple(
        Act(at_s + 0.02 * i, rng.choice(who), "locate",
            (rng.randrange(1 << case["bits"]),))
        for i in range(lookups)
    )  # fmt: skip
    lasts_s = at_s + 0.02 * lookups + SETTLE_S
    scenario = plan.scenario(case, seed, lasts_s).but(acts=acts, fates=fates)
    return play_whole(protocol, scenario, look), list(range(lookups))


def struck(lasting: type[Any], case: Case, seed: int) -> Watch:
    """Let a ring grow, let some of it crash, wait, and ask those who are left."""
    plan, config = plan_of(case, seed), config_of(case)
    dead = victims_of(plan, config.successors, seed)
    struck_s = plan.joined_s + CLOSE_ROUNDS + 2 * config.fix_s * config.bits
    fates = tuple(Fate(struck_s, number, "kill") for number in dead)
    alive = [i for i in range(len(plan.ids)) if i not in dead]
    closed: list[float] = []

    def look(run: Run) -> bool:
        # A lost packet may open a ring again for a moment: closed is closed once.
        now_s = run.journal.now()
        if now_s > struck_s and not closed and is_closed(run, plan.ids):
            closed.append(now_s)
        return False

    run, acts = asking(
        lasting, plan, case, seed, struck_s + HEAL_ROUNDS, 60, fates, alive, look
    )
    watch = Watch(run, plan, seed, found=(count_right(run, acts), len(acts)))
    watch.closed_s = closed[0] if closed else None
    watch.full = _full_lists(run, plan, config.successors)
    return watch


def _full_lists(run: Run, plan: Plan, length: int) -> float:
    order = sorted(plan.ids[number] for number in run.alive)
    full = 0
    for number in run.alive:
        place = order.index(plan.ids[number])
        right = (order[place + 1 :] + order[:place])[:length]
        full += run.ask(number, "table")["successors"][: len(right)] == right
    return full / len(run.alive)


def count_right(run: Run, acts: Sequence[int], alive: Sequence[int] = ()) -> int:
    """Return how many lookups found the owner, by brute force over who is alive."""
    ids = [run.scenario.ids[number] for number in alive or run.alive]
    found = {(node, one.tag): one for _, node, one in run.events(Located)}
    right = 0
    for act in acts:
        asked = run.scenario.acts[act]
        one = found.get((run.scenario.name(asked.node), run.results.get(act, 0)))
        key = asked.args[0]
        right += one is not None and one.key == key and one.owner == owner_of(key, ids)
    return right


def mean_hops(run: Run, acts: Sequence[int]) -> float:
    """Return the mean number of messages that a question was, by the journal."""
    ids = run.scenario.ids
    asked = {(ids[run.scenario.acts[act].node], run.results.get(act)) for act in acts}
    ways = sum(
        (one.message.asker.id, one.message.tag) in asked
        for one in run.journal.of("sent", Find)
    )
    return ways / len(acts)


def circle(run: Run, plan: Plan, alive: Sequence[int] = ()) -> Overlay:
    """Return a picture of the members around the ring at the end of a run."""
    alive = alive or run.alive
    number_of = {one: number for number, one in enumerate(plan.ids)}
    order = sorted(range(len(plan.ids)), key=lambda number: plan.ids[number])
    after = next_of(plan.ids[number] for number in alive)
    groups, links = {}, []
    for number in order:
        name = run.scenario.name(number)
        if number not in alive:
            groups[name] = "crashed"
            continue
        said = run.ask(number, "table")["successor"]
        groups[name] = "right" if said == after[plan.ids[number]] else "wrong successor"
        if said in number_of:
            links.append((name, run.scenario.name(number_of[said])))
    title = "Members around the ring, each with its successor at the end"
    return Overlay(title, groups, tuple(links))
