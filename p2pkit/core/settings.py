"""Settings: frozen, typed, checked when they are made."""

from __future__ import annotations

from typing import Any, Self

import msgspec

from p2pkit.core.errors import LocalProtocolError


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every protocol's settings."""

    @classmethod
    def of(cls, config: Self | None = None, **changes: Any) -> Self:
        """Return `config`, or the defaults, with `changes` made and checked.

        Raises
        ------
        LocalProtocolError
            If a change names no setting, or its value has the wrong type.
        """
        unknown = set(changes) - set(cls.__struct_fields__)
        if unknown:
            reason = (
                f"{cls.__name__} has no setting {sorted(unknown)[0]!r}; "
                f"it has {', '.join(cls.__struct_fields__)}"
            )
            raise LocalProtocolError(reason)
        fields = msgspec.structs.asdict(config or cls()) | changes
        try:
            return msgspec.convert(fields, cls)
        except msgspec.ValidationError as error:
            reason = f"{cls.__name__} does not take that: {error}"
            raise LocalProtocolError(reason) from error
