"""
Say which index would serve a query: equality, sort, range.

Paths that are compared for equality come first, then those of the order, then
those of ranges, because an index is sorted by its later keys only where the
earlier ones are fixed.
"""

from __future__ import annotations

from typing import Any

from bson import Regex

from docmodels.query.naming import path_name
from docmodels.query.query import Query

#: Beyond so many values the server no longer merges sorted runs of an index.
_MOST_VALUES = 200
_GEO = frozenset({"$geoWithin", "$geoIntersects", "$near", "$nearSphere"})


class _Wanted:
    """What a filter asks of an index."""

    def __init__(self) -> None:
        self.equal: dict[str, None] = {}
        self.ranges: dict[str, None] = {}
        #: Paths that need an index of a kind of its own.
        self.kinds: dict[str, str] = {}
        #: Filters of which each needs an index.
        self.branches: list[dict[str, Any]] = []

    def add(self, condition: dict[str, Any], prefix: str = "") -> None:
        """Add what a filter says."""
        for key, value in condition.items():
            if key == "$and":
                for part in value:
                    self.add(part, prefix)
            elif key == "$or" and not prefix:
                self.branches += value
            elif not key.startswith("$"):
                self._add_path(f"{prefix}{key}", value)

    def _add_path(self, path: str, value: Any) -> None:
        if _is_equality(value):
            self.equal[path] = None
        elif isinstance(value, dict) and "$elemMatch" in value:
            inner = value["$elemMatch"]
            if any(key.startswith("$") and key != "$and" for key in inner):
                self._add_path(path, inner)
            else:
                self.add(inner, f"{path}.")
        elif isinstance(value, dict) and _GEO & value.keys():
            self.kinds[path] = "2dsphere"
        else:
            self.ranges[path] = None


def _is_equality(value: Any) -> bool:
    if not isinstance(value, dict) or not any(str(key).startswith("$") for key in value):
        return not isinstance(value, Regex)
    return "$eq" in value or ("$in" in value and len(value["$in"]) <= _MOST_VALUES)


def suggest_index(query: Query) -> str | None:
    """Return the declaration of an index for a query, None where none would help."""
    sort = [] if query.group is not None or query.annotations else query.sort()
    found = _suggest(query, query.compile_filter(), sort)
    return ", ".join(dict.fromkeys(found)) if found else None


def _suggest(query: Query, condition: dict[str, Any], sort: list[tuple[str, int]]) -> list[str]:
    wanted = _Wanted()
    wanted.add(condition)
    if wanted.branches and not (wanted.equal or wanted.ranges or wanted.kinds):
        found = [_suggest(query, branch, sort) for branch in wanted.branches]
        # One branch without an index makes the others useless.
        return [one for branch in found for one in branch] if all(found) else []
    parts = [f"{path}:{kind}" for path, kind in wanted.kinds.items()]
    keys: dict[str, int] = dict.fromkeys(wanted.equal, 1)
    for path, way in sort:
        keys.setdefault(path, way)
    for path in wanted.ranges:
        keys.setdefault(path, 1)
    if len(keys) == 1 and "_id" in keys and not parts:
        # That one is there.
        return []
    parts += [f"{'-' if way < 0 else ''}{_name(query, path)}" for path, way in keys.items()]
    return [_declaration(query, parts)] if parts else []


def _name(query: Query, path: str) -> str:
    # An index of a list has all its elements.
    keys = [key for key in path.split(".") if not key.isdecimal()]
    return path_name(query.meta, ".".join(keys)).replace(".", "__")


def _declaration(query: Query, parts: list[str]) -> str:
    shown = ", ".join(f'"{part}"' for part in parts)
    collation = query.options.get("collation")
    if collation and collation != getattr(query.meta, "collation", None):
        return f"documents.Index(fields=[{shown}], collation={dict(collation)!r})"
    return f"documents.Index(fields=[{shown}])"
