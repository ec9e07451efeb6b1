"""Turn documents into plain dicts and JSON."""

from __future__ import annotations

import base64
import datetime
import enum
import json
import math
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypedDict, Unpack

from bson import ObjectId, json_util
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from docmodels.codecs import CANONICAL_JSON, RELAXED_JSON
from docmodels.documents.discriminators import class_of
from docmodels.documents.resolution import nearest
from docmodels.exceptions import UnknownField
from docmodels.fields import ListField
from docmodels.tracking import NEW

_NO_JSON = _("Enter valid JSON: an object.")


class ToDict(TypedDict, total=False):
    """The options of `to_dict()`; without them it is all that is declared and not hidden."""

    #: Add the computed attributes: all of them, or these paths.
    virtuals: bool | Iterable[str]
    #: Name fields by their stored keys.
    by_alias: bool
    #: Dotted paths of names: these alone.
    fields: Iterable[str] | None
    #: Dotted paths of names: all but these.
    exclude: Iterable[str] | None
    #: Add the fields that are hidden.
    hidden: bool
    #: Add what is stored without being declared.
    undeclared: bool
    #: Asked for each value with its path; what it returns is shown.
    transform: Callable[[str, Any], Any] | None


class Selection:
    """Which paths to show: some alone, or all but some."""

    def __init__(self, fields: Iterable[str] | None, exclude: Iterable[str] | None) -> None:
        self.fields = None if fields is None else [path.replace("__", ".") for path in fields]
        self.exclude = [path.replace("__", ".") for path in exclude or ()]

    def shows(self, path: str) -> bool:
        """Return whether anything at `path` or inside of it is shown."""
        if path in self.exclude:
            return False
        if self.fields is None:
            return True
        return any(
            path == wanted or path.startswith(f"{wanted}.") or wanted.startswith(f"{path}.")
            for wanted in self.fields
        )


class Options:
    """How `to_dict` shows a document."""

    def __init__(
        self,
        *,
        virtuals: bool | Iterable[str] = False,
        by_alias: bool = False,
        fields: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        hidden: bool = False,
        undeclared: bool = False,
        transform: Callable[[str, Any], Any] | None = None,
    ) -> None:
        self.virtuals = virtuals if isinstance(virtuals, bool) else frozenset(virtuals)
        self.by_alias = by_alias
        self.selection = Selection(fields, exclude)
        self.hidden = hidden
        self.undeclared = undeclared
        self.transform = transform


def to_dict(document: Any, options: Options, path: str = "") -> dict[str, Any]:
    """Return the values of a document by name, or by key with `by_alias`."""
    shown: dict[str, Any] = {}
    for field in document._meta.fields:
        inner = _join(path, field.name)
        if (field.hidden and not options.hidden) or not options.selection.shows(inner):
            continue
        if document._is_loaded(field) and document.is_set(field.name):
            key = field.db_field if options.by_alias else field.name
            shown[key] = _plain(getattr(document, field.attname), options, inner)
    for name in _virtual_names(document, options, path):
        shown[name] = _plain(getattr(document, name), options, _join(path, name))
    if options.undeclared:
        for key, value in document.undeclared.items():
            if options.selection.shows(_join(path, key)):
                shown[key] = _plain(value, options, _join(path, key))
    return shown


def _virtual_names(document: Any, options: Options, path: str) -> list[str]:
    known = document._meta.virtuals
    if isinstance(options.virtuals, bool):
        wanted = known if options.virtuals else ()
    else:
        wanted = [name for name in known if _join(path, name) in options.virtuals]
    return [name for name in wanted if options.selection.shows(_join(path, name))]


def check_names(document: Any, options: Options) -> None:
    """Raise UnknownField for a selected path that does not exist."""
    virtuals = () if isinstance(options.virtuals, bool) else options.virtuals
    for path in (*(options.selection.fields or ()), *options.selection.exclude, *virtuals):
        _check_path(document._meta, path, undeclared=options.undeclared)


def _check_path(meta: Any, path: str, *, undeclared: bool) -> None:
    where = meta.object_name
    for part in path.split("."):
        field = meta.by_name.get(part) if meta is not None else None
        if field is None:
            if meta is None or part in meta.virtuals or undeclared:
                return
            hint = nearest(part, (*meta.by_name, *meta.virtuals))
            raise UnknownField(f"{where}.{path}: no such field or virtual.{hint}")
        # Inside of a map or of undeclared data any name is one.
        while isinstance(field, ListField):
            field = field.base_field
        meta = getattr(getattr(field, "embedded_model", None), "_meta", None)


def _plain(value: Any, options: Options, path: str) -> Any:
    if hasattr(value, "_meta"):
        plain: Any = to_dict(value, options, path)
    elif isinstance(value, list):
        plain = [_plain(item, options, path) for item in value]
    elif isinstance(value, dict):
        plain = {key: _plain(item, options, _join(path, key)) for key, item in value.items()}
    else:
        plain = value
    return plain if options.transform is None else options.transform(path, plain)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


