"""Overlays as pictures get them, made of pairs of numbers."""

import random

import networkx as nx


def overlay_of_pairs(nodes, pairs, kind="neighbor", id_bits=160):
    """Nodes n00, n01, ... with random ids, and one edge a pair."""
    graph = nx.DiGraph()
    rng = random.Random(f"{nodes}/{id_bits}")
    width = max(2, len(str(nodes - 1)))
    names = [f"n{i:0{width}}" for i in range(nodes)]
    for i, name in enumerate(names):
        address = f"127.0.{i // 250}.{i % 250 + 1}:6881"
        graph.add_node(
            name, id=rng.getrandbits(id_bits), state="alive", address=address
        )
    for a, b in pairs:
        graph.add_edge(names[a], names[b], kind=kind, kinds=(kind,))
    return graph
