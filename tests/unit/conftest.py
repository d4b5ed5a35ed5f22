"""One node and a `Recorder`: a message that no test read fails in tear-down."""

import pytest

from tests.recorder import Recorder


@pytest.fixture
def recorders():
    """Return a maker of recorders that looks after them when the test is over."""
    made = []

    def make(*arguments, **named):
        made.append(Recorder(*arguments, **named))
        return made[-1]

    yield make

    unread = [message for recorder in made for message in recorder.sent]
    assert unread == [], "messages that the test did not expect"
