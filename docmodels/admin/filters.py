"""
The filters beside a list: what `list_filter` names, each drawn by its kind.

A filter of a path only offers addresses; the conditions in an address are read
by `docmodels.admin.conditions`, whatever offered them. A SimpleListFilter is
Django's own class, with its own parameter and its own `queryset()`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from django.contrib.admin import ListFilter, SimpleListFilter
from django.core.exceptions import FieldError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from docmodels.admin.columns import element_of, path_title
from docmodels.admin.conditions import STATES, states_of
from docmodels.admin.crossing import crossed_path
from docmodels.fields import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
    ReferenceField,
)
from docmodels.query.across import fields_along

__all__ = [
    "BooleanFilter",
    "ChoicesFilter",
    "DateFilter",
    "ListFilter",
    "PathFilter",
    "RangeFilter",
    "ReferenceFilter",
    "SimpleListFilter",
    "ValuesFilter",
]

#: How many documents are looked at for the values that a filter offers, and how many it offers.
FACET_SAMPLE, FACET_VALUES = 5_000, 30


class Input(NamedTuple):
    """An input of a filter."""

    name: str
    label: Any
    type: str
    value: str


class PathFilter:
    """The base of filters of a path: a condition by its exact value."""

    #: The template that draws it.
    template_name: ClassVar[str] = "docmodels/admin/filter.html"
    #: Whether its values are looked up when the filter is opened.
    has_facet: ClassVar[bool] = False

    def __init__(self, path: str, document_admin: Any, changelist: Any) -> None:
        self.path = path
        self.document_admin = document_admin
        self.changelist = changelist
        self.state = changelist.state
        #: Where it leads behind references, None for a path of the document itself.
        self.crossed = changelist.across.get(path)
        resolved = self.crossed or document_admin.model._meta.resolve(path)
        self.resolved = resolved
        self.field: Field[Any] = element_of(resolved.field)
        self.title = path_title(resolved.fields)

    def expected_parameters(self) -> list[str]:
        """Return the names of parameters that the filter sets."""
        return [self.path, f"{self.path}__exact", f"{self.path}__in", f"{self.path}__state"]

    @property
    def is_active(self) -> bool:
        """Return whether the address has a condition on the path."""
        return any(
            name == self.path or name.startswith(f"{self.path}__") for name in self.state.filters
        )

    def choices(self) -> Iterator[dict[str, Any]]:
        """Yield `selected`, `query_string` and `display` of each link, as Django's filters do."""
        return iter(())

    def inputs(self) -> Sequence[Input]:
        """Return the inputs."""
        return [Input(self.path, self.title, "text", self._value(self.path))]

    def states(self) -> Iterator[dict[str, Any]]:
        """Yield the links for missing, null, empty and wrong type."""
        if self.crossed or not self.document_admin.state_filters:
            return
        name = f"{self.path}__state"
        field = self.resolved.field
        for state in states_of(field, in_list=self.resolved.in_list):
            selected = self._value(name) == state
            changes = self._nothing() | {name: None if selected else state}
            yield self._link(STATES[state], selected, changes)

    @property
    def facet(self) -> list[dict[str, Any]] | None:
        """Return the links of the stored values, None until they are asked for."""
        return None

    @property
    def facet_url(self) -> str:
        """Return the address that asks for them."""
        return self.state.url(_facet=self.path)

    def _value(self, name: str) -> str:
        return ",".join(self.state.parameters.get(name, ()))

    def _nothing(self) -> dict[str, Any]:
        return dict.fromkeys(self.expected_parameters())

    def _link(self, text: Any, selected: bool, changes: dict[str, Any]) -> dict[str, Any]:
        return {
            "selected": selected,
            "query_string": self.state.url(changes),
            "display": text,
        }

    def _exact_links(self, pairs: Any) -> Iterator[dict[str, Any]]:
        # Each link takes its value in or out; several of them mean any of them.
        chosen = [*self.state.parameters.get(self.path, ())]
        chosen += self.state.parameters.get(f"{self.path}__exact", ())
        for value, label in pairs:
            text = str(value)
            selected = text in chosen
            values = [v for v in chosen if v != text] if selected else [*chosen, text]
            yield self._link(label, selected, self._nothing() | {self.path: values})


class ChoicesFilter(PathFilter):
    """A link for each of the declared choices."""

    def choices(self) -> Iterator[dict[str, Any]]:
        """Yield a link for each choice."""
        return self._exact_links(self.field.flatchoices)

    def inputs(self) -> Sequence[Input]:
        """Return none."""
        return ()


class BooleanFilter(ChoicesFilter):
    """Yes or no."""

    def choices(self) -> Iterator[dict[str, Any]]:
        """Yield the two links."""
        return self._exact_links([("true", _("Yes")), ("false", _("No"))])


class RangeFilter(PathFilter):
    """Numbers from and to."""

    input_type: ClassVar[str] = "text"

    def expected_parameters(self) -> list[str]:
        """Return the names of both ends too."""
        ends = [f"{self.path}__gte", f"{self.path}__lte", f"{self.path}__lt", f"{self.path}__gt"]
        return [*super().expected_parameters(), *ends]

    def inputs(self) -> Sequence[Input]:
        """Return two inputs."""
        return [
            Input(name, label, self.input_type, self._value(name))
            for name, label in (
                (f"{self.path}__gte", _("From")),
                (f"{self.path}__lte", _("To")),
            )
        ]


