"""One sandboxed process, as the grader sees it: one request, one answer."""

from __future__ import annotations

import itertools
import pickle
import signal
import socket
from collections.abc import Iterator
from typing import Any, NoReturn, Protocol

import msgspec

from p2pkit.classroom.sandbox import frames, strange
from p2pkit.classroom.sandbox.account import Account
from p2pkit.classroom.sandbox.limits import Limits
from p2pkit.classroom.sandbox.zygote import Death
from p2pkit.harness.failing import StudentError


class Parent(Protocol):
    """Whose children processes are: a `Sandbox`."""

    account: Account

    def notice(self, sentence: str) -> None:
        """Keep something that whoever grades should know."""
        ...

    def end(self, number: int) -> Death:
        """End a child, if it still lives; return how it ended."""
        ...

    def forget(self, number: int) -> None:
        """Have a child ended when there is time for it."""
        ...


class Remote:
    """The grader's end of one sandboxed process: one request, one answer.

    It is what its socket says it is; no answer can come in another's name.
    """

    def __init__(
        self, sandbox: Parent, number: int, sock: socket.socket, limits: Limits
    ) -> None:
        self.sandbox, self.number, self.limits = sandbox, number, limits
        sock.settimeout(limits.reply_s)
        self.channel = frames.Channel(sock, limits.reply_bytes)
        self.calls, self.waited_s = 0, 0.0  # for answers, in all its life
        self.dead, self.was_grave, self.has_gone = "", False, False

    def ask(self, now_s: float, task: str, *args: Any) -> frames.Answer:
        """Return the answer to one request.

        Raises
        ------
        StudentError
            If the process has ended, is ended because it breaks a limit or a rule, or
            the account of the check is used up.
        """
        if self.dead:
            raise StudentError(self.dead)
        account = self.sandbox.account
        began_s = account.on_call()
        self.calls += 1
        request = pickle.dumps((self.calls, now_s, task, *args))
        try:
            self.channel.send(request)
            frame = self.channel.receive()
            account.on_bytes(len(frame))
            answer = frames.decode_answer(frame)
        except TimeoutError:
            limit_s = self.limits.reply_s
            self._fail(f"gave no answer in {limit_s:g} s", True)
        except frames.TooLong as error:
            self._fail(f"gave {error}")
        except (OSError, frames.Broken):
            self._fail()
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._fail(f"sent what is no answer: {error}")
        finally:
            self.waited_s += account.on_answer(began_s)
        self._heed(answer)
        return answer

    def reports(self, count: int) -> list[frames.CellReport]:
        """Return the reports of a trial, as far as it got."""
        return list(itertools.islice(self._reports(), count))

    def _reports(self) -> Iterator[frames.CellReport]:
        try:
            while True:
                yield frames.decode_report(self.channel.receive())
        except (frames.Broken, ConnectionError):
            self.has_gone = True
        except (OSError, frames.TooLong, msgspec.MsgspecError, ValueError):
            pass  # it is there, and says nothing, or nothing that makes sense

    def close(self) -> None:
        """Count this process out; it is ended before the next one is made."""
        if not self.dead:
            self.refuse("this node's process was closed")

    def refuse(self, why: str) -> None:
        """Listen to this process no more, and end it when there is time for it."""
        self.dead = why
        self.sandbox.forget(self.number)

    def end(self, why: str = "") -> str:
        """End the process now; return how it ended, or else `why` we end it."""
        death, limit_s = self.sandbox.end(self.number), self.limits.cpu_s
        if death.cpu_s > limit_s - 0.5:
            self.was_grave = True
            return f"used more than {limit_s} s of processor time"
        if death.signal not in (0, signal.SIGKILL):
            return f"was ended by {_signal_name(death.signal)}"
        return why or f"ended itself with status {death.status}"

    def _heed(self, answer: frames.Answer) -> None:
        """Look at an answer's form, and note what it says of the code."""
        if answer.number != self.calls or self.channel.has_more:
            self._fail("answered what it was not asked")
        if len(answer.effects) > self.limits.effects:
            self._fail("did more in one call than it may")
        if answer.printed_chars:
            self.sandbox.notice("it prints while it runs")
        for name in sorted(strange.NAMES.intersection(answer.strange)):
            self.sandbox.notice(f"it uses {name}, which is not the context's")

    def _fail(self, why: str = "", is_grave: bool = False) -> NoReturn:
        """End the process, and say why."""
        self.was_grave = is_grave
        self.dead = f"the process your code runs in {self.end(why)}"
        self.sandbox.notice(self.dead)
        self.sandbox.account.on_death(self.dead, self.was_grave)
        raise StudentError(self.dead)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the realtime signals have no name
        return f"signal {number}"
