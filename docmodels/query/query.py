"""
The state of a queryset: what to match, shape, order and cut.

It is plain data without a server: `compile_filter()`, `projection()`,
`sort()` and `pipeline()` say what will be sent. A queryset copies it before
each change, so that a query is never changed under a result.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.constants import FetchMode
from docmodels.lookups import Trusted
from docmodels.query import where
from docmodels.query.across import has_keys
from docmodels.query.equalities import compile_equalities
from docmodels.query.nearness import is_near
from docmodels.query.pipeline import Pipeline
from docmodels.query.projections import Portion, with_portions
from docmodels.query.protocols import OptionsLike
from docmodels.query.rows import group_key


class Shape:
    """What `values()`, `values_list()` and `values_as()` make of each document."""

    __slots__ = ("flat", "kind", "named", "paths", "row_class")

    def __init__(
        self,
        kind: str,
        paths: tuple[str, ...],
        *,
        flat: bool = False,
        named: bool = False,
        row_class: type[Any] | None = None,
    ) -> None:
        #: "dict" or "tuple".
        self.kind = kind
        #: Paths of names, also of annotations.
        self.paths = paths
        self.flat = flat
        self.named = named
        #: The dataclass that is made of each dict.
        self.row_class = row_class

    def with_path(self, path: str) -> Shape:
        """Return the shape with one more path, if it has it not."""
        if path in self.paths:
            return self
        return Shape(
            self.kind,
            (*self.paths, path),
            flat=self.flat,
            named=self.named,
            row_class=self.row_class,
        )


class Query(Pipeline):
    """What one queryset asks, as data."""

    #: Whether documents are decoded when they are touched.
    lazy = False
    #: Whether documents come from stages, as of a union, which no filter can go into.
    is_staged = False
    #: Lists of which a part is loaded.
    portions: tuple[Portion, ...] = ()

    ordering: tuple[str, ...] = ()
    default_ordering = True
    reversed = False
    low = 0
    high: int | None = None
    empty = False
    #: Names of `only()`, None for all.
    only: frozenset[str] | None = None
    #: Names of `defer()`.
    deferred: frozenset[str] = frozenset()
    #: Hidden fields that were asked for.
    selected: frozenset[str] = frozenset()
    shape: Shape | None = None
    #: Sort keys that stand in place of the ordering, for keyset paging.
    fixed_sort: list[tuple[str, int]] | None = None
    #: Keys that must be fetched although nobody asked for them.
    extra_paths: tuple[str, ...] = ()
    #: What `populate()` was given, and the fields that this needs.
    populated: tuple[Any, ...] = ()
    populated_fields: frozenset[str] = frozenset()
    #: Whether the filter has conditions across references, so that keys are asked for first.
    crosses = False
    #: What reading something does that is not loaded, None for what the setting says.
    fetch_mode: FetchMode | None = None
    #: Arguments of the cursor: hint, comment, collation, max_time_ms, batch_size …
    options: dict[str, Any] = {}

    # What a query does not have is read from the class: most have next to nothing, and each
    # link of a chain copies them.
    def __init__(self, meta: OptionsLike) -> None:
        self.meta = meta
        #: A filter, compiled: all conditions so far.
        self.where: dict[str, Any] = meta.discriminator_filter
        #: The filter that nobody asked for: of the class, of its manager.
        self.unfiltered: dict[str, Any] = self.where
        if collation := getattr(meta, "collation", None):
            self.options = {"collation": collation}

    def clone(self) -> Query:
        """Return a copy; values are never changed in place."""
        query = object.__new__(Query)
        query.__dict__.update(self.__dict__)
        return query

    # Changes

    def add(self, q: Q, *, exclude: bool = False) -> None:
        """Narrow by conditions, or by their complement."""
        if self.is_pipeline:
            self.add_condition(q, exclude=exclude)
            return
        compiled = where.compile_q(self.meta, q, across=True, exclude=exclude)
        if has_keys(compiled):
            self.crosses = True
        self.where = where.join_and([self.where, compiled]) if self.where else compiled

    def add_equalities(self, conditions: dict[str, Any]) -> bool:
        """Narrow by `name=value`; return whether there is no more to it than that."""
        if self.steps or self.source is not None:
            return False
        compiled = compile_equalities(self.meta, conditions)
        if compiled is None:
            return False
        self.where = where.join_and([self.where, compiled]) if self.where else compiled
        return True

    def add_raw(self, condition: dict[str, Any]) -> None:
        """Narrow by a filter in MongoDB's own form."""
        if self.is_pipeline:
            self.add_raw_condition(condition)
            return
        self.where = where.join_and([self.where, condition])

    def join(self, other: Query, connector: str) -> None:
        """Match what both queries match, joined by the connector of a Q."""
        both = Q(Trusted(self.where), Trusted(other.where), _connector=connector)
        self.where = where.compile_q(self.meta, both)

    def order(self, names: Iterable[str]) -> None:
        """Order by paths of names, descending with `-` in front."""
        ordering = tuple(names)
        # An order of stored documents that was sent before is right.
        is_computed = self.steps or self.annotations or self.source is not None
        if is_computed or ordering not in self.meta.sorts:
            rows = self.rows if self.group is None else self.meta
            for name in ordering:
                bare = name.lstrip("-+")
                if bare not in self.annotations and bare not in (self.group or ()):
                    rows.resolve(bare)
        self.ordering = ordering
        self.default_ordering = False

    def limit(self, low: int | None, high: int | None) -> None:
        """Cut the result to `[low:high]` of what it is now."""
        low, base = low or 0, self.low
        if high is not None:
            end = base + max(high, low)
            self.high = end if self.high is None else min(self.high, end)
        self.low = base + low if self.high is None else min(base + low, self.high)
        if self.high is not None and self.low >= self.high:
            self.empty = True

    # What is sent

    @property
    def is_sliced(self) -> bool:
        """Return whether the result is cut."""
        return self.low != 0 or self.high is not None

    @property
    def is_filtered(self) -> bool:
        """Return whether anything narrows the documents of the class."""
        return self.where != self.unfiltered

    def compile_filter(self) -> dict[str, Any]:
        """Return the filter of a `find` or of the first `$match`."""
        return self.where

    @property
    def order_by(self) -> tuple[str, ...]:
        """Return the effective ordering, by names."""
        ordering = self.ordering
        if not ordering and self.default_ordering and self.group is None:
            ordering = () if self.source else tuple(getattr(self.meta, "ordering", ()))
            if ordering and is_near(self.where):
                # The nearest come first, unless another order is asked for.
                ordering = ()
        if not self.reversed:
            return ordering
        if not ordering and self.group is None and is_near(self.where):
            raise FieldError(
                f"{self.meta.object_name}: the order by distance cannot be turned around, "
                f"expected order_by()."
            )
        return tuple(n[1:] if n.startswith("-") else f"-{n}" for n in ordering or ("pk",))

    def sort(self) -> list[tuple[str, int]]:
        """Return the sort keys with 1 or -1."""
        if self.fixed_sort is not None:
            return self.fixed_sort
        pairs: list[tuple[str, int]] = []
        for name in self.order_by:
            bare = name.lstrip("-+")
            found = self.annotations.get(bare)
            path = self._sort_path(bare) if found is None else found.key(bare)
            pairs.append((path, -1 if name.startswith("-") else 1))
        return pairs

    def _sort_path(self, name: str) -> str:
        if self.group is not None:
            # After a group only its rows are there, under the names of their paths.
            if name not in self.group:
                raise FieldError(
                    f"{self.meta.object_name}.order_by(): {name!r}, expected a path of values() or "
                    "an annotation. Choices "
                    f"are: {', '.join([*self.group, *self.annotations])}."
                )
            return group_key(name)
        found: str = self.rows.resolve(name).db_path
        return found

    def loaded(self) -> frozenset[str] | None:
        """Return the names of the fields that instances will have, None for all."""
        if self.only is None and not self.deferred and not self.meta.hidden_names:
            return None
        fields = {field.name: field for field in self.meta.fields}  # type: ignore[attr-defined]
        # A write is to find the document on its shard.
        needed = {self.meta.pk.name} | self.meta.shard_fields | self.populated_fields
        hidden = {n for n, field in fields.items() if field.hidden} - self.selected - needed
        if self.only is not None:
            names = self.only | needed | (self.selected - self.only)
        elif self.deferred or hidden:
            names = frozenset(fields) - hidden
        else:
            return None
        return frozenset(names - (self.deferred - needed))

    def projection(self) -> dict[str, Any] | None:
        """Return the projection of a `find`, None for whole documents."""
        if self.portions and self.shape is None:
            whole = self.clone()
            whole.portions = ()
            return with_portions(whole.projection(), self.portions)
        if self.shape is not None:
            # A projection knows no indexes, it would look for keys.
            keys = {without_index(self.meta.resolve(path).db_path) for path in self.shape.paths}
            return _including({*keys, *self.extra_paths})
        if getattr(self.meta, "schema_version", None) is not None:
            # Only a whole document can be upgraded; its loader leaves out the rest.
            return None
        loaded = self.loaded()
        if loaded is None:
            return None
        fields = {field.name: field for field in self.meta.fields}  # type: ignore[attr-defined]
        if self.only is None:
            # Leaving out keeps undeclared data.
            needed = {path.partition(".")[0] for path in self.extra_paths}
            left_out = {fields[name].db_field for name in fields.keys() - loaded} - needed
            return dict.fromkeys(sorted(left_out), 0) or None
        keys = {fields[name].db_field for name in loaded} | {"_id", *self.extra_paths}
        if version_key := getattr(self.meta, "version_key", None):
            keys.add(version_key)
        if getattr(self.meta, "children", None):
            # It tells of which class each document is.
            keys.add(self.meta.discriminator_key)  # type: ignore[attr-defined]
        return _including(keys)

    def pipeline(self) -> list[dict[str, Any]]:
        """Return the stages that say the same as the query."""
        return self.compiled(self.sort())

    def sent_pipeline(self) -> list[dict[str, Any]]:
        """Return the stages with a projection to what the results are made of."""
        stages = self.pipeline()
        if self.group is not None or self.is_staged:
            return stages
        if self.shape is not None:
            rows = self.rows
            keys = {without_index(rows.resolve(path).db_path) for path in self.shape.paths}
            projection: dict[str, Any] | None = _including({*keys, *self.extra_paths})
        else:
            projection = self.projection()
            if projection is not None and 1 in projection.values():
                projection = projection | {a.key(name): 1 for name, a in self.shown.items()}
        return [*stages, {"$project": projection}] if projection else stages

    def count_pipeline(self, reads: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Return the stages whose rows are as many as the results, with what `reads` names."""
        return self.compiled(self.sort() if self.is_cut else [], counting=frozenset(reads))

    def describe(self) -> str:
        """Return the query as mongosh spells it."""
        collection = getattr(self.meta, "collection", "")
        if self.is_pipeline:
            return f"db.{collection}.aggregate({self.pipeline()!r})"
        text = f"db.{collection}.find({self.where!r})"
        sort = self.sort()
        if sort:
            text += f".sort({dict(sort)!r})"
        if self.low:
            text += f".skip({self.low})"
        if self.high is not None:
            text += f".limit({self.high - self.low})"
        return text


def without_index(db_path: str) -> str:
    """Return the part of a stored path in front of the first index or numeric key."""
    keys = db_path.split(".")
    return ".".join(itertools.takewhile(lambda key: not key.isdecimal(), keys))


def _including(keys: set[str]) -> dict[str, int]:
    # MongoDB refuses "a" and "a.b" in one projection.
    outer = sorted(k for k in keys if not any(k.startswith(f"{other}.") for other in keys))
    return ({} if "_id" in keys else {"_id": 0}) | dict.fromkeys(outer, 1)
