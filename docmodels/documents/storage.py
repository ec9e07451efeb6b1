"""
What `Meta` says about the collection: how it is made, read and written.

The values are checked and put into the driver's terms once, when the class is
made, so that the querysets below have nothing to interpret.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import FieldError, ImproperlyConfigured
from pymongo.collation import Collation

from docmodels.connections.concerns import read_preference_of, write_concern_of
from docmodels.documents.meta import refuse
from docmodels.documents.options import Options
from docmodels.documents.resolution import nearest
from docmodels.documents.schemas import json_schema
from docmodels.tracking import MISSING, UNKNOWN, stored_value

#: The parts of `Meta.timeseries`, with the server's name of each.
TIMESERIES: Mapping[str, str] = {
    "time_field": "timeField",
    "meta_field": "metaField",
    "granularity": "granularity",
    "bucket_max_span_seconds": "bucketMaxSpanSeconds",
    "bucket_rounding_seconds": "bucketRoundingSeconds",
    "expire_after": "expireAfterSeconds",
}
GRANULARITIES = ("seconds", "minutes", "hours")
VALIDATION_LEVELS = ("strict", "moderate")


def install(options: Options) -> None:
    """Check the options of the collection and translate them for the driver."""
    if options.embedded:
        return
    for name, normalize in _NORMALIZERS.items():
        if getattr(options, name) is not None:
            setattr(options, name, normalize(options, getattr(options, name)))
    if options.capped and options.timeseries:
        refuse(options, "capped", "it without timeseries, a collection is one of them at most")
    if options.timeseries and not options.declares("version_key"):
        # The server updates no measurement, so that there is nothing to count.
        options.version_key = None
    options.collection_options = {
        name: value
        for name in ("read_preference", "write_concern")
        if (value := getattr(options, name)) is not None
    }
    options.shard_fields = frozenset(
        options.resolve(name).fields[0].name for name in options.shard_key or ()
    )
    options.has_creation = any(
        getattr(options, name) for name in ("capped", "collation", "timeseries", "validator")
    )
    options.creation_options = functools.partial(creation_options, options)


def creation_options(options: Options) -> dict[str, Any]:
    """Return the options of the `create` command of the collection."""
    created: dict[str, Any] = {}
    if options.capped:
        created |= {"capped": True, **options.capped}
    if options.timeseries:
        series = dict(options.timeseries)
        if "expireAfterSeconds" in series:
            created["expireAfterSeconds"] = series.pop("expireAfterSeconds")
        created["timeseries"] = series
    if options.collation:
        created["collation"] = options.collation
    return created | validation_options(options)


def validation_options(options: Options) -> dict[str, Any]:
    """Return the options of `create` and of `collMod` that judge what is written."""
    if not options.validator:
        return {}
    return {
        "validator": {"$jsonSchema": json_schema(options.root)},
        "validationLevel": options.validator,
        "validationAction": "error",
    }


def _option(options: Options, name: str, convert: Callable[[Any, str], Any], value: Any) -> Any:
    try:
        return convert(value, f"{options.object_name}.Meta.{name}")
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error


def _read_preference(options: Options, value: Any) -> Any:
    return _option(options, "read_preference", read_preference_of, value)


def _write_concern(options: Options, value: Any) -> Any:
    return _option(options, "write_concern", write_concern_of, value)


def _collation(options: Options, value: Any) -> dict[str, Any]:
    if isinstance(value, Collation):
        return dict(value.document)
    if isinstance(value, str) and value:
        return {"locale": value}
    if not isinstance(value, Mapping) or "locale" not in value:
        refuse(options, "collation", "a locale such as 'de', or a dict with 'locale'")
    return dict(value)


def _capped(options: Options, value: Any) -> dict[str, int]:
    expected = "a size in bytes, or a dict with 'size' and 'max' (a number of documents)"
    if isinstance(value, int):
        value = {"size": value}
    if (
        not isinstance(value, Mapping)
        or "size" not in value
        or not value.keys() <= {"size", "max"}
        or not all(_is_positive(number) for number in value.values())
    ):
        refuse(options, "capped", expected)
    return dict(value)


def _is_positive(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number > 0


def _shard_key(options: Options, value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    for name in names:
        _stored_path(options, "shard_key", name)
    return names


def _timeseries(options: Options, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = {"time_field": value}
    if not isinstance(value, Mapping) or "time_field" not in value:
        refuse(options, "timeseries", "a dict with at least 'time_field'")
    series: dict[str, Any] = {}
    for name, part in value.items():
        if name not in TIMESERIES:
            raise ImproperlyConfigured(
                f"{options.object_name}.Meta.timeseries: unknown part {name!r}."
                f"{nearest(name, TIMESERIES)} Choices are: {', '.join(TIMESERIES)}."
            )
        if name.endswith("_field"):
            part = _stored_path(options, "timeseries", part)
        elif name == "granularity" and part not in GRANULARITIES:
            choices = f" Choices are: {', '.join(GRANULARITIES)}."
            refuse(options, "timeseries", f"another granularity than {part!r}", choices)
        elif isinstance(part, datetime.timedelta):
            part = int(part.total_seconds())
        series[TIMESERIES[name]] = part
    return series


def _stored_path(options: Options, name: str, path: Any) -> str:
    try:
        return options.resolve(str(path)).db_path
    except FieldError as error:
        raise ImproperlyConfigured(f"{options.object_name}.Meta.{name}: {error}") from error


def _validator(options: Options, value: Any) -> str:
    if value not in VALIDATION_LEVELS:
        choices = f" Choices are: {', '.join(VALIDATION_LEVELS)}."
        refuse(options, "validator", "a level, or None", choices)
    return str(value)


_NORMALIZERS: Mapping[str, Callable[[Options, Any], Any]] = {
    "capped": _capped,
    "collation": _collation,
    "read_preference": _read_preference,
    "shard_key": _shard_key,
    "timeseries": _timeseries,
    "validator": _validator,
    "write_concern": _write_concern,
}


def stored_shard_key(document: Any) -> dict[str, Any]:
    """
    Return the part of a write's filter that leads to the document's shard.

    Of a field that was not loaded nothing is known; the server then asks all
    the shards.
    """
    options = document._meta
    found: dict[str, Any] = {}
    for name in options.shard_key or ():
        resolved = options.resolve(name)
        value = _stored(document, resolved.fields[0])
        if value is UNKNOWN:
            continue
        for key in resolved.db_path.split(".")[1:]:
            value = value.get(key) if isinstance(value, dict) else None
        if resolved.db_path != "_id":
            found[resolved.db_path] = value
    return found


def _stored(document: Any, field: Any) -> Any:
    changed = document._changed
    if field.name not in changed and not document._is_loaded(field):
        return UNKNOWN
    value = changed[field.name] if field.name in changed else document._slot_value(field)
    if value is UNKNOWN:
        return UNKNOWN
    if value is not MISSING:
        value = stored_value(value, field)
    return None if value is MISSING or field.name in document._defaulted else value
