"""Adversaries: protocols that misbehave on purpose, and the named defenses."""
