"""Make rows of decoded dicts: dicts of names, tuples, dataclasses."""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from docmodels.fields import ANY, ListField
from docmodels.query.joins import JoinedField
from docmodels.tracking import Source


def annotation_values(query: Any, alias: str) -> dict[str, Callable[[Any], Any]]:
    """Return what turns the value of each annotation that is shown into Python."""
    return {name: _finisher(annotation, alias) for name, annotation in query.shown.items()}


def _finisher(annotation: Any, alias: str) -> Callable[[Any], Any]:
    from_db = converter_of(annotation.field, alias)
    default = annotation.expression.default

    def finish(value: Any) -> Any:
        return default if value is None else from_db(value)

    return finish


def converter_of(field: Any, alias: str) -> Callable[[Any], Any]:
    """Return what turns a value of a field into Python; joined documents are of `alias`."""
    joined = field.base_field if isinstance(field, ListField) else field
    if isinstance(joined, JoinedField):
        load = document_maker(joined.embedded_model, joined.query, alias)
        if joined is field:
            return lambda value: load(value) if isinstance(value, dict) else value
        return lambda value: [load(item) for item in value]
    return element_from_db(field)


def document_maker(model: Any, query: Any, alias: str) -> Callable[[dict[str, Any]], Any]:
    """Return what makes a document of a row, with its annotations as attributes."""
    load, source = model._meta.load, Source(alias, query.loaded(), mode=query.fetch_mode)
    finish = annotation_values(query, alias)
    keys = {name: annotation.key(name) for name, annotation in query.annotations.items()}
    hidden = [key for name, key in keys.items() if name not in finish]

    def make(raw: dict[str, Any]) -> Any:
        values = {name: convert(raw.pop(keys[name], None)) for name, convert in finish.items()}
        for key in hidden:
            raw.pop(key, None)
        instance = load(raw, source)
        instance.__dict__.update(values)
        return instance

    return make


def element_from_db(field: Any) -> Callable[[Any], Any]:
    """Return what turns a value at a path into Python: of a list, one or all."""
    base = getattr(field, "base_field", None)
    if base is None:
        # Sums and means may be of another type than the field: any decimal is one.
        return lambda value: ANY.from_db(field.from_db(value))
    return lambda value: (
        field.from_db(value) if isinstance(value, (list, dict)) else base.from_db(value)
    )


def row_maker(query: Any, alias: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what makes the dict of names of a row."""
    finish = annotation_values(query, alias)
    rows = query.rows
    readers: list[tuple[str, Callable[[dict[str, Any]], Any]]] = []
    for path in query.shape.paths:
        if path in finish:
            key = query.annotations[path].key(path)
            readers.append((path, _annotation_reader(key, finish[path])))
            continue
        resolved = rows.resolve(path)
        convert = converter_of(resolved.field, alias)
        if resolved.in_list:
            convert = _each(convert)
        readers.append((path, _reader(resolved.db_path.split("."), convert)))
    return lambda raw: {name: read(raw) for name, read in readers}


def _annotation_reader(key: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda raw: convert(raw.get(key))


def _each(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [convert(v) for v in value] if isinstance(value, list) else convert(value)


def _reader(keys: list[str], convert: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Any]:
    if len(keys) == 1:
        key = keys[0]
        return lambda raw: None if (value := raw.get(key)) is None else convert(value)

    def read(raw: dict[str, Any]) -> Any:
        value = dig(raw, keys)
        return None if value is None else convert(value)

    return read


def dig(value: Any, keys: list[str]) -> Any:
    """Return what is at a path of keys; a list gives the values of its elements."""
    for position, key in enumerate(keys):
        if isinstance(value, list):
            if key.isdecimal():
                value = value[int(key)] if int(key) < len(value) else None
                continue
            found = [dig(item, keys[position:]) for item in value if isinstance(item, dict)]
            return [item for item in found if item is not None]
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def tuple_maker(shape: Any, row: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return what makes the tuple, or the single value, of a row."""
    if shape.flat:
        path = shape.paths[0]
        return lambda raw: row(raw)[path]
    if shape.named:
        named = make_row_class(tuple(p.replace(".", "__") for p in shape.paths))
        return lambda raw: named(*row(raw).values())
    return lambda raw: tuple(row(raw).values())


@functools.lru_cache(maxsize=256)
def make_row_class(names: tuple[str, ...]) -> Any:
    """Return the class of named rows; the rows can be pickled, as Django's can."""
    return type(
        "Row",
        (namedtuple("Row", names),),
        {"__slots__": (), "__reduce__": lambda row: (_make_row, (names, tuple(row)))},
    )


def _make_row(names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return make_row_class(names)(*values)


def instance_maker(row_class: type[Any], row: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return what makes an instance of a dataclass of a row."""
    return lambda raw: row_class(**row(raw))
