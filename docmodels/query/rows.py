"""
Rows of a pipeline: what names mean after stages that add or change something.

`Rows` stands in the place of the options of a document class: an annotation
is a path like any other, a list that was unwound is one element of it, and
after a group only the row's own names are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import ANY, Field, ListField
from docmodels.query.expressions import Expression
from docmodels.query.expressions.paths import innermost
from docmodels.query.naming import suggest
from docmodels.query.protocols import OptionsLike


class RowPath(NamedTuple):
    """Where a path leads in a row; see `ResolvedPath` of documents."""

    fields: tuple[Field[Any], ...]
    db_path: str
    in_list: bool
    nested: bool

    @property
    def field(self) -> Field[Any]:
        """Return the last field."""
        return self.fields[-1]


class Annotation(NamedTuple):
    """A name that a stage adds, with the rows that its expression is over."""

    expression: Expression
    rows: OptionsLike
    #: Whether results have it; an alias is there to filter and sort by.
    shown: bool = True
    #: The key in rows, None where it is the name.
    own_key: str | None = None

    def key(self, name: str) -> str:
        """Return the key in rows of the annotation, which has this name."""
        return self.own_key or name

    @property
    def field(self) -> Field[Any]:
        """Return the field that makes the result a Python value."""
        return self.expression.result_field(self.rows) or ANY


class Rows:
    """The names of rows: annotations, keys of the group, else the stored paths."""

    def __init__(
        self,
        meta: OptionsLike,
        annotations: Mapping[str, Annotation],
        group: Mapping[str, Annotation] | None = None,
        unwound: tuple[str, ...] = (),
    ) -> None:
        self.meta = meta
        self.annotations = annotations
        #: The paths that a group has one row for, None where nothing is grouped.
        self.group = group
        #: Stored paths of the lists whose elements are rows.
        self.unwound = unwound
        self.object_name = meta.object_name
        self.pk = None if group is not None else meta.pk
        self.discriminator_filter: dict[str, Any] = {}
        self.split_cache: dict[str, tuple[str, str]] = {}
        self.crossings: dict[str, Any] = {}
        self.attributes: dict[str, Any] = {}
        self.equalities: dict[str, Any] = {}
        self.sorts: dict[tuple[str, ...], list[tuple[str, int]]] = {}
        self.hidden_names: frozenset[str] = frozenset()
        self.shard_fields: frozenset[str] = frozenset()

    def resolve(self, path: str) -> Any:
        """Return where a path leads; raise FieldError for a name that rows do not have."""
        if self.group is not None and path in self.group:
            return self._opened((self.group[path].field,), group_key(path))
        name = name_in(path, self.annotations)
        if name is not None:
            return self._inside(name, path)
        if self.group is not None:
            choices = [*self.group, *self.annotations]
            raise FieldError(
                f"{self.object_name}: {path!r} is not in the grouped rows. Choices are: "
                f"{', '.join(choices)}.{suggest(path, choices)}"
            )
        try:
            resolved = self.meta.resolve(path)
        except FieldError as error:
            head = path.replace(".", "__").partition("__")[0]
            fields: Any = getattr(self.meta, "fields", ())
            known = [field.name for field in fields if not field.hidden]
            near = suggest(head, [*self.annotations, *known])
            if head not in known and near and near != suggest(head, known):
                raise FieldError(
                    f"{self.object_name}.{path}: {head!r}, expected a field or an annotation.{near}"
                ) from error
            raise
        if not self.unwound:
            return resolved
        return self._opened(resolved.fields, resolved.db_path)

    def _inside(self, name: str, path: str) -> RowPath:
        annotation = self.annotations[name]
        found, key = annotation.field, annotation.key(name)
        rest = path[len(name) :].lstrip("_.")
        if not rest:
            return self._opened((found,), key)
        model = getattr(innermost(found), "embedded_model", None)
        if model is not None:
            inner = model._meta.resolve(rest)
            return self._opened((found, *inner.fields), f"{key}.{inner.db_path}")
        parts = rest.replace("__", ".").split(".")
        fields: list[Field[Any]] = [found]
        for part in parts:
            step = fields[-1].get_inner(part)
            if step is None:
                raise FieldError(
                    f"{self.object_name}.{path}: {part!r}, {name!r} is {found.description} and "
                    f"has no paths inside."
                )
            fields.append(step)
        return self._opened(tuple(fields), ".".join([key, *parts]))

    def _opened(self, fields: tuple[Field[Any], ...], db_path: str) -> RowPath:
        keys, known = db_path.split("."), list(fields)
        for position, field in enumerate(known):
            if isinstance(field, ListField) and ".".join(keys[: position + 1]) in self.unwound:
                known[position] = field.base_field
        in_list = any("array" in field.bson_types for field in known[:-1])
        nested = any(
            isinstance(f, ListField) and isinstance(f.base_field, ListField) for f in known
        )
        return RowPath(tuple(known), db_path, in_list, nested)


def group_key(path: str) -> str:
    """Return the name of a grouped path in a row; rows have no nested keys."""
    return path.replace(".", "__")


def name_in(path: str, names: Iterable[str]) -> str | None:
    """Return the longest of `names` that a path or the key of a condition begins with."""
    found = [
        name
        for name in names
        if path == name or path.startswith(f"{name}__") or path.startswith(f"{name}.")
    ]
    return max(found, key=len) if found else None


def names_in(paths: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    """Return those of `names` that the paths begin with."""
    known = tuple(names)
    if not known:
        return frozenset()
    return frozenset(name for path in paths if (name := name_in(path, known)) is not None)


def paths_of(q: Q) -> list[str]:
    """Return the keys of all the conditions of a Q, and the paths of expressions in it."""
    found: list[str] = []
    children: list[Any] = list(q.children)
    for child in children:
        if isinstance(child, Q):
            found += paths_of(child)
        elif isinstance(child, tuple):
            found.append(child[0])
            values = child[1] if isinstance(child[1], (list, tuple)) else [child[1]]
            found += [path for v in values if isinstance(v, Expression) for path in v.paths]
        elif isinstance(child, Expression):
            found += child.paths
    return found


def raw_paths(condition: Any) -> Iterator[str]:
    """Yield the paths that a filter in MongoDB's own form reads, in conditions and `$expr`."""
    if isinstance(condition, dict):
        for key, value in condition.items():
            if not key.startswith("$"):
                yield key
            yield from raw_paths(value)
    elif isinstance(condition, (list, tuple)):
        for item in condition:
            yield from raw_paths(item)
    elif isinstance(condition, str) and condition.startswith("$"):
        yield condition.lstrip("$")


def expression_paths(value: Any) -> Iterator[str]:
    """Yield the stored paths that an expression in MongoDB's form reads."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "$literal":
                yield from expression_paths(inner)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from expression_paths(item)
    elif isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        yield value.removeprefix("$")
