"""What an attacker may say in a second."""

import pytest

from p2pkit.attacks import Budgeted
from tests.recorder import Recorder

TO = ("127.0.0.2", 6881)


@pytest.fixture
def driver():
    return Recorder()


def test_a_burst_is_paid_from_one_second_and_the_rest_is_refused(driver):
    ctx = Budgeted(driver, 10.0)

    for number in range(25):
        ctx.send(TO, number)

    assert driver.take_all() == [(TO, number) for number in range(10)]
    assert (ctx.spent, ctx.refused) == (10, 15)


def test_in_the_long_run_no_more_goes_than_the_budget_has(driver):
    ctx = Budgeted(driver, 10.0)

    for _ in range(100):
        driver.advance(0.05)
        ctx.send(TO, "x")

    assert ctx.spent == len(driver.sent) == 59  # one second saved, and 4.95 earned


def test_what_is_not_spent_is_not_saved_up(driver):
    ctx = Budgeted(driver, 10.0)
    driver.advance(3600)

    for _ in range(100):
        ctx.send(TO, "x")

    assert ctx.spent == 10


def test_time_chance_timers_and_events_are_the_drivers_own(driver):
    ctx, rang = Budgeted(driver, 1.0), []

    ctx.after(1.0, lambda: rang.append(ctx.now()))
    driver.advance(2.0)

    assert rang == [1.0]
    assert (ctx.me, ctx.rng) == (driver.me, driver.rng)
