# SPDX-License-Identifier: GPL-2.0-only
"""Scapy in the kit: layers for its protocols, a socket over the ring, crafted packets.

This folder is GPL-2.0-only, for scapy is, and what subclasses its `Packet` builds on
it; see ``LICENSE.md`` beside this file. Nothing outside imports it before it is needed.
"""
