"""What can be let into a cluster on purpose: nodes that misbehave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import msgspec

from p2pkit.cluster import attackers
from p2pkit.cluster.carrier import Kind
from p2pkit.cluster.forging import Level, forge
from p2pkit.cluster.lifetime import Lifetime
from p2pkit.cluster.plan import whole
from p2pkit.core import ClusterError, Settings, Targets

if TYPE_CHECKING:
    from p2pkit.attacks.spoofing import Forged
    from p2pkit.cluster.cluster import Cluster
    from p2pkit.cluster.node import Node


class Attacked(Lifetime):
    """The part of a `Cluster` that lets attackers in."""

    def add_attackers(
        self,
        protocol_class: type[Any],
        count: int,
        *,
        machines: int = 1,
        processes: int = 1,
        config: Any = None,
        **settings: Any,
    ) -> list[Node]:
        """Let attackers in: nodes of another class, that join as any node does.

        They know of each other from the start. Each is named ``x00``, ``x01``, ...,
        and is ended with `stop`, `kill` and so on, as any node. From now on no node of
        this cluster, honest or not, sends to an address that is no node of it; clients
        that came from outside are not heard any more.

        Parameters
        ----------
        protocol_class : type
            What they run, such as `p2pkit.attacks.Eclipse`; a class from a cell
            will do.
        count : int
            How many identities the attacker has: one node and one address each.
        machines : int
            How many /24s those addresses are in; they go round them.
        processes : int
            Host processes for them alone, on real sockets.
        config : Settings, optional
            Their settings. Without it they have those of the cluster's nodes, where
            they know a setting of that name, and their own defaults beside these.
        **settings
            Changes to their settings, such as ``target=key``.

        Returns
        -------
        list of Node
            The attackers.

        Raises
        ------
        ClusterError
            If the cluster has a topology, or peers outside, or no room for so many.
        """
        options = self._options
        if options.topology is not None:
            reason = "a cluster with a topology does not grow, so nobody attacks it"
            raise ClusterError(reason)
        if options.outside:
            reason = (
                "this cluster was joined to peers outside, and attackers run only in a "
                "cluster of its own: make one without bootstrap="
            )
            raise ClusterError(reason)
        count, machines = whole("count", count), whole("machines", machines)
        processes = whole("processes", processes)
        if count < 1 or not 1 <= processes <= count:
            reason = f"{count} attackers in {processes} processes: give 1 or more each"
            raise ClusterError(reason)
        kind = Kind(protocol_class, self._settings(protocol_class, config, settings))
        with self.run.carrier.turns:
            seats = attackers.seat(self.run, kind, count, machines, processes)
        self._join(seats)
        return [self._node(one.index) for one in seats]

    def forge(self, forged: Iterable[Forged]) -> Level:
        """Have messages reach nodes in other nodes' names, see `attacks.spoofing`.

        Returns
        -------
        {"packets", "messages"}
            How they went: in a private network as packets with a forged source; else,
            for that takes rights, they are handed to the node as if they had come.

        Raises
        ------
        ForbiddenTarget
            If one goes to what is no node of this cluster, or names as its source what
            is none: that is where the answer would go.
        """
        return forge(cast("Cluster", self), forged)

    @property
    def attackers(self) -> list[Node]:
        """The nodes that were let in with `add_attackers`, in order."""
        return [self._node(one.index) for one in self.run.seats if one.is_attacker]

    @property
    def honest(self) -> list[Node]:
        """The other nodes, in order."""
        return [self._node(one.index) for one in self.run.seats if not one.is_attacker]

    @property
    def targets(self) -> Targets:
        """Where attack code and crafted packets may go: the nodes that run now."""
        return self.run.targets

    def _settings(
        self, protocol_class: type[Any], config: Any, settings: dict[str, Any]
    ) -> Settings:
        kind = getattr(protocol_class, "Config", None)
        if not (isinstance(kind, type) and issubclass(kind, Settings)):
            reason = (
                f"{protocol_class!r} is no attacker: give a class such as "
                "p2pkit.attacks.Eclipse, with a codec, a carrier and a Config"
            )
            raise ClusterError(reason)
        if config is None:
            ours = msgspec.structs.asdict(self.config)
            known = {
                name: ours[name] for name in kind.__struct_fields__ if name in ours
            }
            settings = known | settings
        return kind.of(config, **settings)

    def _node(self, index: int) -> Node:
        raise NotImplementedError
