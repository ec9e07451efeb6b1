"""System checks of document classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldError, ValidationError

from docmodels.checks.rules import check_copies, check_rules
from docmodels.documents import Document, EmbeddedDocument
from docmodels.documents.resolution import nearest
from docmodels.fields import (
    DecimalField,
    DynamicReferenceField,
    EmbeddedField,
    Field,
    ListField,
    MapField,
    ReferenceField,
)
from docmodels.indexes import WILDCARD
from docmodels.indexing import declared
from docmodels.query.naming import path_name
from docmodels.query.relations import reverse_relations
from docmodels.registry import registry


def check_documents(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Check every declared document."""
    labels = None if app_configs is None else {config.label for config in app_configs}
    errors: list[CheckMessage] = []
    for document in registry.documents():
        if labels is None or document._meta.app_label in labels:
            errors.extend(_check_references(document))
            errors.extend(_check_relations(document))
            errors.extend(check_rules(document))
            errors.extend(check_copies(document))
            errors.extend(_check_ordering(document))
            errors.extend(_check_paging(document))
            errors.extend(_check_indexes(document))
            errors.extend(_check_fields(document))
            errors.extend(_check_names(document))
    errors.extend(_check_collections(labels))
    return errors


def _all_fields(fields: Any, depth: int = 0) -> Iterator[Field[Any]]:
    for field in fields:
        yield field
        inner: Any = field
        while isinstance(inner, (ListField, MapField)):
            inner = inner.base_field
            yield inner
        # Copies are declared elsewhere, and cannot be made while that is wrong.
        if isinstance(inner, EmbeddedField) and depth < 10 and not field.is_copy:
            yield from _all_fields(inner.embedded_model._meta.fields, depth + 1)


def _check_references(document: Any) -> Iterator[CheckMessage]:
    for field in _all_fields(document._meta.fields):
        if not isinstance(field, ReferenceField):
            continue
        if isinstance(field, DynamicReferenceField):
            yield from _check_dynamic(field)
            continue
        try:
            target = field.related_model
            if field.to_field:
                target._meta.get_field(field.to_field)
        except LookupError as error:
            yield Error(str(error.args[0]), obj=field, id="docmodels.E100")
        except FieldError as error:
            yield Error(str(error), obj=field, id="docmodels.E101")


def _check_dynamic(field: DynamicReferenceField[Any]) -> Iterator[CheckMessage]:
    for target in field.targets or ():
        try:
            problem = field.problem_with(field.class_of(target))
        except LookupError as error:
            yield Error(str(error.args[0]), obj=field, id="docmodels.E100")
        else:
            if problem:
                yield Error(problem, obj=field, id="docmodels.E113")
    name, model = field.kind_field, field.model
    if name is not None and model is not None and name not in model._meta.by_name:
        yield Error(
            f"{field}: {field.to!r}, expected a field of {model._meta.object_name}."
            f"{nearest(name, model._meta.by_name)}",
            obj=field,
            id="docmodels.E112",
        )


def _check_relations(document: Any) -> Iterator[CheckMessage]:
    for relation in reverse_relations(document):
        where = f"{document._meta.object_name}.{relation.name}"
        try:
            relation.related_model._meta.resolve(relation.foreign_field)
        except LookupError as error:
            yield Error(f"{where}: {error.args[0]}", obj=document, id="docmodels.E110")
        except FieldError as error:
            yield Error(f"{where}: foreign_field: {error}", obj=document, id="docmodels.E111")


def _check_ordering(document: Any) -> Iterator[CheckMessage]:
    for name in document._meta.ordering:
        try:
            document._meta.resolve(name.lstrip("-+"))
        except FieldError as error:
            yield Error(f"Meta.ordering: {error}", obj=document, id="docmodels.E102")