class DateFilter(RangeFilter):
    """Today, the last days, this month, this year, or a range of days."""

    input_type = "date"

    def expected_parameters(self) -> list[str]:
        """Return the name of a single day too."""
        return [*super().expected_parameters(), f"{self.path}__on"]

    def choices(self) -> Iterator[dict[str, Any]]:
        """Yield the periods."""
        today = timezone.localdate() if timezone.is_aware(timezone.now()) else datetime.date.today()
        tomorrow = today + datetime.timedelta(days=1)
        for text, start in (
            (_("Today"), today),
            (_("Past 7 days"), today - datetime.timedelta(days=7)),
            (_("This month"), today.replace(day=1)),
            (_("This year"), today.replace(month=1, day=1)),
        ):
            lower, upper = f"{self.path}__gte", f"{self.path}__lt"
            period = {lower: start.isoformat(), upper: tomorrow.isoformat()}
            selected = all(self._value(name) == value for name, value in period.items())
            changes = self._nothing() | (dict.fromkeys(period) if selected else period)
            yield self._link(text, selected, changes)


class ValuesFilter(PathFilter):
    """A link for each of the stored values, the most frequent ones first."""

    has_facet = True

    @property
    def facet(self) -> list[dict[str, Any]] | None:
        """Return the links when the address asks for them."""
        if self.state.get("_facet") != self.path:
            return None
        counted = self._count_values()
        return list(self._exact_links(self.labels([value for value, _number in counted])))

    def labels(self, values: list[Any]) -> list[tuple[Any, Any]]:
        """Return the values with what a person reads."""
        return [(value, value) for value in values]

    def _count_values(self) -> list[tuple[Any, int]]:
        # A bounded look at the collection: it must not cost more than the list itself.
        path = self.resolved.db_path
        steps = path.split(".")
        stages: list[dict[str, Any]] = [{"$limit": FACET_SAMPLE}, {"$project": {path: 1, "_id": 0}}]
        stages += [{"$unwind": f"${'.'.join(steps[: n + 1])}"} for n in range(len(steps))]
        stages += [
            {"$match": {path: {"$nin": [None, ""]}}},
            {"$sortByCount": f"${path}"},
            {"$limit": FACET_VALUES},
        ]
        rows = self._documents().order_by().pipeline(stages)
        return [
            (row["_id"], row["count"]) for row in rows if not isinstance(row["_id"], (dict, list))
        ]

    def _documents(self) -> Any:
        """Return the documents that hold the values, as far as the user may see them."""
        if self.crossed is None:
            return self.changelist.root_queryset
        model = self.crossed.models[-1]
        admin = self.document_admin.admin_site._registry.get(model)
        request = self.changelist.request
        return admin.get_queryset(request) if admin else model._default_manager.all()


class ReferenceFilter(ValuesFilter):
    """A link for each document that is referred to, by its name."""

    def labels(self, values: list[Any]) -> list[tuple[Any, Any]]:
        """Return the keys with the names of their documents."""
        references = self.changelist.references
        references.load(self.field, values)
        return [(value, (references.get(self.field, value) or (value,))[0]) for value in values]


class ParameterFilter:
    """One of Django's list filters, with its own parameter and its own queryset."""

    template_name = PathFilter.template_name
    has_facet = False
    inputs: Sequence[Input] = ()
    states: Sequence[dict[str, Any]] = ()

    def __init__(self, list_filter: ListFilter, changelist: Any) -> None:
        self.filter = list_filter
        self.changelist = changelist
        self.title = capfirst(list_filter.title)
        #: The parameters of the address that it has taken.
        self.parameters = [
            name
            for name in list_filter.expected_parameters()
            if name and name in changelist.state.filters
        ]

    @property
    def is_active(self) -> bool:
        """Return whether the address sets it."""
        return bool(self.parameters)

    def choices(self) -> Iterator[dict[str, Any]]:
        """Yield its links."""
        return (dict(choice) for choice in self.filter.choices(self.changelist))

    def queryset(self, queryset: Any) -> Any:
        """Return what it leaves of `queryset`."""
        narrowed = self.filter.queryset(self.changelist.request, queryset)
        return queryset if narrowed is None else narrowed

    @property
    def text(self) -> str:
        """Return what is chosen."""
        return ", ".join(str(choice["display"]) for choice in self.choices() if choice["selected"])


#: Filters by the class of the field, looked up along its hierarchy.
FIELD_FILTERS: dict[type, type[PathFilter]] = {
    Field: ValuesFilter,
    BooleanField: BooleanFilter,
    IntegerField: RangeFilter,
    FloatField: RangeFilter,
    DecimalField: RangeFilter,
    DateField: DateFilter,
    DateTimeField: DateFilter,
    ReferenceField: ReferenceFilter,
}


def filter_class_for(field: Any) -> type[PathFilter]:
    """Return the filter class for a field, or for the elements of a list."""
    field = element_of(field)
    if field.choices:
        return ChoicesFilter
    return next(FIELD_FILTERS[cls] for cls in type(field).__mro__ if cls in FIELD_FILTERS)


def make_filter(item: Any, document_admin: Any, changelist: Any, params: Any) -> Any:
    """
    Return the filter of an item of `list_filter`, None if it has nothing to show.

    Django's filters take their parameters out of `params`.
    """
    if isinstance(item, type) and issubclass(item, ListFilter):
        made = item(changelist.request, params, document_admin.model, document_admin)
        return ParameterFilter(made, changelist) if made.has_output() else None
    path, filter_class = item if isinstance(item, (tuple, list)) else (item, None)
    try:
        field = fields_along(document_admin.opts, path)[-1]
    except FieldError as error:
        raise FieldError(f"{type(document_admin).__name__}.list_filter: {error}") from error
    if path not in changelist.across and crossed_path(document_admin.model, path):
        # The user may not see what it tells.
        return None
    return (filter_class or filter_class_for(field))(path, document_admin, changelist)
