"""
Conditions in an address: `?pages__gte=100&genre=novel&isbn__state=missing`.

A name is a declared path, followed by one of a few lookups; a value is always
a literal that is cast by the field. Everything else is a BadAddress, which
the list answers with a page that says what does not fit.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.core.exceptions import FieldError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from docmodels.admin.columns import element_of, path_title, visible_path
from docmodels.admin.crossing import CrossedPath
from docmodels.constants import LOOKUP_SEP
from docmodels.exceptions import FilterValueError
from docmodels.fields import (
    AnyField,
    DateTimeField,
    EmbeddedField,
    Field,
    ListField,
    MapField,
    ReferenceField,
    TextField,
)

#: Lookups that an address may ask for, with the words between path and value.
LOOKUPS: dict[str, Any] = {
    "exact": gettext_lazy("is"),
    "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "gt": ">",
    "gte": "≥",
    "lt": "<",
    "lte": "≤",
    "contains": gettext_lazy("contains"),
    "icontains": gettext_lazy("contains"),
    "startswith": gettext_lazy("starts with"),
    "istartswith": gettext_lazy("starts with"),
    "isnull": gettext_lazy("is null or missing"),
    "exists": gettext_lazy("exists"),
    "on": gettext_lazy("on"),
    "state": "",
}

#: What a path can hold besides a value of its type.
STATES: dict[str, Any] = {
    "missing": gettext_lazy("missing"),
    "null": gettext_lazy("null"),
    "empty": gettext_lazy("empty"),
    "wrong": gettext_lazy("wrong type"),
}

#: The longest value that is accepted.
MAX_VALUE = 1_000
#: How many values of one name, and conditions altogether, are accepted.
MAX_VALUES, MAX_CONDITIONS = 100, 50


_NOWHERE: Mapping[str, CrossedPath] = MappingProxyType({})


class BadAddress(ValueError):  # noqa: N818 - says what is wrong, as Http404 does
    """A part of a list's address that nothing can be made of."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        #: The name of the parameter that is left out to go on.
        self.parameter = parameter


