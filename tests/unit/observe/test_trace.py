import random

import pytest

from p2pkit.core import Finished, Joined, Record, Step
from p2pkit.observe import Trace


def records(seed, count=50):
    rng = random.Random(seed)
    for number in range(count):
        step = Step(rng.getrandbits(160), 1, 0.1, 0.2, "answered", (1, 2**159))
        event = Finished(number, "lookup", rng.getrandbits(160), True, 0.0, (step,))
        yield Record(number / 10, f"n{number % 3:02d}", event)


def trace_of(seed, limit=1000):
    trace = Trace(limit)
    for record in records(seed):
        trace.append(record)
    return trace


def test_equal_traces_have_equal_digests_and_others_do_not():
    assert trace_of(1).digest() == trace_of(1).digest()
    assert trace_of(1).digest() != trace_of(2).digest()


def test_a_digest_covers_what_was_let_go():
    short = trace_of(1, limit=3)

    assert (len(short), short.let_go) == (3, 47)
    assert short.digest() == trace_of(1).digest()


def test_a_digest_is_the_same_on_every_machine_and_in_every_version():
    trace = Trace()
    trace.append(Record(1.5, "n00", Joined(neighbors=8)))
    trace.append(next(records(7)))

    # Written down once: what moves it changes every recorded run.
    assert trace.digest()[:16] == "2538c72f90ba0a08"


def test_the_order_of_records_changes_the_digest():
    one, other = Trace(), Trace()
    first, second = list(records(1, 2))
    for record in (first, second):
        one.append(record)
    for record in (second, first):
        other.append(record)

    assert one.digest() != other.digest()


def test_records_may_be_appended_while_somebody_reads():
    trace = trace_of(1)

    for number, record in enumerate(trace):
        if number < 5:
            trace.append(record)

    assert len(trace) == 55


def test_a_trace_becomes_a_table_with_a_row_a_record():
    trace = trace_of(1)
    trace.append(Record(9.0, "n00", Joined(neighbors=8)))

    table = trace.to_pandas()

    assert len(table) == 51
    assert list(table.columns[:3]) == ["at_s", "node", "event"]
    assert table["steps"].max() == 1
    assert list(table[table.event == "Joined"].neighbors) == [8]


def test_a_trace_keeps_at_least_one_record():
    with pytest.raises(ValueError, match="at least 1"):
        Trace(limit=0)
