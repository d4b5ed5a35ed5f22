"""`p2pkit call`: a node that lives for one verb."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from p2pkit.cli.guard import say
from p2pkit.cli.node import ANY_PORT, NAME, NodePlan, near, require_loopback, run_loop
from p2pkit.cli.values import arguments, to_json
from p2pkit.core import (
    LocalProtocolError,
    Operation,
    P2PError,
    RequestTimeout,
    format_address,
)

NOT_VERBS = frozenset(
    {
        "bootstrap",
        "choose_id",
        "on_closed",
        "on_connected",
        "receive",
        "restore",
        "stop",
    }
)
"""What drivers call, or what happens by itself."""


def run_call(plan: NodePlan, verb: str, texts: Sequence[str], timeout_s: float) -> None:
    """Join, do the verb, print its result as one line of JSON."""
    verbs = _verbs(plan.protocol_class)
    if verb not in verbs:
        reason = f"{plan.protocol} has no verb {verb!r}; it has {', '.join(verbs)}"
        raise LocalProtocolError(reason)
    # Read before anything is sent: a typing mistake needs no network.
    args = arguments(getattr(plan.protocol_class, verb), texts)
    addresses = [arg for arg in args if isinstance(arg, tuple)]
    for address in addresses:
        if not plan.outside:
            require_loopback(address)
    if plan.listen == ANY_PORT and not plan.bootstrap:
        plan = replace(plan, listen=near(addresses))
    result = run_loop(lambda: _call(plan, verb, args, timeout_s))
    if result is None:
        shown = " ".join([verb, *texts])
        reason = f"{shown}: nothing was found; {_remedy(plan)}"
        raise P2PError(reason)
    say(json.dumps(to_json(result)))


def _remedy(plan: NodePlan) -> str:
    if plan.bootstrap:
        return "look for it by another node, or put it"
    return "this node was alone: name one to join through with --bootstrap HOST:PORT"


def _verbs(kind: type[Any]) -> list[str]:
    return [
        name
        for name in sorted(dir(kind))
        if not name.startswith("_")
        and name not in NOT_VERBS
        and callable(getattr(kind, name))
        and not isinstance(getattr(kind, name), type)
    ]


async def _call(plan: NodePlan, verb: str, args: list[Any], timeout_s: float) -> Any:
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
