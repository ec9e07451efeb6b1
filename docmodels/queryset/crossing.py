"""
Send queries whose filters cross references: the keys first, then the rest.

One query asks the other class for the keys of what matches, at most
`DOCMODELS["REFERENCE_FILTER_LIMIT"]`. Where there are more, the documents are
joined by the server, behind all conditions that need no join.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from bson import ObjectId

from docmodels.conf import docmodels_settings
from docmodels.connections import router
from docmodels.exceptions import NotSupportedError
from docmodels.query.across import KeysOf, has_keys
from docmodels.query.query import Query, Shape
from docmodels.query.settling import Joined, Settled
from docmodels.query.steps import Match
from docmodels.queryset.collections import are_together
from docmodels.queryset.hooking import hooked

logger = logging.getLogger("docmodels.queries")

#: The options of a query that hold for its query of keys as well, and those of the same alias.
_OPTIONS: tuple[str, ...] = ("max_time_ms", "comment", "collation")
_OPTIONS_OF_ALIAS = ("read_preference", "read_concern")


def settled(queryset: Any, *, joins: bool = True, noted: list[Any] | None = None) -> Any:
    """
    Return the queryset with keys in the place of conditions across references.

    The keys are asked for now. `joins=False` raises NotSupportedError where
    they are too many; the querysets that asked are appended to `noted`.
    """
    query = queryset.query
    if not query.crosses or query.empty:
        return queryset
    clone = queryset._clone()
    clone.query = _settled_query(query, _Asking(queryset, joins, noted))
    return clone


def settled_filter(queryset: Any) -> dict[str, Any]:
    """Return the filter of a command that takes no join, such as a write."""
    condition: dict[str, Any] = settled(queryset, joins=False).query.compile_filter()
    return condition


def _settled_query(query: Query, asking: _Asking) -> Query:
    found = query.clone()
    found.crosses = False
    own = Settled(query.where, asking.ask, asking.join)
    found.where = own.own
    steps: list[Any] = [_joined(query.rows, own, frozenset())] if own.lookups else []
    for step in query.steps:
        if not (isinstance(step, Match) and has_keys(step.condition)):
            steps.append(step)
            continue
        later = Settled(step.condition, asking.ask, asking.join)
        if later.own:
            steps.append(Match(step.rows, later.own, step.paths))
        if later.lookups:
            steps.append(_joined(step.rows, later, step.paths))
    found.steps = tuple(steps)
    return found


def _joined(rows: Any, found: Settled, paths: frozenset[str]) -> Joined:
    return Joined(rows, tuple(found.lookups), found.late, found.names, paths)


class _Asking:
    """The queries for the keys that one query needs."""

    def __init__(self, queryset: Any, joins: bool, noted: list[Any] | None) -> None:
        self._outer = queryset
        self._joins = joins
        self._noted = noted
        self._asked: list[tuple[KeysOf, Any, list[Any] | None]] = []

    def ask(self, keys: KeysOf) -> list[Any] | None:
        """Return the keys, None where they are too many."""
        for known, _queryset, found in self._asked:
            if known == keys:
                return found
        queryset = self._queryset(keys)
        limit = docmodels_settings.REFERENCE_FILTER_LIMIT
        if not queryset._connection.supports_windows:
            # The fake joins by no condition, and has its documents at hand.
            limit = None
        asking = _Question(keys.key_path, limit, self._noted)
        rows = asking.rows(queryset)
        found = None
        if limit is None or len(rows) <= limit:
            found = _distinct(rows, keys.key_path)
        elif not self._joins:
            raise self._too_many(keys, limit, "a command that takes no join")
        self._asked.append((keys, asking.asked, found))
        return found

    def join(self, keys: KeysOf, path: str, name: str) -> dict[str, Any]:
        """Return the `$lookup` that puts a list under `name`, empty where nothing matches."""
        queryset = next(queryset for known, queryset, _found in self._asked if known == keys)
        limit = docmodels_settings.REFERENCE_FILTER_LIMIT
        if not are_together(queryset.db, self._outer.db):
            raise self._far(keys, limit, queryset.db)
        if any(part.isdecimal() for part in path.split(".")):
            raise self._too_many(keys, limit, "behind an index, which no join takes")
        logger.warning(
            "%s.%s: more than %d documents of %s match, so the server joins them. A copy of the "
            "path, with an index, is faster.",
            *(self._outer.model._meta.object_name, keys.path, limit, keys.model._meta.label),
        )
        return {
            "$lookup": {
                "from": queryset.model._meta.collection,
                "localField": path,
                "foreignField": keys.key_path,
                "pipeline": [
                    *queryset.query.pipeline(), {"$limit": 1}, {"$project": {"_id": 1}},
                ],
                "as": name,
            }
        }  # fmt: skip

    def _too_many(self, keys: KeysOf, limit: int, why: str) -> NotSupportedError:
        meta = self._outer.model._meta
        return NotSupportedError(
            f"{meta.object_name}.{keys.path}: more than {limit:,} documents of "
            f"{keys.model._meta.label} match, {why}; expected fewer. Narrow the condition, store a "
            f"copy of the path in {meta.object_name}, or raise "
            f"DOCMODELS['REFERENCE_FILTER_LIMIT']."
        )

    def _far(self, keys: KeysOf, limit: int, alias: str) -> NotSupportedError:
        meta = self._outer.model._meta
        is_reverse = getattr(getattr(meta.model, keys.path, None), "is_reverse", False)
        held, copied = ("pk", "") if is_reverse else (keys.path, " (copies=)")
        return NotSupportedError(
            f"{meta.object_name}.{keys.path}: more than {limit:,} documents of "
            f"{keys.model._meta.label} match on {alias!r}, and no server joins them with "
            f"{meta.object_name} in the database of {self._outer.db!r}; expected at most "
            f"DOCMODELS['REFERENCE_FILTER_LIMIT']. Narrow the condition, ask for some of the keys "
            f"at a time ({held}__in=[…]), filter by a copy in {meta.object_name}{copied}, or raise "
            f"the setting."
        )

    def _queryset(self, keys: KeysOf) -> Any:
        """Return the queryset of the documents whose keys are wanted, on its alias."""
        outer = self._outer
        queryset = keys.model._default_manager.all()
        if queryset._db is None:
            is_near = usual_alias(keys.model) == usual_alias(outer.model)
            queryset = queryset.using(outer.db if is_near else router.db_for_read(keys.model))
        queryset = queryset.raw_filter(keys.condition)
        query, given = queryset.query, outer.query.options
        query.crosses = query.crosses or has_keys(keys.condition)
        names = _OPTIONS
        if queryset.db == outer.db:
            names += _OPTIONS_OF_ALIAS
            queryset._for_write = outer._for_write
        query.options = query.options | {name: given[name] for name in names if name in given}
        return queryset


def usual_alias(model: Any) -> str:
    """Return the alias of a class where nobody chooses another one."""
    return str(model._meta.alias)


class _Question:
    """The query for keys; the hooks of the class may narrow it, as any other read."""

    def __init__(self, path: str, limit: int | None, noted: list[Any] | None) -> None:
        self._path, self._limit, self._noted = path, limit, noted
        #: What was asked, without the limit.
        self.asked: Any = None

    def rows(self, queryset: Any) -> list[dict[str, Any]]:
        """Return the stored keys, at most one more than the limit."""
        read = hooked("find")(self._read)
        found: list[dict[str, Any]] = read(queryset)
        return found

    def _read(self, queryset: Any) -> list[dict[str, Any]]:
        self.asked = settled(queryset.order_by(), noted=self._noted)
        capped = self.asked._clone()
        capped.query.shape, capped.query.extra_paths = Shape("dict", ()), (self._path,)
        if self._limit is not None:
            capped.query.limit(0, self._limit + 1)
        if self._noted is not None:
            self._noted.append(capped)
        return [] if capped.query.empty else list(capped.raw())


def _distinct(rows: list[dict[str, Any]], path: str) -> list[Any]:
    """Return the keys that documents hold at a stored path, each once, without null."""
    found: dict[Any, Any] = {}
    for row in rows:
        for key in _values_at(row, path.split(".")):
            if key is not None:
                identity = key if isinstance(key, ObjectId) else (type(key), repr(key))
                found[identity] = key
    return list(found.values())


def _values_at(value: Any, parts: list[str]) -> Iterator[Any]:
    """Yield the values at a path of stored keys, of all elements of lists on it."""
    if isinstance(value, list):
        for item in value:
            yield from _values_at(item, parts)
    elif not parts:
        yield value
    elif isinstance(value, dict) and parts[0] in value:
        yield from _values_at(value[parts[0]], parts[1:])
