"""
The methods that a manager passes on to a queryset, for type checkers.

Written by `python -m tests.typing.signatures` from the queryset's own.
`D` is what a queryset gives, `QS` the class of the manager's querysets.
"""

# fmt: off
# ruff: noqa

from typing import Generic, overload

from typing_extensions import TypeVar

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import tzinfo
from django.db.models import Q
from docmodels.connections.rows import AsyncRows
from docmodels.connections.watching import AsyncWatch
from docmodels.connections.watching import Watch
from docmodels.fields import Field
from docmodels.query import ListPart
from docmodels.query import operations
from docmodels.query.expressions import Aggregate
from docmodels.query.expressions import Expression
from docmodels.query.plans import Plan
from docmodels.query.relations import Populate
from docmodels.queryset.annotating import R
from docmodels.queryset.paging import Page
from docmodels.queryset.queryset import QuerySet
from docmodels.queryset.sending import BulkResult
from docmodels.queryset.updating import Values
from typing import Any
from typing import Literal

D = TypeVar("D")
QS = TypeVar("QS", covariant=True)

class Methods(Generic[D, QS]):
    def using(self, alias: str) -> QS:
        """Read and write through `alias`; raise ConnectionDoesNotExist for another name."""
    def without_hooks(self) -> QS:
        """Return a copy around whose reads and writes no hook runs."""
    def filter(self, *args: Any, **conditions: Any) -> QS:
        """Keep what matches all conditions: `path__lookup=value`, and `args`, Q objects."""
    def exclude(self, *args: Any, **conditions: Any) -> QS:
        """Keep exactly what `filter()` with the same conditions leaves out."""
    def complex_filter(self, filter_obj: Any) -> QS:
        """Filter by `filter_obj`, a Q object or a dict of conditions, as Django does."""
    def raw_filter(self, condition: dict[str, Any]) -> QS:
        """Keep what `condition`, a filter in MongoDB's own form, matches; nothing is cast."""
    def none(self) -> QS:
        """Return a queryset that never asks the server and is empty."""
    def order_by(self, *names: Any) -> QS:
        """Order by paths of names, `-` in front for descending; none for none."""
    def reverse(self) -> QS:
        """Turn the order around."""
    def iterator(self, chunk_size: int = 2000, *, batch_size: int | None = None) -> Iterator[D]:
        """Yield the result without keeping it; `chunk_size` documents a batch."""
    def search(self, text: str, *, language: str | None = None, case_sensitive: bool = False, diacritic_sensitive: bool = False) -> QS:
        """Keep what has one of the words, by the text index that must be there."""
    def values(self, *paths: str, **expressions: Expression) -> QuerySet[dict[str, Any]]:
        """Give dicts of these paths, of all fields if none is named."""
    @overload
    def values_list(self, *paths: str | Expression, flat: Literal[False] = False, named: Literal[False] = False) -> QuerySet[tuple[Any, ...]]:
        """Give tuples of these paths; `flat` for single values, `named` for named tuples."""
    @overload
    def values_list(self, *paths: str | Expression, flat: bool = False, named: bool = False) -> QuerySet[Any]:
        """Give tuples of these paths; `flat` for single values, `named` for named tuples."""
    def values_as(self, row_class: type[R]) -> QuerySet[R]:
        """Give instances of the dataclass `row_class`, made of the values of its fields' names."""
    def annotate(self, *args: Expression, **expressions: Any) -> QS:
        """Add computed values: aggregates after `values()` one for each group, everything else one for each result, over the values that it holds itself."""
    def alias(self, *args: Expression, **expressions: Any) -> QS:
        """Name computed values to filter and order by, which results do not have."""
    def unwind(self, path: str, *, preserve_empty: bool = False, index: str | None = None) -> QS:
        """Make a row of each element of the list at `path`, for `values()` and aggregates."""
    def dates(self, field_name: str, kind: str, order: str = 'ASC') -> QuerySet[date]:
        """Give each year, month, week or day (`kind`) of a date once, as its first day."""
    def datetimes(self, field_name: str, kind: str, order: str = 'ASC', tzinfo: tzinfo | None = None) -> QuerySet[datetime]:
        """Give each year, month … second (`kind`) of a moment once, as its first moment."""
    def union(self, *querysets: Any, all: bool = False) -> QS:
        """Return what any of the querysets gives, each result once."""
    def intersection(self, *querysets: Any) -> QS:
        """Return what all the querysets of the same class find; it can be narrowed further."""
    def difference(self, *querysets: Any) -> QS:
        """Return what none of the other querysets of the same class finds."""
    def sample(self, n: int) -> QS:
        """Return `n` results at random, other ones each time it is evaluated."""
    def watch(self, *, full_document: bool | str = True, before: bool | str = False, after: str | None = None, start_at: Any = None, max_await: float = 1, batch_size: int | None = None) -> Watch:
        """Follow what happens to the documents that match, from now on."""
    def plan(self, *, execute: bool = True) -> Plan:
        """Return how the server answers the query: index, examined documents, sort."""
    def explain(self, verbosity: str = 'queryPlanner') -> dict[str, Any]:
        """Return the server's own answer, a dict."""
    def page(self, *, size: int = 25, after: str | None = None, before: str | None = None) -> Page[D]:
        """Return `size` objects after or before the row of a token."""
    def page_beside(self, stored: dict[str, Any], *, size: int = 1, back: bool = False) -> Page[D]:
        """Return `size` objects after a stored document, or before it with `back`."""
    def aggregate(self, *args: Aggregate, **aggregates: Any) -> dict[str, Any]:
        """Return computed values over all results, by name."""
    def facet(self, **querysets: Any) -> dict[str, list[Any]]:
        """Run several queries over the same results at once; return lists by name."""
    def out(self, collection: str, *, database: str | None = None) -> None:
        """Replace a collection by the results; `$out` of MongoDB."""
    def merge(self, into: str, *, on: str | list[str] | None = None, when_matched: Any = 'merge', when_not_matched: str = 'insert') -> None:
        """Write the results into a collection, into what is there; `$merge` of MongoDB."""
    def bulk_update(self, objects: Iterable[D], fields: Iterable[str], batch_size: int | None = None, *, validate: bool = True, timestamps: bool = True) -> int:
        """Store the named fields of the objects; return the number of matches."""
    def bulk_save(self, objects: Iterable[D], batch_size: int | None = None, *, ordered: bool = False, validate: bool | str = True, timestamps: bool = True) -> BulkResult:
        """Insert the new objects and write the changes of the others, as `save()` does."""
    def bulk_write(self, batch: Iterable[operations.Operation], *, ordered: bool = True, batch_size: int | None = None, validate: bool = True, timestamps: bool = True) -> BulkResult:
        """Run the operations of `batch`, of `documents.ops`, in few commands."""
    def update(self, values: Values = None, /, *, allow_all: bool = False, validate: bool = True, timestamps: bool = True, upsert: bool = False, array_filters: Mapping[str, Any] | None = None, **more: Any) -> int:
        """Update what matches, in one command; return the number of matches."""
    def update_one(self, values: Values = None, /, *, allow_all: bool = False, validate: bool = True, timestamps: bool = True, upsert: bool = False, array_filters: Mapping[str, Any] | None = None, **more: Any) -> int:
        """Update the first match in the order of the queryset; return 1, or 0 for none."""
    def upsert(self, defaults: Mapping[str, Any] | None = None, create_defaults: Mapping[str, Any] | None = None, *, validate: bool = True, timestamps: bool = True, **conditions: Any) -> tuple[D, bool]:
        """Update the match of `conditions`, or insert a document, in one atomic command."""
    def find_one_and_update(self, values: Values = None, /, *, return_new: bool = False, upsert: bool = False, allow_all: bool = False, validate: bool = True, timestamps: bool = True, array_filters: Mapping[str, Any] | None = None, **more: Any) -> D | None:
        """Update the first match in the order of the queryset; return the document."""
    def find_one_and_replace(self, replacement: Any, /, *, return_new: bool = False, upsert: bool = False, allow_all: bool = False, validate: bool = True, timestamps: bool = True) -> D | None:
        """Store `replacement` in place of the first match; return the document."""
    def find_one_and_delete(self, *, allow_all: bool = False) -> D | None:
        """Delete the first match in the order of the queryset; return it, or None."""
    def delete_one(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """Delete the first match in the order of the queryset, with its rules."""
    def create(self, **values: Any) -> D:
        """Make a document of `values` by field name, insert and return it; run its hooks."""
    def get_or_create(self, defaults: dict[str, Any] | None = None, **conditions: Any) -> tuple[D, bool]:
        """Return the match of `conditions`, or a new document, and whether it is new."""
    def update_or_create(self, defaults: dict[str, Any] | None = None, create_defaults: dict[str, Any] | None = None, **conditions: Any) -> tuple[D, bool]:
        """Update the match of `conditions` with `defaults`, or create a document."""
    def bulk_create(self, objects: Iterable[D], ordered: bool = True, *, batch_size: int | None = None, ignore_conflicts: bool = False, update_conflicts: bool = False, update_fields: Iterable[str] | None = None, unique_fields: Iterable[str] | None = None, timestamps: bool = True) -> list[D]:
        """Validate all the objects, then insert them, `batch_size` at a time; return them."""
    def delete(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """Delete what matches, with the rules of references to it."""
    def get(self, *args: Any, **conditions: Any) -> D:
        """Return the only match; raise DoesNotExist or MultipleObjectsReturned."""
    def first(self) -> D | None:
        """Return the first object, by key where nothing is ordered, or None."""
    def last(self) -> D | None:
        """Return the last object, by key where nothing is ordered, or None."""
    def earliest(self, *names: str) -> D:
        """Return the first by `names`, or by `Meta.get_latest_by`."""
    def latest(self, *names: str) -> D:
        """Return the last by `names`, or by `Meta.get_latest_by`."""
    def count(self) -> int:
        """Return the exact number of results."""
    def count_up_to(self, n: int) -> int:
        """Return the number of results, at most `n + 1`: more is not counted."""
    def estimated_count(self) -> int:
        """Return the collection's size from its metadata, in no time at all."""
    def exists(self) -> bool:
        """Return whether there is any result."""
    def contains(self, obj: Any) -> bool:
        """Return whether the document `obj` is in the result."""
    def in_bulk(self, id_list: Iterable[Any] | None = None, *, field_name: str = 'pk') -> dict[Any, D]:
        """Return the documents of the keys `id_list`, by key, or all without keys."""
    @overload
    def distinct(self, path: None = None) -> QS:
        """Return the distinct values at a path; of list elements, each one."""
    @overload
    def distinct(self, path: str) -> list[Any]:
        """Return the distinct values at a path; of list elements, each one."""
    def raw(self) -> Iterator[dict[str, Any]]:
        """Yield the stored dicts, every value with its BSON type."""
    @overload
    def pipeline(self, stages: None = None) -> list[dict[str, Any]]:
        """Run an aggregation pipeline on what the queryset matches; yield dicts."""
    @overload
    def pipeline(self, stages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Run an aggregation pipeline on what the queryset matches; yield dicts."""
    def aiterator(self, chunk_size: int = 2000, *, batch_size: int | None = None) -> AsyncRows[D]:
        """Yield the result without keeping it; `chunk_size` documents a batch."""
    async def aget(self, *args: Any, **conditions: Any) -> D:
        """Return the only match; raise DoesNotExist or MultipleObjectsReturned."""
    async def afirst(self) -> D | None:
        """Return the first object, by key where nothing is ordered, or None."""
    async def alast(self) -> D | None:
        """Return the last object, by key where nothing is ordered, or None."""
    async def aearliest(self, *names: str) -> D:
        """Return the first by `names`, or by `Meta.get_latest_by`."""
    async def alatest(self, *names: str) -> D:
        """Return the last by `names`, or by `Meta.get_latest_by`."""
    async def acount(self) -> int:
        """Return the exact number of results."""
    async def acount_up_to(self, n: int) -> int:
        """Return the number of results, at most `n + 1`: more is not counted."""
    async def aestimated_count(self) -> int:
        """Return the collection's size from its metadata, in no time at all."""
    async def aexists(self) -> bool:
        """Return whether there is any result."""
    async def acontains(self, obj: Any) -> bool:
        """Return whether the document `obj` is in the result."""
    async def ain_bulk(self, id_list: Iterable[Any] | None = None, *, field_name: str = 'pk') -> dict[Any, D]:
        """Return the documents of the keys `id_list`, by key, or all without keys."""
    def araw(self) -> AsyncRows[dict[str, Any]]:
        """Yield the stored dicts, every value with its BSON type."""
    async def apage(self, *, size: int = 25, after: str | None = None, before: str | None = None) -> Page[D]:
        """Return `size` objects after or before the row of a token."""
    async def apage_beside(self, stored: dict[str, Any], *, size: int = 1, back: bool = False) -> Page[D]:
        """Return `size` objects after a stored document, or before it with `back`."""
    async def aaggregate(self, *args: Aggregate, **aggregates: Any) -> dict[str, Any]:
        """Return computed values over all results, by name."""
    async def afacet(self, **querysets: Any) -> dict[str, list[Any]]:
        """Run several queries over the same results at once; return lists by name."""
    async def aplan(self, *, execute: bool = True) -> Plan:
        """Return how the server answers the query: index, examined documents, sort."""
    async def aexplain(self, verbosity: str = 'queryPlanner') -> dict[str, Any]:
        """Return the server's own answer, a dict."""
    def awatch(self, *, full_document: bool | str = True, before: bool | str = False, after: str | None = None, start_at: Any = None, max_await: float = 1, batch_size: int | None = None) -> AsyncWatch:
        """Follow what happens to the documents that match, from now on."""
    async def adistinct(self, path: str) -> list[Any]:
        """Return the distinct values at a path; of list elements, each one."""
    def apipeline(self, stages: list[dict[str, Any]]) -> AsyncRows[dict[str, Any]]:
        """Run an aggregation pipeline on what the queryset matches; yield dicts."""
    async def acreate(self, **values: Any) -> D:
        """Make a document of `values` by field name, insert and return it; run its hooks."""
    async def aget_or_create(self, defaults: dict[str, Any] | None = None, **conditions: Any) -> tuple[D, bool]:
        """Return the match of `conditions`, or a new document, and whether it is new."""
    async def aupdate_or_create(self, defaults: dict[str, Any] | None = None, create_defaults: dict[str, Any] | None = None, **conditions: Any) -> tuple[D, bool]:
        """Update the match of `conditions` with `defaults`, or create a document."""
    async def aupdate(self, values: Values = None, /, *, allow_all: bool = False, validate: bool = True, timestamps: bool = True, upsert: bool = False, array_filters: Mapping[str, Any] | None = None, **more: Any) -> int:
        """Update what matches, in one command; return the number of matches."""
    async def aupdate_one(self, values: Values = None, /, *, allow_all: bool = False, validate: bool = True, timestamps: bool = True, upsert: bool = False, array_filters: Mapping[str, Any] | None = None, **more: Any) -> int:
        """Update the first match in the order of the queryset; return 1, or 0 for none."""
    async def aupsert(self, defaults: Mapping[str, Any] | None = None, create_defaults: Mapping[str, Any] | None = None, *, validate: bool = True, timestamps: bool = True, **conditions: Any) -> tuple[D, bool]:
        """Update the match of `conditions`, or insert a document, in one atomic command."""
    async def adelete(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """Delete what matches, with the rules of references to it."""
    async def adelete_one(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """Delete the first match in the order of the queryset, with its rules."""
    async def afind_one_and_update(self, values: Values = None, /, *, return_new: bool = False, upsert: bool = False, allow_all: bool = False, validate: bool = True, timestamps: bool = True, array_filters: Mapping[str, Any] | None = None, **more: Any) -> D | None:
        """Update the first match in the order of the queryset; return the document."""
    async def afind_one_and_replace(self, replacement: Any, /, *, return_new: bool = False, upsert: bool = False, allow_all: bool = False, validate: bool = True, timestamps: bool = True) -> D | None:
        """Store `replacement` in place of the first match; return the document."""
    async def afind_one_and_delete(self, *, allow_all: bool = False) -> D | None:
        """Delete the first match in the order of the queryset; return it, or None."""
    async def abulk_create(self, objects: Iterable[D], ordered: bool = True, *, batch_size: int | None = None, ignore_conflicts: bool = False, update_conflicts: bool = False, update_fields: Iterable[str] | None = None, unique_fields: Iterable[str] | None = None, timestamps: bool = True) -> list[D]:
        """Validate all the objects, then insert them, `batch_size` at a time; return them."""
    async def abulk_update(self, objects: Iterable[D], fields: Iterable[str], batch_size: int | None = None, *, validate: bool = True, timestamps: bool = True) -> int:
        """Store the named fields of the objects; return the number of matches."""
    async def abulk_save(self, objects: Iterable[D], batch_size: int | None = None, *, ordered: bool = False, validate: bool | str = True, timestamps: bool = True) -> BulkResult:
        """Insert the new objects and write the changes of the others, as `save()` does."""
    async def abulk_write(self, batch: Iterable[operations.Operation], *, ordered: bool = True, batch_size: int | None = None, validate: bool = True, timestamps: bool = True) -> BulkResult:
        """Run the operations of `batch`, of `documents.ops`, in few commands."""
    async def aout(self, collection: str, *, database: str | None = None) -> None:
        """Replace a collection by the results; `$out` of MongoDB."""
    async def amerge(self, into: str, *, on: str | list[str] | None = None, when_matched: Any = 'merge', when_not_matched: str = 'insert') -> None:
        """Write the results into a collection, into what is there; `$merge` of MongoDB."""
    def hint(self, index: Any) -> QS:
        """Demand an index, by name or as a list of (stored key, 1 or -1)."""
    def comment(self, text: str) -> QS:
        """Mark the query with `text` in the server's log and profile."""
    def max_time_ms(self, milliseconds: int) -> QS:
        """Give up after so many milliseconds, with DeadlineExceeded."""
    def collation(self, collation: Any) -> QS:
        """Compare and order text by a collation: a `Collation`, a locale or a dict."""
    def batch_size(self, size: int) -> QS:
        """Fetch `size` documents at a time; raise ValueError for less than one."""
    def allow_disk_use(self, allowed: bool = True) -> QS:
        """Let the server sort and group on disk what is beyond 100 MB."""
    def read_preference(self, preference: Any) -> QS:
        """Read from these members: `"secondaryPreferred"`, or one of the driver's."""
    def read_concern(self, level: Any) -> QS:
        """Read only what is as safe as `level`: `"majority"`, `"linearizable"` …"""
    def lazy(self) -> QS:
        """Keep documents as the bytes that came until each is touched."""
    def geo_near(self, point: Any, *, path: str | None = None, distance_field: str = 'distance', max_distance: float | None = None, min_distance: float | None = None) -> QS:
        """Give what is near a point, the nearest first, with its distance in metres."""
    def atlas_search(self, operator: dict[str, Any], *, index: str = 'default', score_field: str | None = None) -> QS:
        """Search with Atlas: `atlas_search({"text": {"query": "tea", "path": "name"}})`."""
    def vector_search(self, path: str, vector: Sequence[float], *, limit: int, candidates: int | None = None, index: str = 'default', filter: Q | None = None, score_field: str | None = None) -> QS:
        """Give the `limit` documents whose vector at `path` is nearest (Atlas)."""
    def lookup(self, target: Any, *, as_: str, local: str | None = None, foreign: str = 'pk', let: dict[str, Any] | None = None, many: bool = True) -> QS:
        """Join documents of another collection, as an attribute `as_`."""
    def graph_lookup(self, target: Any, *, as_: str, start_with: Any, connect_from: str, connect_to: str = 'pk', max_depth: int | None = None, depth_field: str | None = None, restrict: Q | None = None) -> QS:
        """Join what is reached step by step: parents of parents, friends of friends."""
    def union_with(self, other: Any) -> QS:
        """Append the results of another queryset, also of another class."""
    def bucket(self, expression: Any, boundaries: Sequence[Any], *, default: Any = None, **outputs: Expression) -> Any:
        """Give a row for each range of values: `bucket`, its lower bound, and outputs."""
    def bucket_auto(self, expression: Any, buckets: int, *, granularity: str | None = None, **outputs: Expression) -> Any:
        """Give a row for each of so many ranges of about as many documents."""
    def sort_by_count(self, expression: Any) -> Any:
        """Give a row for each value, `value` and `count`, the most frequent first."""
    def stage(self, stage: dict[str, Any], **names: Field[Any]) -> QS:
        """Append a stage in MongoDB's own form; nothing in it is cast or checked."""
    def populate(self, *paths: str | Populate | None) -> QS:
        """Load what references lead to with the result: one query for each path."""
    def select_related(self, *paths: str | Populate | None) -> QS:
        """Load what references lead to, as `populate()`; there are no joins."""
    def prefetch_related(self, *paths: str | Populate | None) -> QS:
        """Load what references lead to, as `populate()`, which is its name here."""
    def fetch_mode(self, mode: str) -> QS:
        """Choose what reading a reference or a field does that was not loaded."""
    def only(self, *names: str | ListPart) -> QS:
        """Load the fields `names` alone; others are loaded when they are read."""
    def defer(self, *names: str | None) -> QS:
        """Leave the fields `names` out until they are read; `None` loads all again."""
    def select(self, *names: str | ListPart) -> QS:
        """Add hidden fields, written `"+name"`, or choose: names load these fields alone."""
