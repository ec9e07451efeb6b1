"""Querysets of querysets: a union, what two have in common, a random sample."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.core.exceptions import FieldError

from docmodels.query import joining
from docmodels.query.across import refuse_keys
from docmodels.query.expressions import reference
from docmodels.query.query import group_key
from docmodels.query.staged import StagedQuery
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.options import check_number

D = TypeVar("D")


class CombiningMixin(BaseQuerySet[D]):
    """`union`, `intersection`, `difference`, `sample`."""

    def union(self, *querysets: Any, all: bool = False) -> Self:  # noqa: A002 - as in Django
        """
        Return what any of the querysets gives, each result once.

        With `all` a result stays as often as it is found. Documents must be of
        one class; after `values()` or `values_list()` also rows of others, as
        many to a row. Of the same class `|` is faster, for it uses indexes
        after the union as well.
        """
        for other in querysets:
            self._check_part(other)
        parts = [queryset for queryset in (self, *querysets) if not queryset.query.empty]
        if not parts:
            return self.none()
        shape = self.query.shape
        stages: list[dict[str, Any]] = []
        for part in parts:
            found = _rows(part, self) if shape is not None else _documents(part, self)
            if part is parts[0] and part.model is self.model:
                stages += found
            elif part is parts[0]:
                # An aggregation starts with the collection of its class.
                stages += [{"$match": joining.NOTHING}, _union_with(part, found)]
            else:
                stages.append(_union_with(part, found))
        if not all:
            stages += _DISTINCT_ROWS if shape is not None else _DISTINCT_DOCUMENTS
        clone = self._clone()
        if shape is None:
            clone.query = StagedQuery(self.query, stages, "union")
        else:
            group = tuple(path for path in shape.paths if path not in self.query.annotations)
            clone.query = StagedQuery(self.query, stages, "union", group=group)
        return clone

    def intersection(self, *querysets: Any) -> Self:
        """Return what all the querysets of the same class find; it can be narrowed further."""
        found = self._clone()
        for other in querysets:
            found = found & other
        return found

    def difference(self, *querysets: Any) -> Self:
        """Return what none of the other querysets of the same class finds."""
        found = self._clone()
        for other in querysets:
            self._combinable(other)
            if not other.query.empty:
                found.query.add_raw(joining.negate(other.query.where))
                found.query.crosses = found.query.crosses or other.query.crosses
        return found

    def sample(self, n: int) -> Self:
        """
        Return `n` results at random, other ones each time it is evaluated.

        Narrow it before; order and `values()` may follow.
        """
        check_number(n, 1, f"{self._name}.sample()")
        clone = self._clone()
        if not self.query.empty:
            stages = [*_documents(self, self), {"$sample": {"size": n}}]
            clone.query = StagedQuery(self.query, stages, "sample")
        return clone

    def _check_part(self, other: Any) -> None:
        if not isinstance(other, BaseQuerySet):
            raise TypeError(f"{self._name}.union(): {other!r}, expected querysets.")
        if other.db != self.db:
            raise ValueError(
                f"{self._name}.union(): a queryset of {other.db!r}, expected all of {self.db!r}."
            )
        ours, theirs = self.query, other.query
        if ours.shape is None and theirs.shape is None:
            if not issubclass(other.model, self.model):
                raise TypeError(
                    f"{self._name}.union(): documents of {other.model._meta.label} and of "
                    f"{self.model._meta.label}, expected values() or values_list() of both."
                )
            if set(ours.shown) != set(theirs.shown):
                raise FieldError(
                    f"{self._name}.union(): other annotations, expected the same ones."
                )
        elif len(getattr(ours.shape, "paths", ())) != len(getattr(theirs.shape, "paths", ())):
            raise FieldError(
                f"{self._name}.union(): rows of other lengths, expected as many paths in each."
            )


_DISTINCT_ROWS: list[dict[str, Any]] = [
    {"$group": {"_id": "$$ROOT"}},
    {"$replaceRoot": {"newRoot": "$_id"}},
]
_DISTINCT_DOCUMENTS: list[dict[str, Any]] = [
    {"$group": {"_id": "$_id", "document": {"$first": "$$ROOT"}}},
    {"$replaceRoot": {"newRoot": "$document"}},
]


def _union_with(part: Any, stages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"$unionWith": {"coll": part.model._meta.collection, "pipeline": stages}}


def _stages(queryset: Any) -> list[dict[str, Any]]:
    query = queryset.query
    refuse_keys(query.crosses, query.meta.object_name, "a union or a sample")
    if not query.is_sliced:
        # Nobody sees the order of a part.
        query = query.clone()
        query.order(())
    return query.pipeline()


def _documents(queryset: Any, like: Any) -> list[dict[str, Any]]:
    """Return the stages for the documents of a queryset, with what another one projects."""
    query = like.query
    stages = _stages(queryset)
    if query.group is not None:
        return stages
    projection = query.projection()
    if projection is None:
        return stages
    if 1 in projection.values():
        projection = projection | dict.fromkeys(query.shown, 1)
    return [*stages, {"$project": projection}]


def _rows(queryset: Any, like: Any) -> list[dict[str, Any]]:
    """Return the stages for the rows of a queryset, named as those of another one."""
    query = queryset.query
    names = [
        path if path in like.query.annotations else group_key(path)
        for path in like.query.shape.paths
    ]
    values: list[str] = []
    for path in query.shape.paths:
        if path in query.annotations:
            values.append(f"${query.annotations[path].key(path)}")
        elif query.group is not None:
            values.append(f"${group_key(path)}")
        else:
            values.append(reference(query.rows, path))
    # Null and missing are one row.
    row = {name: {"$ifNull": [value, None]} for name, value in zip(names, values, strict=True)}
    return [*_stages(queryset), {"$project": {"_id": 0, **row}}]
