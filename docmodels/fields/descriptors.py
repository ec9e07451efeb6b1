"""Class attributes over the slots of a document."""

from __future__ import annotations

from typing import Any


class ConvertedAttribute:
    """
    Convert the slot's decoded value when it is read for the first time.

    The converted value takes the place of the decoded one, so that the second
    read returns the same object. Writing goes through the document's
    `__setattr__`; an empty slot raises AttributeError, on which Python asks
    the document's `__getattr__` for the default.
    """

    __slots__ = ("_from_db", "_get", "_set", "_types", "field", "slot")

    def __init__(self, field: Any, slot: Any) -> None:
        self.field = field
        self.slot = slot
        self._get = slot.__get__
        self._set = slot.__set__
        self._from_db = field.from_db
        self._types = frozenset(field.converted_types)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        value = self._get(instance)
        if value.__class__ in self._types:
            value = self._from_db(value)
            self._set(instance, value)
        return value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.field}>"
