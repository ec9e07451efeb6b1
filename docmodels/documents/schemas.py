"""
The `$jsonSchema` of a document class, for the server's own validation.

The schema says what every program must keep to: types of declared paths, which
of them must be there, choices and bounds. It says nothing about undeclared
keys, which are nobody's mistake.
"""

from __future__ import annotations

from typing import Any

from docmodels.documents.options import Options
from docmodels.fields import EmbeddedField, Field, ListField, MapField, ReferenceField

#: How deep embedded classes that contain themselves are described.
MAX_DEPTH = 10


def json_schema(options: Options) -> dict[str, Any]:
    """Return the schema of the documents of a collection."""
    return {"bsonType": "object", **_inside(options, 0)}


def _inside(options: Options, depth: int) -> dict[str, Any]:
    fields = list(_common_fields(options))
    required = sorted(field.db_field for field in fields if _must_be_there(field, options))
    properties = {
        field.db_field: schema for field in fields if (schema := field_schema(field, depth))
    }
    found: dict[str, Any] = {"required": required} if required else {}
    if properties:
        found["properties"] = properties
    return found


def _common_fields(options: Options) -> list[Field[Any]]:
    # Subclasses share the collection: what holds for all of them is demanded.
    children = [child._meta for child in options.children.values()]
    return [
        field
        for field in options.fields
        if all(_same_declaration(field, child.by_name.get(field.name)) for child in children)
    ]


def _same_declaration(field: Field[Any], other: Field[Any] | None) -> bool:
    return other is not None and other.creation_counter == field.creation_counter


def _must_be_there(field: Field[Any], options: Options) -> bool:
    if field.primary_key or not field.required:
        return field.primary_key
    if isinstance(field, EmbeddedField) and options.minimize:
        # One without a value inside is left out.
        return any(inner.required for inner in field.embedded_model._meta.fields)
    return True


def field_schema(field: Field[Any], depth: int = 0) -> dict[str, Any]:
    """Return the schema of one path; it is empty where anything may be."""
    if isinstance(field, ReferenceField):
        target = field_schema(field.target_field, depth)
        return {"bsonType": _types(field.target_field, field)} if target else {}
    types = _types(field, field)
    if not types:
        return {}
    schema: dict[str, Any] = {"bsonType": types}
    if isinstance(field, ListField):
        schema |= _bounds(field.min_items, field.max_items, "minItems", "maxItems")
        if items := field_schema(field.base_field, depth):
            schema["items"] = items
    elif isinstance(field, MapField):
        if values := field_schema(field.base_field, depth):
            schema["additionalProperties"] = values
    elif isinstance(field, EmbeddedField):
        if depth < MAX_DEPTH:
            schema |= _inside(field.embedded_model._meta, depth + 1)
    elif field.choices:
        schema["enum"] = _choices(field)
    elif "string" in types:
        shortest, longest = getattr(field, "min_length", None), field.max_length
        schema |= _bounds(shortest, longest, "minLength", "maxLength")
    return schema


def _types(field: Field[Any], nullable: Field[Any]) -> list[str]:
    types = sorted(field.bson_types)
    return [*types, "null"] if types and nullable.null else types


def _choices(field: Field[Any]) -> list[Any]:
    choices = [field.get_prep_value(choice) for choice, _label in field.flatchoices]
    if field.null:
        choices.append(None)
    if field.blank and "string" in field.bson_types and "" not in choices:
        choices.append("")
    return choices


def _bounds(low: int | None, high: int | None, least: str, most: str) -> dict[str, int]:
    found = {least: low, most: high}
    return {name: bound for name, bound in found.items() if bound is not None}
