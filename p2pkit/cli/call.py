"""`p2pkit call`: a node that lives for one verb."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from p2pkit.cli.guard import say
from p2pkit.cli.node import ANY_PORT, NAME, NodePlan, near, require_loopback, run_loop
from p2pkit.cli.values import arguments, to_json
from p2pkit.core import (
    LocalProtocolError,
    Operation,
    P2PError,
    PeerUnreachable,
    RequestTimeout,
    format_address,
)

NOTHING = type(None)
"""The result of a verb that has none."""

NOT_VERBS = frozenset(
    {
        "bootstrap",
        "choose_id",
        "hear",
        "look_after",
        "pick",
        "receive",
        "receive_stream",
        "restore",
        "save",
        "spread",
        "stop",
    }
)
"""What drivers and a protocol's own parts call, or what happens by itself; so is every
method whose name begins with ``on_``."""


def run_call(
    plan: NodePlan,
    verb: str,
    texts: Sequence[str],
    timeout_s: float,
    *,
    stay_s: float = 0,
) -> None:
    """Join, do the verb, stay for `stay_s`, print its result as one line of JSON."""
    # Read before anything is sent: a typing mistake needs no network.
    args = arguments(verb_named(plan.protocol, plan.protocol_class, verb), texts)
    addresses = [arg for arg in args if isinstance(arg, tuple)]
    for address in addresses:
        if not plan.outside:
            require_loopback(address)
    if plan.listen == ANY_PORT and not plan.bootstrap:
        plan = replace(plan, listen=near(addresses))
    shown = " ".join([verb, *texts])
    try:
        result = run_loop(lambda: _call(plan, verb, args, timeout_s, stay_s))
    except (PeerUnreachable, RequestTimeout) as error:
        if plan.bootstrap or addresses:
            raise
        reason = f"{shown}: nobody could be asked; {_remedy(plan)}"
        raise P2PError(reason) from error
    if result is None and _result_of(getattr(plan.protocol_class, verb)) is not NOTHING:
        reason = f"{shown}: nothing was found; {_remedy(plan)}"
        raise P2PError(reason)
    say(json.dumps(to_json(result)))


def verb_named(protocol: str, kind: type[Any], verb: str) -> Callable[..., Any]:
    """Return the verb of that name, or say which there are."""
    verbs = _verbs(kind)
    if verb not in verbs:
        reason = f"{protocol} has no verb {verb!r}; it has {', '.join(verbs)}"
        raise LocalProtocolError(reason)
    found: Callable[..., Any] = getattr(kind, verb)
    return found


def ends_later(verb: Callable[..., Any]) -> bool:
    """Whether a verb is an operation, which ends after its messages were answered."""
    return get_origin(_promised(verb)) is Operation


def _result_of(verb: Callable[..., Any]) -> Any:
    """Return the type of what a verb comes to."""
    promised = _promised(verb)
    return get_args(promised)[0] if ends_later(verb) else promised


def _promised(verb: Callable[..., Any]) -> Any:
    return get_type_hints(verb).get("return", Any)


def _remedy(plan: NodePlan) -> str:
    if plan.bootstrap:
        return "look for it by another node, or put it"
    return "this node was alone: name one to join through with --bootstrap HOST:PORT"


def _verbs(kind: type[Any]) -> list[str]:
    return [
        name
        for name in sorted(dir(kind))
        if not name.startswith("_")
        and not name.startswith("on_")
        and name not in NOT_VERBS
        and callable(getattr(kind, name))
        and not isinstance(getattr(kind, name), type)
    ]


async def _call(
    plan: NodePlan, verb: str, args: list[Any], timeout_s: float, stay_s: float
) -> Any:
    from p2pkit.net import Network

    config = _quiet(plan.config)
    async with Network(seed=secrets.randbits(64), outside=plan.outside) as network:
        node = network.add(NAME, plan.protocol_class, plan.listen, config=config)
        if plan.bootstrap:
            joined = node.protocol.bootstrap(list(plan.bootstrap))
            await network.run(joined, timeout_s)
            _require_neighbors(node.protocol, plan)
        began = getattr(node.protocol, verb)(*args)
        if isinstance(began, Operation):
            began = await network.run(began, timeout_s)
        await asyncio.sleep(stay_s)
        node.stop()
    return began


def _quiet(config: Any) -> Any:
    """Keep a node that is gone in a second out of others' tables, if it can say so."""
    if hasattr(config, "read_only"):
        return msgspec.structs.replace(config, read_only=True)
    return config


def _require_neighbors(protocol: Any, plan: NodePlan) -> None:
    if next(iter(protocol.neighbors()), None) is None:
        asked = ", ".join(format_address(address) for address in plan.bootstrap)
        reason = (
            f"nobody answered at {asked}: check that a {plan.protocol} node is there"
        )
        raise RequestTimeout(reason)
