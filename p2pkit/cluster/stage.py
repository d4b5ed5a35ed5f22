"""The stage: nodes, foreign peers and edges as hosts tell of them, and what changed."""

from __future__ import annotations

from typing import Any

from p2pkit.cluster.names import Names
from p2pkit.cluster.news import News, NodeNews
from p2pkit.core import Address, Contact
from p2pkit.observe.frames import Link, NodeFrame

MAX_FOREIGN = 1_000
"""Peers that are none of ours; edges to further ones are not shown."""


class Member:
    """A node of ours."""

    def __init__(self, name: str) -> None:
        self.name, self.id = name, 0
        self.address: Address | None = None  # its host may tell before we know
        self.state: Any = "dead"
        self.news: NodeNews | None = None
        self.uses: dict[Link, int] = {}  # edges from it; two contacts may be one node

    def frame(self) -> NodeFrame | None:
        """Return it as part of a frame; None before it has an address."""
        if self.address is None:
            return None
        quantities, role, news = {"degree": float(len(self.uses))}, "", self.news
        if news is not None:
            role = news.role
            quantities |= {
                "sent": float(news.sent),
                "received": float(news.received),
                "sent_bytes": float(news.sent_bytes),
                "received_bytes": float(news.received_bytes),
            }
        who = (self.name, self.id, self.address)
        return NodeFrame(*who, self.state, role, quantities)


class Foreign:
    """A peer that is none of ours, and how many edges lead to it."""

    def __init__(self, contact: Contact) -> None:
        self.contact, self.uses = contact, 0


class Members(dict[str, Member]):
    """The nodes of ours by name, each made when first told of."""

    def __missing__(self, name: str) -> Member:
        member = self[name] = Member(name)
        return member


class Stage:
    """Who is there and who knows whom; remembers what changed since `changes`."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._members = Members()
        self._foreign: dict[str, Foreign] = {}
        self._changed: dict[str, None] = {}
        self._gone: dict[str, None] = {}
        self._edges: dict[Link, bool] = {}  # those that came or went

    def enter(self, name: str, node_id: int, address: Address) -> None:
        """Let a node of ours on; it is dead until its state is told."""
        self.names.add(name, node_id, address)
        member = self._members[name]
        member.id, member.address = node_id, address
        self._changed[name] = None

    def set_state(self, name: str, state: str) -> bool:
        """Change a node's state; False if it is the same. A dead one knows nobody."""
        member = self._members.get(name)
        if member is None or member.state == state:
            return False
        member.state = state
        self._changed[name] = None
        if state == "dead":
            self._unlink_all(member)
        return True

    def hear(self, news: News) -> None:
        """Take in what a host tells of its nodes and edges."""
        for one in news.nodes:
            member = self._members[one.name]
            if one.is_fresh:
                self._unlink_all(member)
            member.news = one
            self._changed[one.name] = None
        for name, kind, contact in news.edges(news.unlinked):
            self._unlink(self._members[name], kind, contact)
        for name, kind, contact in news.edges(news.linked):
            self._link(self._members[name], kind, contact)

    def meet(self, address: Address) -> str:
        """Return the name of who speaks from an address; a stranger is let on."""
        name = self.names.of_address(address)
        if name not in self._members:
            self._welcome(name, Contact(0, address))
        return name

    def changes(self) -> dict[str, Any]:
        """Return what changed since the last call, as the parts of a frame."""
        nodes = (self._look_at(name) for name in self._changed)
        parts = {
            "nodes": tuple(one for one in nodes if one is not None),
            "gone": tuple(self._gone),
            "linked": tuple(edge for edge, is_new in self._edges.items() if is_new),
            "unlinked": tuple(e for e, is_new in self._edges.items() if not is_new),
        }
        self._changed, self._gone, self._edges = {}, {}, {}
        return parts

    def clear(self) -> None:
        """Forget what hosts told, and begin again with all nodes as a change."""
        for member in self._members.values():
            member.news, member.uses = None, {}
        self._foreign.clear()
        self.changes()
        self._changed = dict.fromkeys(self._members)

    def _look_at(self, name: str) -> NodeFrame | None:
        if name in self._members:
            return self._members[name].frame()
        if name in self._foreign:
            contact = self._foreign[name].contact
            return NodeFrame(name, contact.id, contact.address, "foreign")
        return None

    def _link(self, member: Member, kind: str, contact: Contact) -> None:
        name = self.names.of_contact(contact)
        if name == member.name:
            return
        if name not in self._members and not self._welcome(name, contact):
            return
        edge = (member.name, name, kind)
        uses = member.uses[edge] = member.uses.get(edge, 0) + 1
        if uses == 1:
            if name in self._foreign:
                self._foreign[name].uses += 1
            self._turn(edge, is_there=True)

    def _unlink(self, member: Member, kind: str, contact: Contact) -> None:
        edge = (member.name, self.names.of_contact(contact), kind)
        uses = member.uses.get(edge, 0)
        if uses > 1:
            member.uses[edge] = uses - 1
        elif uses:
            self._drop(member, edge)

    def _unlink_all(self, member: Member) -> None:
        for edge in list(member.uses):
            self._drop(member, edge)

    def _drop(self, member: Member, edge: Link) -> None:
        del member.uses[edge]
        self._turn(edge, is_there=False)
        foreign = self._foreign.get(edge[1])
        if foreign is not None:
            foreign.uses -= 1
            if not foreign.uses:
                self._send_off(edge[1])

    def _turn(self, edge: Link, *, is_there: bool) -> None:
        """Note that an edge came or went; both since the last cut is neither."""
        if self._edges.get(edge, is_there) != is_there:
            del self._edges[edge]
        else:
            self._edges[edge] = is_there
        self._changed[edge[0]] = None

    def _welcome(self, name: str, contact: Contact) -> bool:
        """Let a foreign peer on, instead of one that no edge leads to if need be."""
        known = self._foreign.get(name)
        if known is not None:
            if contact.id and contact.id != known.contact.id:
                known.contact = contact
                self._changed[name] = None
            return True
        if len(self._foreign) >= MAX_FOREIGN:
            spare = (one for one, it in self._foreign.items() if not it.uses)
            oldest = next(spare, None)
            if oldest is None:
                return False
            self._send_off(oldest)
        self._foreign[name] = Foreign(contact)
        self._gone.pop(name, None)
        self._changed[name] = None
        return True

    def _send_off(self, name: str) -> None:
        del self._foreign[name]
        self._changed.pop(name, None)
        self._gone[name] = None
