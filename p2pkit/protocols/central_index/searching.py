"""Searching: questions to the index.

Questions have no number: an index answers them one after the other, in their order.
Read first: ``membership.py``. Read next: ``downloads.py``.
"""

from __future__ import annotations

from collections import deque

from p2pkit.core import (
    Address,
    LocalProtocolError,
    Operation,
    PeerUnreachable,
    RemoteProtocolError,
    Step,
    StreamContext,
)
from p2pkit.protocols.central_index import messages as m
from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.downloads import Source, limit

MAX_OPEN = 256
"""Questions that may wait for their answers."""


class Question(Operation[list[Source]]):
    """One question, and what has been answered so far."""

    def __init__(self, number: int, began_s: float) -> None:
        super().__init__("search", number=number, began_s=began_s)
        self.sources: list[Source] = []


class Searching:
    """The open questions of one peer."""

    def __init__(self, ctx: StreamContext, config: CentralIndexConfig) -> None:
        self.ctx, self.config = ctx, config
        self._questions: deque[Question] = deque()
        self._begun = 0

    def ask(
        self, index: Address | None, index_id: int, text: str, most: int
    ) -> Question:
        """Ask the index; fails at once if there is none."""
        self._begun += 1
        question = Question(self._begun, self.ctx.now())
        if index is None:
            question.fail(PeerUnreachable("the index is gone: wait until it is back"))
            return question
        if len(self._questions) >= MAX_OPEN:
            reason = f"{MAX_OPEN} questions wait already: ask when some are answered"
            raise LocalProtocolError(reason)
        self._questions.append(question)
        limit(self.ctx, question, self.config.search_s)

        def ended(_: Operation[list[Source]]) -> None:
            end_s = self.ctx.now()
            outcome = "failed" if question.error else "answered"
            step = Step(index_id, 1, question.began_s, end_s, outcome)
            question.steps = (step,)
            self.ctx.emit(question.event())

        question.then(ended)
        self.ctx.send(index, m.Find(text, most))
        return question

    def on_found(self, found: m.Found) -> None:
        """Take one source for the oldest question."""
        source = Source(found.name, found.size_bytes, found.nick, found.address)
        question = self._oldest()
        if len(question.sources) >= self.config.max_hits:
            raise RemoteProtocolError("more than was asked for")  # noqa: EM101, TRY003
        question.sources.append(source)

    def on_found_all(self) -> None:
        """End the oldest question."""
        question = self._oldest()
        self._questions.popleft()
        question.finish(question.sources)

    def on_index_gone(self) -> None:
        """Let all questions fail."""
        while self._questions:
            reason = "the index has died with the question: ask again when it is back"
            self._questions.popleft().fail(PeerUnreachable(reason))

    def _oldest(self) -> Question:
        if not self._questions:
            raise RemoteProtocolError("answer to no question")  # noqa: EM101, TRY003
        return self._questions[0]
