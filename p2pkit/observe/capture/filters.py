"""Socket filters: small programs by which the kernel takes some packets only.

Classic BPF, as ``linux/filter.h`` has it: each instruction is a code, two jumps and a
number. They are simple enough to be written out, so no libpcap is needed.
"""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import struct
from collections.abc import Iterable
from itertools import pairwise

SO_ATTACH_FILTER = 26

_LOAD_WORD, _LOAD_HALF, _LOAD_BYTE = 0x20, 0x28, 0x30  # from a fixed offset
_LOAD_HALF_AT_X, _X_HEADER = 0x48, 0xB1  # X becomes the length of the IP header
_AND, _IS_EQUAL, _IS_MORE_OR_EQUAL, _IS_MORE = 0x54, 0x15, 0x35, 0x25
_HAS_BITS, _RETURN = 0x45, 0x06

_TAKE, _LEAVE = (_RETURN, 0, 0, 0x40000), (_RETURN, 0, 0, 0)
_TYPE_AT, _FRAGMENT_AT, _PROTOCOL_AT, _SOURCE_AT, _TARGET_AT = 12, 20, 23, 26, 30
_IPV4 = 0x0800

MOST_RANGES = 400
"""Ranges of ports that one program tells apart; a program has 4,096 instructions."""

Instruction = tuple[int, int, int, int]
Program = tuple[Instruction, ...]

NOTHING: Program = (_LEAVE,)
"""Takes no packet."""


def of_network(network: str) -> Program:
    """Return a program that takes IPv4 packets from or to a network.

    Parameters
    ----------
    network : str
        Such as ``127.5.0.0/16``.
    """
    found = ipaddress.IPv4Network(network)
    mask, number = int(found.netmask), int(found.network_address)
    return (
        (_LOAD_HALF, 0, 0, _TYPE_AT),
        (_IS_EQUAL, 0, 7, _IPV4),
        (_LOAD_WORD, 0, 0, _SOURCE_AT),
        (_AND, 0, 0, mask),
        (_IS_EQUAL, 3, 0, number),
        (_LOAD_WORD, 0, 0, _TARGET_AT),
        (_AND, 0, 0, mask),
        (_IS_EQUAL, 0, 1, number),
        _TAKE,
        _LEAVE,
    )


def of_ports(ports: Iterable[int]) -> Program:
    """Return a program that takes UDP and TCP packets from or to some ports.

    Later fragments of a datagram have no ports and are left. With more than
    `MOST_RANGES` ranges the nearest are taken together, and what lies between.
    """
    tests = []
    for low, high in ranges_of(ports):
        tests += [(_IS_MORE_OR_EQUAL, 0, 2, low), (_IS_MORE, 1, 0, high), _TAKE]
    head: Program = (
        (_LOAD_HALF, 0, 0, _TYPE_AT),
        (_IS_EQUAL, 1, 0, _IPV4),
        _LEAVE,
        (_LOAD_BYTE, 0, 0, _PROTOCOL_AT),
        (_IS_EQUAL, 2, 0, socket.IPPROTO_UDP),
        (_IS_EQUAL, 1, 0, socket.IPPROTO_TCP),
        _LEAVE,
        (_LOAD_HALF, 0, 0, _FRAGMENT_AT),
        (_HAS_BITS, 0, 1, 0x1FFF),
        _LEAVE,
        (_X_HEADER, 0, 0, 14),
    )
    source: Program = ((_LOAD_HALF_AT_X, 0, 0, 14), *tests)
    target: Program = ((_LOAD_HALF_AT_X, 0, 0, 16), *tests)
    return (*head, *source, *target, _LEAVE)


def ranges_of(ports: Iterable[int]) -> list[tuple[int, int]]:
    """Return ports as at most `MOST_RANGES` ranges, in order, both ends included.

    Examples
    --------
    >>> ranges_of([7, 5, 6, 9])
    [(5, 7), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for port in sorted(set(ports)):
        if found and port == found[-1][1] + 1:
            found[-1] = found[-1][0], port
        else:
            found.append((port, port))
    while len(found) > MOST_RANGES:
        gaps = [after[0] - one[1] for one, after in pairwise(found)]
        near = gaps.index(min(gaps))
        found[near : near + 2] = [(found[near][0], found[near + 1][1])]
    return found


def attach(sock: socket.socket, program: Program) -> None:
    """Have the kernel ask a program about each packet from now on."""
    code = b"".join(struct.pack("=HBBI", *one) for one in program)
    memory = ctypes.create_string_buffer(code, len(code))
    where = ctypes.addressof(memory)
    # struct sock_fprog: a count, and after some padding a pointer.
    sock.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(program), where)
    )
