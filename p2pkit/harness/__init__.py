"""Scenarios: protocol, topology, workload, faults and seeds in; verdicts out."""
