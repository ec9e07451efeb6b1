"""The queryset: lazy, chainable, never changed in place, cached once read."""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar, overload

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.connections import connections, router
from docmodels.connections.rows import Rows
from docmodels.query import Query
from docmodels.query.nearness import is_near
from docmodels.query.relations import plan
from docmodels.queryset import iterables
from docmodels.queryset.hooking import hooked
from docmodels.queryset.ordering import name_orders
from docmodels.queryset.populating import run

D = TypeVar("D")

#: How many objects `repr()` shows.
REPR_OUTPUT_SIZE = 20


class BaseQuerySet(Generic[D]):
    """Chaining, evaluation and caching; the mixins add reads and writes."""

    #: Whether `get()` may read without `filter()` and the rest, as no subclass changed them.
    _gets_plainly = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._gets_plainly = all(
            getattr(cls, name) is getattr(BaseQuerySet, name)
            for name in ("__init__", "db", "filter", "_filter", "_clone", "_fetch_all", "_read_all")
        )

    def __init__(
        self, model: Any = None, query: Query | None = None, using: str | None = None
    ) -> None:
        self.model = model
        self.query = query if query is not None else Query(model._meta)
        self._db = using
        self._result_cache: list[Any] | None = None
        self._for_write = False
        #: Whether hooks of the class run around reads and writes.
        self._hooks = True

    # Copies

    def _clone(self) -> Self:
        clone = type(self).__new__(type(self))
        clone.model = self.model
        clone.query = self.query.clone()
        clone._db = self._db
        clone._result_cache = None
        clone._for_write = self._for_write
        clone._hooks = self._hooks
        return clone

    def all(self) -> Self:
        """Return a copy, which will be evaluated anew."""
        return self._clone()

    def using(self, alias: str) -> Self:
        """Read and write through `alias`; raise ConnectionDoesNotExist for another name."""
        connections[alias]  # an unknown alias is an error here, not at the end
        clone = self._clone()
        clone._db = alias
        return clone

    def without_hooks(self) -> Self:
        """Return a copy around whose reads and writes no hook runs."""
        clone = self._clone()
        clone._hooks = False
        return clone

    @property
    def _name(self) -> str:
        """Return the name of the class, with which messages begin."""
        name: str = self.model._meta.object_name
        return name

    @property
    def db(self) -> str:
        """Return the alias that a read would use now."""
        if self._db is not None:
            return self._db
        if not router.routers:
            alias: str = self.model._meta.alias
            return alias
        if self._for_write:
            return router.db_for_write(self.model)
        return router.db_for_read(self.model)

    @property
    def _connection(self) -> Any:
        return connections[self.db]

    # Narrowing

    def filter(self, *args: Any, **conditions: Any) -> Self:
        """
        Keep what matches all conditions: `path__lookup=value`, and `args`, Q objects.

        Raise FieldError, with the nearest name, for a path that is not declared,
        FilterValueError (a ValueError) for a value that cannot be cast.
        """
        return self._filter(False, args, conditions)

    def exclude(self, *args: Any, **conditions: Any) -> Self:
        """Keep exactly what `filter()` with the same conditions leaves out."""
        return self._filter(True, args, conditions)

    def _filter(self, exclude: bool, args: Any, conditions: dict[str, Any]) -> Self:
        for arg in args:
            if not isinstance(arg, Q):
                raise TypeError(
                    f"{self._name}.filter(): {arg!r}, expected Q objects and path__lookup=value."
                )
        if (args or conditions) and self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot filter a query once a slice has been taken.")
        clone = self._clone()
        if not (args or conditions):
            return clone
        if args or exclude or not clone.query.add_equalities(conditions):
            clone.query.add(Q(*args, **conditions), exclude=exclude)
        return clone

    def complex_filter(self, filter_obj: Any) -> Self:
        """Filter by `filter_obj`, a Q object or a dict of conditions, as Django does."""
        if isinstance(filter_obj, Q):
            return self.filter(filter_obj)
        return self.filter(**filter_obj)

    def raw_filter(self, condition: dict[str, Any]) -> Self:
        """Keep what `condition`, a filter in MongoDB's own form, matches; nothing is cast."""
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot filter a query once a slice has been taken.")
        if not isinstance(condition, Mapping):
            raise TypeError(
                f"{self._name}.raw_filter(): {condition!r}, expected a dict in MongoDB's form."
            )
        clone = self._clone()
        clone.query.add_raw(dict(condition))
        return clone

    def none(self) -> Self:
        """Return a queryset that never asks the server and is empty."""
        clone = self._clone()
        clone.query.empty = True
        return clone

    # Order and cut

    def order_by(self, *names: Any) -> Self:
        """
        Order by paths of names, `-` in front for descending; none for none.

        Expressions are computed for the order: `F("stock") * 2`, or with `desc()`
        and `asc()`. Raise FieldError for anything else.
        """
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot reorder a query once a slice has been taken.")
        queryset, orders = name_orders(self, names)
        clone = queryset._clone()
        clone.query.order(orders)
        clone.query.reversed = False
        return clone

    def reverse(self) -> Self:
        """Turn the order around."""
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot reverse a query once a slice has been taken.")
        clone = self._clone()
        clone.query.reversed = not clone.query.reversed
        return clone

    @property
    def ordered(self) -> bool:
        """Return whether the result has an order that was asked for."""
        return bool(self.query.order_by) or self.query.empty or is_near(self.query.where)

    # Evaluation

    def _fetch_all(self) -> list[Any]:
        if self._result_cache is None:
            self._result_cache = self._read_all()
        return self._result_cache

    @hooked("find")
    def _read_all(self) -> list[Any]:
        return self._complete(iterables.read_all(self))

    def _complete(self, found: list[Any]) -> list[Any]:
        """Load what `populate()` asked for; return the documents."""
        if self.query.populated and self.query.shape is None:
            run(found, plan(self.model, self.query.populated))
        return found

    def iterator(self, chunk_size: int = 2000, *, batch_size: int | None = None) -> Iterator[D]:
        """
        Yield the result without keeping it; `chunk_size` documents a batch.

        `batch_size`, MongoDB's word for it, wins, as does the method of that
        name. The cursor is closed when nobody reads on.
        """
        return Rows(self._iterate(chunk_size, batch_size))

    def _iterate(self, chunk_size: int, batch_size: int | None) -> Generator[list[D], None, None]:
        size = chunk_size if batch_size is None else batch_size
        if size <= 0:
            raise ValueError(f"{self._name}: Chunk size must be strictly positive.")
        source = self._clone()
        if batch_size is not None or "batch_size" not in source.query.options:
            source.query.options = {**source.query.options, "batch_size": size}
        for batch in source._batches():
            yield self._complete(batch)

    @hooked("find")
    def _batches(self) -> Iterator[list[Any]]:
        return iterables.batches(self)

    def __iter__(self) -> Iterator[D]:
        return iter(self._fetch_all())

    def __len__(self) -> int:
        return len(self._fetch_all())

    def __bool__(self) -> bool:
        return bool(self._fetch_all())

    def __contains__(self, item: Any) -> bool:
        return item in self._fetch_all()

    @overload
    def __getitem__(self, key: int) -> D: ...
    @overload
    def __getitem__(self, key: slice) -> Self: ...
    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, (int, slice)):
            raise TypeError(
                f"{self._name}: QuerySet indices must be integers or slices, not "
                f"{type(key).__name__}."
            )
        low, high = (key, None) if isinstance(key, int) else (key.start, key.stop)
        if (low is not None and low < 0) or (high is not None and high < 0):
            raise ValueError(f"{self._name}: Negative indexing is not supported.")
        if self._result_cache is not None:
            return self._result_cache[key]
        clone = self._clone()
        if isinstance(key, int):
            clone.query.limit(key, key + 1)
            return clone._fetch_all()[0]
        clone.query.limit(key.start, key.stop)
        return list(clone)[:: key.step] if key.step else clone

    def __repr__(self) -> str:
        shown: list[Any] = list(self[: REPR_OUTPUT_SIZE + 1])
        if len(shown) > REPR_OUTPUT_SIZE:
            shown[-1] = "...(remaining elements truncated)..."
        return f"<{type(self).__name__} {shown!r}>"

    def __get__(self, instance: Any, owner: Any = None) -> Self:
        # `queryset = Order.objects.all()` in the body of a view: without a copy
        # the result of its first request would be the result of all.
        return self if instance is None else self._clone()

    def __and__(self, other: Any) -> Self:
        clone = self._combinable(other)
        if other.query.empty:
            return clone.none()
        clone.query.add_raw(other.query.where)
        return clone

    def __or__(self, other: Any) -> Self:
        clone = self._combinable(other)
        if self.query.empty or other.query.empty:
            return other._clone() if self.query.empty else clone
        clone.query.join(other.query, Q.OR)
        return clone

    def __xor__(self, other: Any) -> Self:
        clone = self._combinable(other)
        if self.query.empty or other.query.empty:
            return other._clone() if self.query.empty else clone
        clone.query.join(other.query, Q.XOR)
        return clone

    def _combinable(self, other: Any) -> Self:
        if not isinstance(other, BaseQuerySet) or other.model is not self.model:
            raise TypeError(f"{self._name}: Cannot combine querysets of two documents.")
        if self.query.is_sliced or other.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot combine queries once a slice has been taken.")
        if self.query.is_pipeline or other.query.is_pipeline:
            raise FieldError(
                f"{self._name}: Cannot combine queries that group, unwind or annotate."
            )
        clone = self._clone()
        if other.query.crosses:
            clone.query.crosses = True
        return clone

    def __getstate__(self) -> dict[str, Any]:
        # As in Django: a pickled queryset carries its result.
        self._fetch_all()
        # The options of the class are found again by the class.
        state = self.query.__dict__ | {"meta": None}
        return {**self.__dict__, "query": None, "_query": (type(self.query), state)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        query_class, stored = state.pop("_query")
        self.__dict__.update(state)
        self.query = object.__new__(query_class)
        self.query.__dict__.update(stored, meta=self.model._meta)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        clone = self._clone()
        clone._result_cache = copy.copy(self._result_cache)
        return clone
