"""What a live view shows, as a person chose it: checked, and the same in every face."""

from __future__ import annotations

from typing import Any

from p2pkit.core import LocalProtocolError

QUANTITIES = ("state", "load", "traffic", "degree", "in-degree")
"""What can color nodes; sizes too, but for state."""

DEFAULTS: dict[str, Any] = {
    "color_by": "state",
    "size_by": None,
    "kinds": None,
    "paused": False,
    "at_s": None,
    "selected": None,
    "show_dead": False,
}
"""Every setting: what colors and sizes nodes; kinds of edges shown (all if None);
whether the picture stands, and at which moment of the run; the node, or two names with
a space between them for an edge, that is selected; whether dead nodes are drawn."""


class Settings:
    """The settings of one view."""

    def __init__(self, **given: Any) -> None:
        self._values = dict(DEFAULTS)
        self.change(given)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def plain(self) -> dict[str, Any]:
        """Return all settings by name."""
        return dict(self._values)

    def change(self, changes: dict[str, Any]) -> None:
        """Take over some settings, or none of them.

        Raises
        ------
        LocalProtocolError
            If there is no such setting, or no such value of it.
        """
        for name, value in changes.items():
            check(name, value)
        self._values.update(changes)


def check(name: str, value: Any) -> None:
    """Raise `LocalProtocolError` unless a setting may have this value."""
    match name, value:
        case "color_by", str() if value in QUANTITIES:
            return
        case "size_by", None:
            return
        case "size_by", str() if value in QUANTITIES[1:]:
            return
        case (("paused" | "show_dead"), bool()):
            return
        case (("at_s" | "selected" | "kinds"), None):
            return
        case "at_s", (int() | float()):
            return
        case "selected", str():
            return
        case "kinds", list() if all(isinstance(one, str) for one in value):
            return
    raise LocalProtocolError(_refusal(name, value))


def _refusal(name: str, value: Any) -> str:
    if name not in DEFAULTS:
        return f"a view has no setting {name!r}; it has {', '.join(DEFAULTS)}"
    allowed = {
        "color_by": f"one of {', '.join(QUANTITIES)}",
        "size_by": f"None, or one of {', '.join(QUANTITIES[1:])}",
        "paused": "True or False",
        "show_dead": "True or False",
        "at_s": "seconds of the run, or None for now",
        "selected": "the name of a node, two names with a space, or None",
        "kinds": "a list of kinds of edges, or None for all",
    }[name]
    return f"{name} cannot be {value!r}: say {allowed}"
