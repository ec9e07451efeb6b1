"""Class attributes over the slots of a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from docmodels.fields import transforms
from docmodels.tracking import Tracked


class ConvertedAttribute(property):
    """
    Convert the slot's decoded value when it is read for the first time.

    The converted value takes the place of the decoded one, so that the second
    read returns the same object. Writing goes through the document's
    `__setattr__`; an empty slot raises AttributeError, on which Python asks
    the document's `__getattr__` for the default.

    A property, because Python calls its function without a detour.
    """

    def __init__(self, field: Any, slot: Any) -> None:
        super().__init__(_make_reader(field, slot.__get__, slot.__set__))
        self.field = field
        self.slot = slot

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.field}>"


class TransformedAttribute(property):
    """Read another attribute through the functions of the option `get`."""

    def __init__(self, field: Any, attribute: Any) -> None:
        super().__init__(_make_getter(field, attribute.__get__))
        self.field = field

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.field}>"


def _make_getter(field: Any, get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(instance: Any) -> Any:
        value = get(instance)
        try:
            return transforms.apply(field.getters, value)
        except AttributeError as error:
            # Python would ask `__getattr__`, which knows of empty slots only.
            raise TypeError(f"{field}: get of {value!r} failed: {error}") from error

    return read


def _make_reader(
    field: Any, get: Callable[[Any], Any], store: Callable[[Any, Any], None]
) -> Callable[[Any], Any]:
    from_db, from_db_inside, embeds = field.from_db, field.from_db_inside, field.embeds
    types = frozenset(field.converted_types)

    def read(instance: Any) -> Any:
        value = get(instance)
        if value.__class__ in types:
            value = from_db(value)
            store(instance, value)
        return value

    def read_container(instance: Any) -> Any:
        value = get(instance)
        if value.__class__ in types:
            # Python shares one plain reference among all that ask for it.
            value = from_db_inside(value, ref(instance)) if embeds else from_db(value)
            # A new object keeps what it was given as it is stored, too.
            if not instance._source.stored and isinstance(value, Tracked):
                value.renew()
            store(instance, value)
        return value

    holds = embeds or not types.isdisjoint({dict, list})
    return read_container if holds else read