class Condition:
    """One condition: a path, a lookup, and the texts of its values."""

    def __init__(
        self,
        model: Any,
        parameter: str,
        values: Sequence[str],
        across: Mapping[str, CrossedPath] = _NOWHERE,
    ) -> None:
        """
        Read a parameter; raise BadAddress where it fits nothing.

        `across` has the paths behind references that an address may name.
        """
        self.parameter = parameter
        self.model = model
        self.values = list(dict.fromkeys(values))
        if len(self.values) > MAX_VALUES or any(len(v) > MAX_VALUE for v in self.values):
            raise BadAddress(_("The value of “%s” is too long.") % parameter[:60], parameter)
        path, self.lookup = self._split(parameter)
        self.crossed = across.get(path)
        try:
            resolved = self.crossed or visible_path(model, path)
        except FieldError as error:
            raise BadAddress(str(error), parameter) from error
        self.path = path
        self.fields = resolved.fields
        self.field: Field[Any] = resolved.field
        self.db_path = resolved.db_path
        self.in_list = resolved.in_list

    def _split(self, parameter: str) -> tuple[str, str]:
        path, separator, lookup = parameter.rpartition(LOOKUP_SEP)
        if separator and lookup in LOOKUPS and path:
            return path, lookup
        return parameter, "exact"

    # The queryset

    def apply(self, queryset: Any) -> Any:
        """Return `queryset` narrowed by the condition."""
        value = self.values[0]
        try:
            if self.lookup == "state":
                return queryset.raw_filter(self._state(value))
            if self.lookup == "on":
                return queryset.filter(**self._day(value))
            if self.lookup == "in" or (self.lookup == "exact" and len(self.values) > 1):
                values = [v for text in self.values for v in text.split(",")]
                values = self.values if self.lookup == "exact" else values
                return queryset.filter(**{f"{self.path}__in": values})
            # A second value of a comparison narrows further.
            for text in self.values:
                queryset = queryset.filter(**self._comparison(text))
            return queryset
        except (FilterValueError, FieldError) as error:
            raise BadAddress(str(error), self.parameter) from error

    def _comparison(self, text: str) -> dict[str, Any]:
        day = self._parse_day(text) if self.lookup in {"gt", "gte", "lt", "lte"} else None
        if day is None or not isinstance(element_of(self.field), DateTimeField):
            return {f"{self.path}__{self.lookup}": text}
        # A day is a span of moments: "to the 5th" includes the 5th.
        if self.lookup in {"gt", "lte"}:
            day += datetime.timedelta(days=1)
        return {f"{self.path}__{'gte' if self.lookup in {'gt', 'gte'} else 'lt'}": _midnight(day)}

    def _parse_day(self, text: str) -> datetime.date | None:
        try:
            day = parse_date(text)
        except ValueError:
            return None
        # Beyond these the next day, or midnight elsewhere, has no date.
        return day if day and 1 < day.year < 9999 else None

    def _day(self, text: str) -> dict[str, Any]:
        day = self._parse_day(text)
        if day is None:
            raise BadAddress(
                _("%(path)s: “%(value)s”, expected a day such as 2024-05-31.")
                % {"path": self.path, "value": text[:60]},
                self.parameter,
            )
        end = day + datetime.timedelta(days=1)
        has_time = isinstance(element_of(self.field), DateTimeField)
        return {
            f"{self.path}__gte": _midnight(day) if has_time else day,
            f"{self.path}__lt": _midnight(end) if has_time else end,
        }

    def _state(self, state: str) -> dict[str, Any]:
        if state not in STATES:
            raise BadAddress(
                _("%(path)s: “%(value)s” is no state. Choices are: %(choices)s.")
                % {"path": self.path, "value": state[:60], "choices": ", ".join(STATES)},
                self.parameter,
            )
        if self.crossed:
            message = _("%(path)s: a state of another document, expected a value.")
            raise BadAddress(message % {"path": self.path}, self.parameter)
        return state_filter(self.db_path, self.field, state)

    # The chip

    @property
    def title(self) -> str:
        """Return the path in words."""
        return path_title(self.fields) or self.path

    @property
    def words(self) -> str:
        """Return the lookup in words; nothing where the value says it all."""
        return "" if self.lookup == "exact" else str(LOOKUPS[self.lookup])

    @property
    def text(self) -> str:
        """Return the values as a person reads them."""
        if self.lookup == "state":
            return str(STATES[self.values[0]])
        labels = {str(value): str(label) for value, label in element_of(self.field).flatchoices}
        return ", ".join(labels.get(value, value) for value in self.values)


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def state_filter(db_path: str, field: Field[Any], state: str) -> dict[str, Any]:
    """Return MongoDB's filter for one of `STATES`."""
    if state == "missing":
        return {db_path: {"$exists": False}}
    if state == "null":
        return {db_path: {"$type": "null"}}
    if state == "empty":
        return {db_path: {"$in": ["", [], {}]}}
    types = expected_types(field)
    wrong: dict[str, Any] = {db_path: {"$exists": True, "$not": {"$type": [*types, "null"]}}}
    if "array" in types:
        return wrong
    # `$type` looks into arrays: one of texts passes for a text, and is none.
    return {"$or": [wrong, {db_path: {"$type": "array"}}]}


def expected_types(field: Field[Any]) -> list[str]:
    """Return the names of the BSON types that a field declares."""
    if isinstance(field, ReferenceField):
        field = field.target_field
    return sorted(field.bson_types)


def states_of(field: Field[Any], *, in_list: bool) -> list[str]:
    """Return the states that a list may be filtered by."""
    states = ["missing", "null"]
    if isinstance(field, (TextField, ListField, MapField, EmbeddedField)):
        states.append("empty")
    if not isinstance(field, AnyField) and not in_list and expected_types(field):
        states.append("wrong")
    return states
