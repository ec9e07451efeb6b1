"""Turn documents into plain dicts and JSON."""

from __future__ import annotations

import base64
import datetime
import json
import math
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from bson import ObjectId, json_util
from django.core.serializers.json import DjangoJSONEncoder

from docmodels.exceptions import UnknownField


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
        first = path.partition(".")[0]
        meta = document._meta
        if first not in meta.by_name and first not in meta.virtuals and not options.undeclared:
            raise UnknownField(f"{meta.object_name}.{path}: no such field or virtual.")


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
        """Write ids as text, bytes as base64, points as GeoJSON."""
        if isinstance(o, (ObjectId, uuid.UUID)):
            return str(o)
        if isinstance(o, bytes):
            return base64.b64encode(o).decode()
        if isinstance(o, datetime.timedelta):
            return o.total_seconds()
        try:
            return super().default(o)
        except TypeError:
            # What has no form in JSON is written as Extended JSON has it.
            return json.loads(json_util.dumps(o))


def to_json(value: Any, **options: Any) -> str:
    """Return JSON of plain values; NaN and infinity, which it lacks, are null."""
    return json.dumps(_finite(value), cls=DocumentEncoder, allow_nan=False, **options)


def to_extended_json(raw: dict[str, Any], **options: Any) -> str:
    """Return canonical Extended JSON of a stored dict, which keeps every type."""
    return json_util.dumps(raw, json_options=json_util.CANONICAL_JSON_OPTIONS, **options)


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

    def to_dict(self: Any, **options: Any) -> dict[str, Any]:
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

    def to_json(self: Any, *, extended: bool = False, **options: Any) -> str:
        """Return `to_dict()` as JSON, or all that is stored as Extended JSON."""
        if extended:
            return to_extended_json(self.to_mongo(), **options)
        return to_json(self.to_dict(**options))