def _check_paging(document: Any) -> Iterator[CheckMessage]:
    """Warn of indexes of the ordering that do not tell apart what is equal in it."""
    meta = document._meta
    try:
        ordering = [(name.lstrip("-+"), -1 if name[0] == "-" else 1) for name in meta.ordering]
        keys = tuple((meta.resolve(path).db_path, way) for path, way in ordering)
        specs = [spec for spec in declared(document) if not _SKIPPING & spec.options.keys()]
    except (FieldError, ValueError):
        # What is wrong has a message of its own.
        return
    if not keys or meta.parent is not None or "_id" in {path for path, _way in keys}:
        return
    for spec in specs:
        front = len(spec.keys) - len(keys)
        if front < 0 or not _same_way(spec.keys[front:], keys):
            continue
        wanted = (*keys, ("_id", keys[-1][1]))
        if any(_serves(other.keys, spec.keys[:front], wanted) for other in specs):
            continue
        fixed = [path_name(meta, path).replace(".", "__") for path, _way in spec.keys[:front]]
        fields = ", ".join(repr(name) for name in [*fixed, *meta.ordering, _by_key(meta.ordering)])
        yield checks.Warning(
            f"Meta.ordering: the index {spec} does not end with the key, expected one that does: "
            f"without it the server sorts all that matches for each page.",
            hint=f"Declare documents.Index(fields=[{fields}]).",
            obj=document,
            id="docmodels.W108",
        )


#: Options of indexes that do not have all documents, which no sort can use.
_SKIPPING = {"sparse", "partialFilterExpression"}


def _serves(index: Any, equal: Any, sort: Any) -> bool:
    """Return whether an index gives this sort where the paths of `equal` are fixed."""
    front, rest = index[: len(equal)], index[len(equal) :]
    is_fixed = {path for path, _way in front} == {path for path, _way in equal}
    return is_fixed and _same_way(rest[: len(sort)], sort)


def _same_way(index: Any, sort: Any) -> bool:
    # An index is read in both directions.
    turned = tuple((path, -way) for path, way in sort)
    return tuple(index) in {tuple(sort), turned}


def _by_key(ordering: Any) -> str:
    return "-pk" if ordering[-1].startswith("-") else "pk"


def _check_indexes(document: Any) -> Iterator[CheckMessage]:
    for index in document._meta.indexes:
        try:
            for path, _kind in index.parts():
                inside = path.removesuffix(WILDCARD).rstrip("._")
                if inside:
                    document._meta.resolve(inside)
        except (FieldError, ValueError) as error:
            yield Error(f"Meta.indexes: {error}", obj=document, id="docmodels.E103")


def _check_fields(document: Any) -> Iterator[CheckMessage]:
    for field in document._meta.fields:
        if field.has_default() and not callable(field.default):
            try:
                field.get_default()
            except ValidationError as error:
                yield Error(
                    f"The default is no valid value: {'; '.join(error.messages)}",
                    obj=field,
                    id="docmodels.E104",
                )
        if isinstance(field, DecimalField) and (field.max_digits or 0) > 34:
            yield Error(
                f"max_digits={field.max_digits}, expected at most 34, which is all that "
                f"Decimal128 holds.",
                obj=field,
                id="docmodels.E106",
            )


def _check_names(document: Any) -> Iterator[CheckMessage]:
    """Warn of fields that hide what the library gives to every document."""
    seen = set()
    for field in _all_fields(document._meta.fields):
        name, owner = field.name, field.model
        if field in seen or owner is None or "[" in name:
            continue
        seen.add(field)
        base = EmbeddedDocument if owner._meta.embedded else Document
        if hasattr(base, name) or name == "objects":
            yield checks.Warning(
                f"The field hides {base.__name__}.{name}.",
                hint=f"Give it another name, and db_field={field.db_field!r}.",
                obj=field,
                id="docmodels.W110",
            )


def _check_collections(labels: Any) -> Iterator[CheckMessage]:
    owners: dict[tuple[Any, str], Any] = {}
    for document in registry.documents():
        key = (document._meta.db_alias, document._meta.collection)
        other = owners.setdefault(key, document)
        if document._meta.parent is not None:
            continue
        if other is not document and (labels is None or document._meta.app_label in labels):
            yield Error(
                f"The collection {document._meta.collection!r} is that of {other._meta.label} too.",
                hint="Give one of them another Meta.collection.",
                obj=document,
                id="docmodels.E107",
            )
