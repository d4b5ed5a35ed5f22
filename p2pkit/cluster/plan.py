"""What the caller asked for, checked once and before anything starts."""

from __future__ import annotations

import operator
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from p2pkit.cluster.addresses import MAX_PORT, Kind, default_kind, require_size
from p2pkit.cluster.carrier import Task
from p2pkit.cluster.launcher import Launcher, Network
from p2pkit.cluster.progress import Wanted
from p2pkit.cluster.topology import Linked, Topology, make_links
from p2pkit.core import Address, ClusterError, Settings, parse_address
from p2pkit.faults import Link, Rule

CarrierName = Literal["real", "virtual"]
LIMIT_S: dict[CarrierName, float] = {"real": 60.0, "virtual": 600.0}
"""How long things may take if not said; virtual seconds cost nobody's patience."""
PROCESSES = 4
"""Host processes if not said: enough to be several, few enough for two cores."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of a `Cluster`, see there."""

    nodes: int
    processes: int
    carrier: CarrierName
    addresses: Kind
    port: int | None
    outside: tuple[Address, ...]
    topology: Linked | None
    folder: Path | None
    progress: Wanted
    timeout_s: float
    launcher: Launcher | None
    network: Network


def make_options(
    nodes: int,
    processes: int | None,
    carrier: str,
    addresses: str | None,
    port: int | None,
    bootstrap: Sequence[str | Address],
    topology: Topology | None,
    run_folder: str | os.PathLike[str] | None,
    timeout_s: float | None,
    network: str,
    **rest: Any,
) -> Options:
    """Return the arguments checked, with what was left out filled in.

    Raises
    ------
    ClusterError
        If one of them makes no sense; the sentence says which and what would.
    """
    nodes = whole("nodes", nodes)
    require_size(nodes)
    if processes is None:
        processes = min(nodes, PROCESSES)
    processes = whole("processes", processes)
    if not 1 <= processes <= nodes:
        reason = f"{nodes} nodes run in 1 to {nodes} processes, not in {processes}"
        raise ClusterError(reason)
    runs_on: CarrierName = _one_of("carrier", carrier, "real", "virtual")
    kind = _one_of("addresses", addresses or default_kind(), "own", "shared")
    where: Network = _one_of("network", network, "host", "private")
    if where == "private":
        _require_private(runs_on, bootstrap, rest)
    return Options(
        nodes=nodes,
        processes=processes,
        carrier=runs_on,
        addresses=kind,
        port=None if port is None else _require_port(port, kind, nodes),
        outside=_addresses(bootstrap),
        topology=_links(topology, bootstrap, nodes),
        folder=None if run_folder is None else Path(run_folder),
        timeout_s=LIMIT_S[runs_on] if timeout_s is None else timeout_s,
        network=where,
        **rest,
    )


def make_task(
    protocol_class: type[Any],
    seed: int | None,
    config: Any,
    settings: dict[str, Any],
    rules: Iterable[Rule],
    link: Link | None,
) -> Task:
    """Return what every host is told, checked."""
    kind = getattr(protocol_class, "Config", None)
    if kind is None:
        reason = (
            f"{protocol_class!r} is no protocol: give a class such as "
            "p2pkit.protocols.Kademlia, with a codec, a carrier and a Config"
        )
        raise ClusterError(reason)
    if isinstance(kind, type) and issubclass(kind, Settings):
        config = kind.of(config, **settings)
    elif settings:
        reason = (
            f"{kind.__name__} is no Settings, so {sorted(settings)[0]!r} is unknown"
        )
        raise ClusterError(reason)
    elif config is None:
        config = kind()
    seed = secrets.randbits(32) if seed is None else seed
    return Task(protocol_class, config, seed, require_rules(rules), link)


def require_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules as a tuple; raise `ClusterError` for what is none."""
    found = tuple(rules)
    for one in found:
        if isinstance(one, type) or not hasattr(one, "judge"):
            reason = f"{one!r} is no fault rule: give one such as Loss(0.1)"
            raise ClusterError(reason)
    return found


def _require_private(carrier: str, bootstrap: Sequence[Any], rest: Any) -> None:
    """Raise `ClusterError` if something else forbids a private network."""
    if carrier == "virtual":
        reason = (
            "virtual time has no network, so none that is private: leave out "
            'network= or carrier="virtual"'
        )
    elif bootstrap:
        reason = (
            "bootstrap= names peers outside, and no way leads out of a private "
            "network: start them inside with spawn, or leave out network="
        )
    elif rest.get("launcher") is not None:
        reason = (
            "a private network is made by the launcher of this machine: leave out "
            "launcher= or network="
        )
    else:
        return
    raise ClusterError(reason)


def _links(
    topology: Topology | None, bootstrap: Sequence[Any], nodes: int
) -> Linked | None:
    if topology is None:
        return None
    if bootstrap:
        reason = "bootstrap= and topology= both say whom nodes join through: give one"
        raise ClusterError(reason)
    return make_links(topology, nodes)


def _addresses(bootstrap: Iterable[str | Address]) -> tuple[Address, ...]:
    return tuple(
        parse_address(one) if isinstance(one, str) else one for one in bootstrap
    )


def whole(what: str, value: Any) -> int:
    """Return a number; raise `ClusterError` with a sentence for what is none."""
    try:
        return operator.index(value)
    except TypeError:
        reason = f"{what} is a whole number, such as 4, not {value!r}"
        raise ClusterError(reason) from None


def _require_port(port: Any, kind: Kind, nodes: int) -> int:
    number = whole("port", port)
    if not 0 <= number <= MAX_PORT:
        reason = f"a port is from 0 to {MAX_PORT}, not {number}"
        raise ClusterError(reason)
    if kind == "shared" and number + nodes - 1 > MAX_PORT:
        reason = (
            f"{nodes:,} nodes that share an address take the ports from {number} on, "
            f"and the last there is, is {MAX_PORT}: give port= at most "
            f"{MAX_PORT + 1 - nodes}"
        )
        raise ClusterError(reason)
    return number


def _one_of(what: str, value: str, *allowed: str) -> Any:
    if value not in allowed:
        reason = f"{what} is one of {', '.join(allowed)}, not {value!r}"
        raise ClusterError(reason)
    return value
