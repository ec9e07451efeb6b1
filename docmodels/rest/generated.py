"""
Generate the functions that turn documents into dicts, a line for each key.

They are for what documents nearly always are: nothing missing that must be
there, and each value of the class that its field stores. For other documents
each gives way to the function that looks closely, for other values to the
conversion that knows all classes.
"""

from __future__ import annotations

import datetime
import itertools
import uuid
from collections.abc import Callable
from types import NoneType
from typing import Any, NamedTuple

from bson import Decimal128, ObjectId

from docmodels import codecs, documents
from docmodels.rest.encoding import moment_to_json
from docmodels.tracking import MISSING

Represent = Callable[[Any], dict[str, Any]]

#: Classes of values that JSON carries as they are.
_PLAIN = frozenset({bool, int, NoneType, str})


class Expected(NamedTuple):
    """What the values of a field nearly always are, as the driver decodes them."""

    #: Their class.
    cls: type
    #: What shows them, None where they are shown as they are.
    show: Callable[[Any], Any] | None = None
    #: What the elements of a list are, and the conversion of others.
    item: tuple[Expected | None, Callable[[Any], Any]] | None = None


#: By field, the first that is one of these classes.
_STORED = {
    documents.TextField: Expected(str),
    documents.BooleanField: Expected(bool),
    documents.IntegerField: Expected(int),
    documents.FloatField: Expected(float),
    documents.DecimalField: Expected(Decimal128, codecs.to_digits),
    documents.ObjectIdField: Expected(ObjectId, ObjectId.__str__),
    documents.ReferenceField: Expected(ObjectId, ObjectId.__str__),
    documents.UUIDField: Expected(uuid.UUID, str),
    documents.DateTimeField: Expected(datetime.datetime, moment_to_json),
}


def expected_of(field: Any) -> Expected | None:
    """Return what a field of one value stores, None where that is not known."""
    return next((found for cls, found in _STORED.items() if isinstance(field, cls)), None)


def from_documents(columns: list[Any], closely: Represent) -> Represent:
    """Return the function for documents; `closely` is for those that lack something."""
    names = _Names(closely)
    certain = list(itertools.takewhile(_is_certain, columns))
    lines = ["def represent(document):", "    try:", "        shown = {"]
    for column in certain:
        value = names.value_of(column, f"(v := {names.add(column.source.slot_get)}(document))")
        lines.append(f"            {column.key!r}: {value},")
    lines.append("        }")
    for column in columns[len(certain) :]:
        lines += [f"        {line}" for line in names.lines_of(column)]
    lines += [
        # An empty slot, or a subclass with slots of its own.
        "    except (AttributeError, TypeError):",
        "        return closely(document)",
        "    return shown",
    ]
    return names.compile(lines)


def _is_certain(column: Any) -> bool:
    """Tell whether what is stored has the column."""
    return column.raw and (column.source.required or column.source.primary_key)


def from_raw(columns: list[Any], closely: Represent) -> Represent:
    """Return the function for stored dicts; `closely` is for those that lack a key."""
    names = _Names(closely)
    certain = list(itertools.takewhile(_is_certain, columns))
    lines = ["def represent(raw):", "    try:", "        shown = {"]
    for column in certain:
        value = names.value_of(column, f"(v := raw[{column.source.db_field!r}])")
        lines.append(f"            {column.key!r}: {value},")
    lines += ["        }", "    except KeyError:", "        return closely(raw)"]
    for column in columns[len(certain) :]:
        lines += [
            f"    v = raw.get({column.source.db_field!r}, MISSING)",
            "    if v is not MISSING:",
            f"        shown[{column.key!r}] = {names.value_of(column, 'v')}",
        ]
        if column.source.has_default():
            lines += ["    else:", "        return closely(raw)"]
    lines.append("    return shown")
    return names.compile(lines)


class _Names:
    """The names that the generated lines use, and the expressions that they are made of."""

    def __init__(self, closely: Represent) -> None:
        self._namespace: dict[str, Any] = {
            "MISSING": MISSING,
            "PLAIN": _PLAIN,
            "closely": closely,
        }

    def add(self, value: Any) -> str:
        """Return a name for `value`."""
        name = f"_{len(self._namespace)}"
        self._namespace[name] = value
        return name

    def compile(self, lines: list[str]) -> Represent:
        """Return the function."""
        exec("\n".join(lines), self._namespace)
        represent: Represent = self._namespace["represent"]
        return represent

    def lines_of(self, column: Any) -> list[str]:
        """Return the lines that put what may be missing into `shown`."""
        this, name = f"shown[{column.key!r}]", column.source.attname
        from_attribute = [
            f"v = document.{name}",
            f"if v is not None or document.is_set({column.source.name!r}):",
            f"    {this} = {self._shown(None, column.convert, 'v', 'v')}",
        ]
        if not column.raw:
            return from_attribute
        if not column.source.has_default():
            # What was loaded and is not there has no value.
            from_attribute = [
                "if document._source.loaded is not None:",
                *(f"    {line}" for line in from_attribute),
            ]
        return [
            "try:",
            f"    v = {self.add(column.source.slot_get)}(document)",
            "except AttributeError:",
            *(f"    {line}" for line in from_attribute),
            "else:",
            f"    {this} = {self.value_of(column, 'v')}",
        ]

    def value_of(self, column: Any, first: str) -> str:
        """Return the expression for the output of a value, which `first` reads into `v`."""
        return self._shown(column.expected if column.raw else None, column.convert, "v", first)

    def _shown(
        self, expected: Expected | None, convert: Callable[[Any], Any], this: str, first: str
    ) -> str:
        otherwise = f"{self.add(convert)}({this})"
        if expected is None:
            # A finite number is itself less itself 0, NaN and the infinities are not.
            return (
                f"{this} if (c := {first}.__class__) in PLAIN or (c is float and "
                f"{this} - {this} == 0.0) else {otherwise}"
            )
        shown = this
        if expected.item is not None:
            shown = f"[{self._shown(*expected.item, 'i', 'i')} for i in {this}]"
        elif expected.show is not None:
            shown = f"{self.add(expected.show)}({this})"
        test = f"{first}.__class__ is {self.add(expected.cls)}"
        if expected.cls is float:
            test += f" and {this} - {this} == 0.0"
        return f"{shown} if {test} else {otherwise}"