class DocumentEncoder(DjangoJSONEncoder):
    """JSON as Django writes it, with the types that MongoDB adds."""

    def default(self, o: Any) -> Any:
        """Write ids as text, members as their values, bytes as base64, points as GeoJSON."""
        if isinstance(o, (ObjectId, uuid.UUID)):
            return str(o)
        if isinstance(o, enum.Enum):
            return o.value
        if isinstance(o, bytes):
            return base64.b64encode(o).decode()
        if isinstance(o, datetime.timedelta):
            return o.total_seconds()
        try:
            return super().default(o)
        except TypeError:
            # What has no form in JSON is written as Extended JSON has it.
            return json.loads(json_util.dumps(o, json_options=RELAXED_JSON))


def to_json(value: Any, **options: Any) -> str:
    """Return JSON of plain values; NaN and infinity, which it lacks, are null."""
    return json.dumps(_finite(value), cls=DocumentEncoder, allow_nan=False, **options)


def to_extended_json(raw: dict[str, Any], **options: Any) -> str:
    """Return canonical Extended JSON of a stored dict, which keeps every type."""
    return json_util.dumps(raw, json_options=CANONICAL_JSON, **options)


def select_stored(meta: Any, raw: dict[str, Any], options: Options, path: str = "") -> Any:
    """Return the chosen part of a stored dict, every value with its type."""
    shown = {}
    for key, value in raw.items():
        field = meta.by_key.get(key) if meta is not None else None
        inner = _join(path, key if field is None else field.name)
        if field is None:
            if not (meta is None or options.undeclared):
                continue
        elif field.hidden and not options.hidden:
            continue
        if options.selection.shows(inner):
            shown[key] = _select_value(field, value, options, inner)
    return shown


def _select_value(field: Any, value: Any, options: Options, path: str) -> Any:
    if isinstance(value, list):
        base = getattr(field, "base_field", None)
        return [_select_value(base, item, options, path) for item in value]
    if isinstance(value, dict):
        embedded = getattr(field, "embedded_model", None)
        if embedded is not None:
            return select_stored(class_of(embedded._meta, value)._meta, value, options, path)
        base = getattr(field, "base_field", None)
        return {
            key: _select_value(base, item, options, _join(path, key))
            for key, item in value.items()
            if options.selection.shows(_join(path, key))
        }
    return value


def by_names(meta: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that are given by stored keys by the names of the fields."""
    meta = class_of(meta, values)._meta
    named = {}
    for key, value in values.items():
        field = meta.by_key.get(key)
        named[key if field is None else field.name] = _by_names_inside(field, value)
    return named


def _by_names_inside(field: Any, value: Any) -> Any:
    embedded = getattr(field, "embedded_model", None)
    base = getattr(field, "base_field", None)
    if isinstance(value, Mapping) and embedded is not None:
        return by_names(embedded._meta, value)
    if isinstance(value, Mapping) and base is not None:
        return {key: _by_names_inside(base, item) for key, item in value.items()}
    if isinstance(value, list) and base is not None:
        return [_by_names_inside(base, item) for item in value]
    return value


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "to_geojson"):
        return _finite(value.to_geojson())
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


class Shown:
    """The part of documents and embedded documents that gives other shapes."""

    __slots__ = ()

    def to_dict(self: Any, **options: Unpack[ToDict]) -> dict[str, Any]:
        """
        Return the values of the fields that are set, by name.

        `virtuals` adds computed attributes (True or names), `by_alias` uses
        the stored keys, `fields` and `exclude` choose dotted paths, `hidden`
        and `undeclared` add these, `transform(path, value)` is asked for each
        value.
        """
        chosen = Options(**options)
        check_names(self, chosen)
        return to_dict(self, chosen)

    def to_json(
        self: Any,
        *,
        extended: bool = False,
        indent: int | None = None,
        **options: Unpack[ToDict],
    ) -> str:
        """
        Return `to_dict()` as JSON, indented by `indent` spaces where it is given.

        `extended` gives canonical Extended JSON of what is stored, by key and
        with undeclared data, which keeps every type; `fields`, `exclude`,
        `hidden` and `undeclared` narrow or widen it.
        """
        if not extended:
            return to_json(self.to_dict(**options), indent=indent)
        for name in ("virtuals", "by_alias", "transform"):
            if name in options:
                raise TypeError(
                    f"to_json(extended=True): {name}, expected fields, exclude, hidden or "
                    f"undeclared; Extended JSON is what is stored."
                )
        given: Any = {"undeclared": True, **options}
        chosen = Options(**given)
        check_names(self, chosen)
        return to_extended_json(select_stored(self._meta, self.to_mongo(), chosen), indent=indent)

    @classmethod
    def from_json(cls, text: str, *, extended: bool = False, by_alias: bool = False) -> Self:
        """
        Make a new object from `text`, JSON by field name; raise ValidationError.

        `by_alias` takes the stored keys for the names. With `extended` the text
        is Extended JSON, which is taken as it would be stored: nothing is cast, and
        what is of a wrong type is told when the object is saved.
        """
        try:
            values = (
                json_util.loads(text, json_options=CANONICAL_JSON) if extended else json.loads(text)
            )
        except (TypeError, ValueError) as error:
            raise ValidationError(_NO_JSON, code="invalid") from error
        if not isinstance(values, dict):
            raise ValidationError(_NO_JSON, code="invalid")
        made: Any = cls
        return (
            made._meta.load(values, NEW) if extended else made.from_dict(values, by_alias=by_alias)
        )
