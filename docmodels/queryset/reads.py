"""Reads that end a chain: one object, a number, a plan."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Self, TypeVar, overload

from django.core.exceptions import FieldError

from docmodels.connections.rows import Rows
from docmodels.query.nearness import is_near
from docmodels.queryset import commands, iterables
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.crossing import settled, settled_filter
from docmodels.queryset.getting import get_from_queryset, not_one
from docmodels.queryset.hooking import hooked
from docmodels.queryset.options import check_number, collection_for, options_of
from docmodels.queryset.rows import element_from_db
from docmodels.transaction import current_session

D = TypeVar("D")


class ReadsMixin(BaseQuerySet[D]):
    """`get`, `first`, `count`, `exists`, `in_bulk`, `distinct`, `raw` …"""

    def get(self, *args: Any, **conditions: Any) -> D:
        """
        Return the only match; raise DoesNotExist or MultipleObjectsReturned.

        `args` and `conditions` are those of `filter()`.
        """
        if conditions and not args and self._gets_plainly:
            found = get_from_queryset(self, conditions)
            if found is not None:
                return found
        clone = self.filter(*args, **conditions) if args or conditions else self._clone()
        query = clone.query
        if not query.is_sliced:
            query.high = 2
            if query.default_ordering:
                query.order(())
        return clone._get_one()

    @hooked("find_one")
    def _get_one(self) -> D:
        found = self._fetch_all()
        if len(found) != 1:
            raise not_one(self.model, found)
        return found[0]

    def first(self) -> D | None:
        """Return the first object, by key where nothing is ordered, or None."""
        queryset = self if self.ordered or self.query.group is not None else self.order_by("pk")
        return queryset._first_or_none()

    @hooked("find_one")
    def _first_or_none(self) -> D | None:
        for found in self[:1]:
            return found
        return None

    def last(self) -> D | None:
        """Return the last object, by key where nothing is ordered, or None."""
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot reverse a query once a slice has been taken.")
        return self.reverse()._first_or_none()

    def earliest(self, *names: str) -> D:
        """Return the first by `names`, or by `Meta.get_latest_by`."""
        return self._extreme(names, reverse=False)

    def latest(self, *names: str) -> D:
        """Return the last by `names`, or by `Meta.get_latest_by`."""
        return self._extreme(names, reverse=True)

    def _extreme(self, names: tuple[str, ...], *, reverse: bool) -> D:
        by = names or self.model._meta.get_latest_by
        if not by:
            raise ValueError(
                f"{self._name}.earliest() and latest() require either fields as positional "
                "arguments or 'get_latest_by' in the document's Meta."
            )
        queryset = self.order_by(*([by] if isinstance(by, str) else by))
        return (queryset.reverse() if reverse else queryset)[:1].get()

    # Numbers

    def count(self) -> int:
        """Return the exact number of results."""
        if self._result_cache is not None:
            return len(self._result_cache)
        return self._count(None)

    def count_up_to(self, n: int) -> int:
        """
        Return the number of results, at most `n + 1`: more is not counted.

        Raise ValueError for an `n` below zero.
        """
        check_number(n, 0, f"{self._name}.count_up_to()")
        if self._result_cache is not None:
            return min(len(self._result_cache), n + 1)
        return self._count(n + 1)

    @hooked("count")
    def _count(self, at_most: int | None) -> int:
        query = settled(self).query
        if query.empty:
            return 0
        limit = None if query.high is None else query.high - query.low
        if at_most is not None:
            limit = at_most if limit is None else min(limit, at_most)
        connection = self._connection
        if query.has_own_rows or is_near(query.where):
            stages = query.count_pipeline()
            stages += [{"$limit": limit}] if limit is not None else []
            rows = list(commands.aggregate(self, [*stages, {"$count": "n"}], connection))
            return rows[0]["n"] if rows else 0
        options = options_of(query, "count")
        if query.low:
            options["skip"] = query.low
        if limit is not None:
            options["limit"] = limit
        with iterables.deadline(query), connection.wrap_errors:
            return collection_for(self, connection).count_documents(
                query.compile_filter(), session=current_session(connection.alias), **options
            )

    def estimated_count(self) -> int:
        """
        Return the collection's size from its metadata, in no time at all.

        Raise FieldError where anything narrows the collection. Inside
        `atomic()` it counts what others see.
        """
        query = self.query
        if query.empty:
            return 0
        if query.where or query.is_sliced or query.is_pipeline:
            raise FieldError(
                f"{self._name}.estimated_count() knows the whole collection only, use count() or "
                "count_up_to()."
            )
        connection = self._connection
        with iterables.deadline(query), connection.wrap_errors:
            return collection_for(self, connection).estimated_document_count(
                **options_of(query, "estimate")
            )

    def exists(self) -> bool:
        """Return whether there is any result."""
        if self._result_cache is not None:
            return bool(self._result_cache)
        return self._count(1) > 0

    def contains(self, obj: Any) -> bool:
        """
        Return whether the document `obj` is in the result.

        Raise ValueError for one without a key, TypeError after `values()`.
        """
        if self.query.shape is not None:
            raise TypeError(
                f"{self._name}: Cannot call QuerySet.contains() after .values() or .values_list()."
            )
        if not isinstance(obj, self.model):
            return False
        if obj.pk is None:
            raise ValueError(
                f"{self._name}: QuerySet.contains() cannot be used on unsaved objects."
            )
        if self._result_cache is not None or self.query.is_sliced or self.query.is_staged:
            return obj in self
        return self.filter(pk=obj.pk).exists()

    # Other shapes

    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
    ) -> dict[Any, D]:
        """
        Return the documents of the keys `id_list`, by key, or all without keys.

        `field_name` names another unique field. Raise ValueError for one that
        is not unique, TypeError after a slice or `values()`.
        """
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot use 'limit' or 'offset' with in_bulk().")
        if self.query.shape is not None:
            raise TypeError(
                f"{self._name}.in_bulk() cannot be used with values() or values_list()."
            )
        field = self.model._meta.resolve(field_name).field
        if not field.unique:
            raise ValueError(
                f"{self._name}.in_bulk()'s field_name must be a unique field but {field_name!r} "
                "isn't."
            )
        queryset = self
        if id_list is not None:
            keys = list(id_list)
            if not keys:
                return {}
            queryset = self.filter(**{f"{field_name}__in": keys})
        return {getattr(document, field.attname): document for document in queryset}

    @overload
    def distinct(self, path: None = None) -> Self: ...
    @overload
    def distinct(self, path: str) -> list[Any]: ...
    def distinct(self, path: str | None = None) -> Any:
        """
        Return the distinct values at a path; of list elements, each one.

        Without a path return a queryset: of documents it is the same, after
        `values()` it gives each row once.
        """
        if self.query.is_sliced:
            raise TypeError(
                f"{self._name}: Cannot create distinct fields once a slice has been taken."
            )
        if path is None:
            clone = self._clone()
            query = clone.query
            names = (*(query.group or ()), *query.annotations)
            if query.shape is not None and (query.group is None or query.shape.paths != names):
                query.group_by(query.shape.paths)
            return clone
        if self.query.is_pipeline:
            raise FieldError(
                f"{self._name}: Cannot take distinct() of a path after annotate() or unwind()."
            )
        resolved = self.model._meta.resolve(path)
        convert = element_from_db(resolved.field)
        return self._distinct_values(resolved.db_path, convert)

    @hooked("distinct")
    def _distinct_values(self, db_path: str, convert: Callable[[Any], Any]) -> list[Any]:
        if self.query.empty:
            return []
        condition = settled_filter(self)
        connection = self._connection
        collection = commands.tolerant(collection_for(self, connection))
        options = options_of(self.query, "distinct")
        with iterables.deadline(self.query), connection.wrap_errors:
            values = collection.distinct(
                db_path,
                condition,
                session=current_session(connection.alias),
                **options,
            )
        return [convert(value) for value in values]

    def raw(self) -> Iterator[dict[str, Any]]:
        """Yield the stored dicts, every value with its BSON type."""
        return Rows(self._raw_batches())

    def _raw_batches(self) -> Generator[list[dict[str, Any]], None, None]:
        if self.query.empty:
            return
        connection = self._connection
        for batch in iterables.raw_batches(self, connection):
            yield from iterables.decode(batch, connection.codec_options)

    @overload
    def pipeline(self, stages: None = None) -> list[dict[str, Any]]: ...
    @overload
    def pipeline(self, stages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]: ...
    def pipeline(self, stages: list[dict[str, Any]] | None = None) -> Any:
        """
        Run an aggregation pipeline on what the queryset matches; yield dicts.

        Without an argument return the stages that the queryset would send.
        A stage that writes (`$out`, `$merge`) needs a writable alias and is
        run at once.
        """
        if stages is None:
            return self.query.pipeline()
        if not isinstance(stages, (list, tuple)):
            raise TypeError(f"{self._name}.pipeline(): {stages!r}, expected a list of stages.")
        return self._run_pipeline(stages)

    @hooked("aggregate")
    def _run_pipeline(self, stages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        queryset, writes = self, any(stage.keys() & {"$out", "$merge"} for stage in stages)
        if writes:
            queryset = self._clone()
            queryset._for_write = True
            queryset._connection.require_writable(f"{self.model._meta.label}: $out or $merge")
        if self.query.empty:
            return iter(())
        sent = [*settled(queryset).query.pipeline(), *stages]
        rows = commands.aggregate(queryset, sent, queryset._connection)
        # What writes is run now, whether or not anybody asks for its rows (there are none).
        return iter(list(rows)) if writes else rows
