"""Follow paths of names to where they lead in the stored document."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import FieldError
from django.utils.functional import cached_property

from docmodels.constants import LOOKUP_SEP, PATH_SEP
from docmodels.fields import ANY, Field, ListField, MapField


class ResolvedPath(NamedTuple):
    """Where a path of names leads in the stored document."""

    #: The fields along the path, outermost first.
    fields: tuple[Field[Any], ...]
    #: The path of keys in MongoDB, dotted.
    db_path: str
    #: Whether the path crosses a list, so that it may match several values.
    in_list: bool
    #: Whether a list on it is directly in a list, which MongoDB does not enter by itself.
    nested: bool

    @property
    def field(self) -> Field[Any]:
        """Return the last field."""
        return self.fields[-1]


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"`, or nothing where none is near."""
    found = difflib.get_close_matches(name, list(names), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""


class Resolves:
    """The part of `_meta` that knows paths."""

    object_name: str
    virtuals: dict[str, Any]

    @cached_property
    def split_cache(self) -> dict[str, tuple[str, str]]:
        """Return how the compiler split keys of filters, by key."""
        return {}

    @cached_property
    def crossings(self) -> dict[str, Any]:
        """Return where keys of filters leave the document, by key."""
        return {}

    @cached_property
    def sorts(self) -> dict[tuple[str, ...], list[tuple[str, int]]]:
        """Return the sort keys of orders by paths, as far as they were asked for."""
        return {}

    @cached_property
    def equalities(self) -> dict[str, Any]:
        """Return how the compiler compares a field with a value, by its name."""
        return {}

    @cached_property
    def _resolved(self) -> dict[str, ResolvedPath]:
        return {}

    def resolve(self, path: str) -> ResolvedPath:
        """
        Follow `path`, of names joined by `__` or dots, to where it is stored.

        Raise FieldError with the nearest name for a path that does not exist.
        """
        found = self._resolved.get(path)
        if found is None:
            found = self._resolve(path)
            # Paths may come from requests: keep what is declared, and not without bound.
            if len(self._resolved) < 1000:
                self._resolved[path] = found
        return found

    def _resolve(self, path: str) -> ResolvedPath:
        parts = self.split(path)
        fields: list[Field[Any]] = []
        keys: list[str] = []
        in_list = False
        for part in parts:
            last = fields[-1] if fields else None
            field = self._step(last, part)
            if field is None:
                raise FieldError(self._no_field(path, part, last))
            in_list = in_list or (last is not None and "array" in last.bson_types)
            if last is not None and innermost(last).is_relation and not part.isdecimal():
                # `customer__pk` is what `customer` stores.
                continue
            keys.append(_key_of(field, part, last))
            fields.append(field)
        nested = any(
            isinstance(f, ListField) and isinstance(f.base_field, ListField) for f in fields
        )
        return ResolvedPath(tuple(fields), ".".join(keys), in_list, nested)

    def split(self, path: str) -> list[str]:
        """Split a path by dots where it has any, else by double underscores."""
        return path.split(PATH_SEP if PATH_SEP in path else LOOKUP_SEP)

    def _step(self, last: Field[Any] | None, part: str) -> Field[Any] | None:
        if not part or part.startswith("$"):
            return None
        if last is None:
            return self.find_field(part)  # type: ignore[attr-defined]
        return last.get_inner(part)

    def _no_field(self, path: str, part: str, last: Field[Any] | None) -> str:
        where = f"{self.object_name}.{path}"
        meta: Any = self
        if last is not None:
            inner = innermost(last)
            meta = getattr(getattr(inner, "embedded_model", None), "_meta", None)
            if meta is None:
                lookups = sorted(inner.get_lookups())
                found = last.get_lookup(part) or inner.get_lookup(part)
                if found is not None:
                    behind = getattr(found, "comparisons", ()) or sorted(
                        name[len(part) + 2 :]
                        for name in last.get_lookups()
                        if name.startswith(f"{part}__")
                    )
                    choices = f" What may follow is: {', '.join(behind)}." if behind else ""
                    return f"{where}: {part!r} is a lookup, expected it at the end.{choices}"
                if inner.is_relation:
                    return self._no_own_field(where, part, inner)
                hint = (
                    _for_words(part)
                    or nearest(part, lookups)
                    or f" Choices are: {', '.join(lookups)}."
                )
                kind = type(inner).__name__
                kind = f"an {kind}" if kind[0] in "AEIOU" else f"a {kind}"
                return f"{where}: {part!r}, expected a lookup, {kind} has no paths inside.{hint}"
        if part in meta.virtuals:
            return (
                f"{where}: {meta.object_name}.{part} is a virtual, which is computed in Python and "
                f"not stored, expected a stored path."
            )
        # What is hidden is not given away by a message.
        names = [field.name for field in meta.fields if not field.hidden]
        hint = _for_words(part) or nearest(part, names) or f" Choices are: {', '.join(names)}."
        return f"{where}: {meta.object_name} has no field {part or path!r}.{hint}"

    def _no_own_field(self, where: str, part: str, reference: Any) -> str:
        if reference.is_dynamic:
            return (
                f"{where}: {part!r}, expected a key: {reference.name!r} refers to documents of "
                f"several classes. Filter by the class and by the keys, …__in=….values_list('pk', "
                f"flat=True)."
            )
        # A filter that leaves the document has left it before this.
        meta = reference.related_model._meta
        known = [field.name for field in meta.fields if not field.hidden]
        if part in known:
            return (
                f"{where}: {part!r} is stored in {meta.object_name}, expected a path of this "
                f"document: a reference holds a key alone. filter() and populate() follow it; to "
                f"order or compute by it keep a copy here (copies=), or join by lookup()."
            )
        hint = nearest(part, known) or f" Choices are: {', '.join(known)}."
        return f"{where}: {meta.object_name} has no field {part!r}.{hint}"


def _for_words(part: str) -> str:
    """Return where to go for those who look for a lookup of words."""
    return " Words are found by search()." if part in {"text", "search"} else ""


def innermost(field: Field[Any]) -> Field[Any]:
    """Return the field of the elements of lists of lists; else `field`."""
    while isinstance(field, ListField):
        field = field.base_field
    return field


def _key_of(field: Field[Any], part: str, last: Field[Any] | None) -> str:
    # Elements of lists, maps and undeclared data are named by what was given.
    declared = field.model is not None and not field.name.endswith("]")
    if field is ANY or not declared or not field.db_field:
        return part
    if last is not None and isinstance(last, MapField):
        return part
    return field.db_field
