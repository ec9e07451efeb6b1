"""
Filter, search and order by what the view declares, and by nothing else.

A parameter, a lookup or a value that is not understood is an error: an answer
that silently ignores what was asked for is wrong, and may show too much.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db.models import Q
from rest_framework import filters, serializers
from rest_framework.settings import api_settings
from rest_framework.versioning import QueryParameterVersioning

from docmodels.documents import TextField
from docmodels.exceptions import FilterValueError
from docmodels.lookups import element_field
from docmodels.query.across import fields_along
from docmodels.query.where import compile_condition

#: The longest regular expression that a client may send.
MAX_REGEX_LENGTH = 200
#: The longest text to search for, and the most words in it.
MAX_SEARCH_LENGTH, MAX_SEARCH_TERMS = 200, 10

#: Lookups whose value is several values, separated by commas.
LIST_LOOKUPS = frozenset(
    {
        "all", "has_any_keys", "has_keys", "in", "intersects", "mod", "near", "nin", "range",
        "type", "within",
    }
)  # fmt: skip
REGEX_LOOKUPS = frozenset({"iregex", "regex"})


class Parameter(NamedTuple):
    """A query parameter that stands for a lookup of a path."""

    name: str
    path: str
    lookup: str

    @property
    def key(self) -> str:
        """Return the keyword of `filter()`."""
        return self.path if self.lookup == "exact" else f"{self.path}__{self.lookup}"


class DocumentFilterBackend(filters.BaseFilterBackend):
    """
    Filter by the paths in `filterset_fields` of the view.

    `["name", "lines__sku"]` allows equality; `{"price": ["gte", "lte"]}` names
    the lookups. Parameters are spelled as keywords of `filter()`, equality as
    the path alone; lists are separated by commas. A view's `filterset_class`
    is used as django-filter's own backend does.
    """

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Return the queryset with the conditions of the request."""
        filterset = self._get_filterset(request, queryset, view)
        if filterset is not None:
            if not filterset.is_valid():
                raise serializers.ValidationError(filterset.errors)
            return filterset.qs
        conditions: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, parameter in self.get_parameters(view, queryset.model).items():
            if name in request.query_params:
                try:
                    conditions[parameter.key] = get_value(
                        queryset.model, parameter, request.query_params.getlist(name)
                    )
                except serializers.ValidationError as error:
                    errors[name] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return queryset.filter(**conditions) if conditions else queryset

    def get_parameters(self, view: Any, model: Any) -> dict[str, Parameter]:
        """Return the parameters that the view declares, by name."""
        declared = getattr(view, "filterset_fields", None) or {}
        if not isinstance(declared, dict):
            declared = dict.fromkeys(declared, ("exact",))
        parameters: dict[str, Parameter] = {}
        for path, lookups in declared.items():
            check_path(view, "filterset_fields", path, model, follow=True)
            for lookup in [lookups] if isinstance(lookups, str) else lookups:
                parameter = Parameter("", path, lookup)
                parameters[parameter.key] = parameter._replace(name=parameter.key)
        return parameters

    def get_parameter_names(self, view: Any, queryset: Any) -> set[str]:
        """Return the query parameters that mean something here."""
        if getattr(view, "filterset_class", None) is not None:
            return set(view.filterset_class.base_filters)
        return set(self.get_parameters(view, queryset.model))

    def _get_filterset(self, request: Any, queryset: Any, view: Any) -> Any:
        cls = getattr(view, "filterset_class", None)
        if cls is None:
            return None
        return cls(data=request.query_params, queryset=queryset, request=request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters for OpenAPI."""
        return [
            {"name": name, "required": False, "in": "query", "schema": {"type": "string"}}
            for name in self.get_parameter_names(view, view.get_queryset())
        ]


def get_value(model: Any, parameter: Parameter, texts: list[str]) -> Any:
    """Return the value of a parameter; raise a DRF ValidationError."""
    if parameter.lookup.rpartition("__")[2] in LIST_LOOKUPS:
        value: Any = [item for text in texts for item in text.split(",")]
        if parameter.lookup == "mod" and all(item.lstrip("-").isdecimal() for item in value):
            value = [int(item) for item in value]
    elif len(texts) > 1:
        raise _invalid(f"Got {len(texts)} values, expected one.")
    else:
        value = texts[0]
    if any("\x00" in text for text in texts):
        raise _invalid("Null characters are not allowed.")
    if parameter.lookup in REGEX_LOOKUPS and len(value) > MAX_REGEX_LENGTH:
        raise _invalid(f"Got {len(value)} characters, expected at most {MAX_REGEX_LENGTH}.")
    field = element_field(fields_along(model._meta, parameter.path)[-1])
    if "" in texts and not isinstance(field, TextField):
        raise _invalid(f"Got an empty text, expected {field.description}.")
    try:
        compile_condition(model._meta, parameter.key, value, across=True)
    except FilterValueError as error:
        raise _invalid(str(error)) from error
    except FieldError as error:
        raise ImproperlyConfigured(f"filterset_fields: {error}") from error
    return value


class DocumentSearchFilter(filters.SearchFilter):
    """
    Search the paths in `search_fields` of the view for each word.

    A path alone means "contains"; `^` is "starts with", `=` the whole text
    (all three whatever the case), `$` a regular expression.
    """

    lookup_prefixes = {"^": "istartswith", "=": "iexact", "$": "iregex"}

    def get_search_terms(self, request: Any) -> list[str]:
        """Return the words; raise ValidationError for what is too much."""
        texts = request.query_params.getlist(self.search_param)
        if len(texts) > 1:
            raise self._error(f"Got {len(texts)} values, expected one.")
        if texts and len(texts[0]) > MAX_SEARCH_LENGTH:
            raise self._error(
                f"Got {len(texts[0])} characters, expected at most {MAX_SEARCH_LENGTH}."
            )
        try:
            terms = super().get_search_terms(request)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({self.search_param: error.detail}) from error
        if len(terms) > MAX_SEARCH_TERMS:
            raise self._error(f"Got {len(terms)} words, expected at most {MAX_SEARCH_TERMS}.")
        return terms

    def construct_search(self, field_name: str, queryset: Any) -> str:
        """Return the keyword of `filter()` for a search field."""
        lookup = self.lookup_prefixes.get(field_name[0], self.default_lookup)
        path = field_name[1:] if field_name[0] in self.lookup_prefixes else field_name
        return f"{path}__{lookup}"

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Return the queryset with the documents that have every word."""
        search_fields = self.get_search_fields(view, request)
        if not search_fields:
            return queryset
        terms = self.get_search_terms(request)
        keys = []
        for name in search_fields:
            path = name[1:] if name[0] in self.lookup_prefixes else name
            check_path(view, "search_fields", path, queryset.model, follow=True)
            keys.append(self.construct_search(name, queryset))
        try:
            for term in terms:
                condition = Q()
                for key in keys:
                    condition |= Q(**{key: term})
                queryset = queryset.filter(condition)
        except FilterValueError as error:
            raise self._error(str(error)) from error
        return queryset

    def _error(self, message: str) -> serializers.ValidationError:
        return serializers.ValidationError({self.search_param: _invalid(message).detail})

    def get_parameter_names(self, view: Any, queryset: Any) -> set[str]:
        """Return the query parameters that mean something here."""
        return {self.search_param} if getattr(view, "search_fields", None) else set()


class DocumentOrderingFilter(filters.OrderingFilter):
    """
    Order by the paths in `ordering_fields` of the view.

    Without the attribute a client cannot choose: a sort without an index is
    slow. `"__all__"` allows every field that the serializer shows.
    """

    def get_valid_fields(
        self, queryset: Any, view: Any, context: Mapping[str, Any] | None = None
    ) -> list[tuple[str, Any]]:
        """Return the allowed paths with their labels."""
        declared = getattr(view, "ordering_fields", self.ordering_fields)
        if declared is None:
            return []
        meta = queryset.model._meta
        if declared == serializers.ALL_FIELDS:
            shown = view.get_serializer_class()(context=context or {}).fields.values()
            sources = {field.source: field for field in shown if not field.write_only}
            return [(s, f.label) for s, f in sources.items() if s in meta.by_name]
        pairs = [(item, item) if isinstance(item, str) else tuple(item) for item in declared]
        for path, _label in pairs:
            check_path(view, "ordering_fields", path, queryset.model)
        return pairs

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> Any:
        """Return the ordering that was asked for, else that of the view."""
        text = ",".join(request.query_params.getlist(self.ordering_param))
        terms = [term.strip() for term in text.split(",") if term.strip()]
        valid = [path for path, _label in self.get_valid_fields(queryset, view)]
        if not terms or not valid:
            return self.get_default_ordering(view)
        for term in terms:
            if term.removeprefix("-") not in valid:
                message = f"Cannot order by {_shorten(term)!r}.{hint(term, valid)}"
                raise serializers.ValidationError({self.ordering_param: _invalid(message).detail})
        return terms

    def get_parameter_names(self, view: Any, queryset: Any) -> set[str]:
        """Return the query parameters that mean something here."""
        return {self.ordering_param} if getattr(view, "ordering_fields", None) else set()

    def to_html(self, request: Any, queryset: Any, view: Any) -> str:
        """Draw the choices, where there are any."""
        if not self.get_valid_fields(queryset, view):
            return ""
        return str(super().to_html(request, queryset, view))


def check_path(view: Any, attribute: str, path: str, model: Any, *, follow: bool = False) -> None:
    """
    Raise ImproperlyConfigured for a path of a view that must not be used.

    With `follow` it may go on behind references.
    """
    where = f"{type(view).__name__}.{attribute}: {path!r}"
    try:
        fields = fields_along(model._meta, path) if follow else model._meta.resolve(path).fields
    except FieldError as error:
        raise ImproperlyConfigured(f"{where}: {error}") from error
    if any(field.hidden for field in fields):
        raise ImproperlyConfigured(f"{where} is hidden, expected a field that clients may see.")


def check_parameters(request: Any, queryset: Any, view: Any) -> None:
    """Raise ValidationError for query parameters that nothing of the view knows."""
    names = set(getattr(view, "extra_parameters", ()))
    # Filters come first: their names are what a misspelt parameter was meant to be.
    parts = [backend() for backend in view.filter_backends]
    if view.paginator is not None:
        parts.append(view.paginator)
    for part in parts:
        found = _parameter_names(part, view, queryset)
        if found is None:
            return
        names |= found
    allowed = names | {api_settings.URL_FORMAT_OVERRIDE}
    if view.versioning_class and issubclass(view.versioning_class, QueryParameterVersioning):
        allowed.add(view.versioning_class.version_param)
    unknown = [name for name in request.query_params if name not in allowed]
    if unknown:
        raise serializers.ValidationError({name: _unknown(name, names) for name in unknown})


def _parameter_names(part: Any, view: Any, queryset: Any) -> set[str] | None:
    """Return what a backend or paginator reads, None where it does not say."""
    if hasattr(part, "get_parameter_names"):
        takes_queryset: Callable[..., set[str]] = part.get_parameter_names
        if isinstance(part, filters.BaseFilterBackend) or hasattr(part, "filter_queryset"):
            return takes_queryset(view, queryset)
        return takes_queryset(view)
    if hasattr(part, "get_schema_operation_parameters"):
        return {item["name"] for item in part.get_schema_operation_parameters(view)}
    return None


def _unknown(name: str, names: set[str]) -> list[Any]:
    path, _sep, lookup = name.rpartition("__")
    known = sorted(
        "exact" if other == path else other.removeprefix(f"{path}__")
        for other in names
        if path and (other == path or other.startswith(f"{path}__"))
    )
    if known:
        message = f"Unknown lookup {_shorten(lookup)!r}. Choices are: {', '.join(known)}."
    else:
        message = f"Unknown parameter.{hint(name, sorted(names))}"
    return [serializers.ErrorDetail(message, code="unknown")]


def hint(name: str, names: Iterable[str]) -> str:
    """Return a suggestion for a misspelt name, and all names."""
    names = list(names)
    nearest = difflib.get_close_matches(_shorten(name), names, n=1)
    if not nearest:
        # `name[$ne]` and `name.x` were meant for `name`.
        nearest = [other for other in names if name.partition("[")[0].partition(".")[0] == other]
    suggestion = f" Did you mean {nearest[0]!r}?" if nearest else ""
    choices = f" Choices are: {', '.join(names)}." if names else " There is none here."
    return suggestion + choices


def _shorten(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:97]}…"


def _invalid(message: str) -> serializers.ValidationError:
    return serializers.ValidationError([serializers.ErrorDetail(message, code="invalid")])
