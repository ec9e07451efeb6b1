"""Stages that must come first: places and searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import GeometryField, PointField
from docmodels.query import where
from docmodels.query.expressions.literals import FLOAT, cast_literal
from docmodels.query.rows import Annotation
from docmodels.query.steps import Named, Source
from docmodels.queryset.annotating import AnnotatingMixin
from docmodels.queryset.options import check_number

D = TypeVar("D")


class FirstStagesMixin(AnnotatingMixin[D]):
    """`geo_near`, `atlas_search`, `vector_search`."""

    def geo_near(
        self,
        point: Any,
        *,
        path: str | None = None,
        distance_field: str = "distance",
        max_distance: float | None = None,
        min_distance: float | None = None,
    ) -> Self:
        """
        Give what is near a point, the nearest first, with its distance in metres.

        `path` is a field with an index of places, the only one of the class unless
        given. It must come first; filters are part of it, whether they come before
        or after. Raise FieldError where there is not one such field.
        """
        path = path or self._only_place()
        field = self.model._meta.resolve(path).field
        arguments: dict[str, Any] = {
            "near": cast_literal(point, field),
            "key": self.model._meta.resolve(path).db_path,
            "distanceField": self.query.key_for(distance_field),
            "spherical": True,
        }
        for name, metres in (("max_distance", max_distance), ("min_distance", min_distance)):
            if metres is not None and not (isinstance(metres, (int, float)) and metres >= 0):
                raise ValueError(
                    f"{self._name}.geo_near(): {name} {metres!r}, expected metres, 0 or more."
                )
        if max_distance is not None:
            arguments["maxDistance"] = max_distance
        if min_distance is not None:
            arguments["minDistance"] = min_distance
        return self._with_source("$geoNear", arguments, distance_field, takes_filter="query")

    def _only_place(self) -> str:
        fields = self.model._meta.fields
        paths = [field.name for field in fields if isinstance(field, (PointField, GeometryField))]
        if len(paths) != 1:
            choices = f" Choices are: {', '.join(paths)}." if paths else ""
            raise FieldError(f"{self._name}.geo_near(): no path, expected one.{choices}")
        return paths[0]

    def atlas_search(
        self, operator: dict[str, Any], *, index: str = "default", score_field: str | None = None
    ) -> Self:
        """
        Search with Atlas: `atlas_search({"text": {"query": "tea", "path": "name"}})`.

        The operator is Atlas' own; `score_field` names the score, best first.
        On a server without search it raises NotSupportedError when it is run.
        """
        if not isinstance(operator, dict):
            raise TypeError(
                f"{self._name}.atlas_search(): {operator!r}, expected a dict "
                f"with an operator of Atlas."
            )
        after = {"$meta": "searchScore"}
        return self._with_source("$search", {"index": index, **operator}, score_field, after=after)

    def vector_search(
        self,
        path: str,
        vector: Sequence[float],
        *,
        limit: int,
        candidates: int | None = None,
        index: str = "default",
        filter: Q | None = None,  # noqa: A002 - Atlas' name
        score_field: str | None = None,
    ) -> Self:
        """
        Give the `limit` documents whose vector at `path` is nearest (Atlas).

        `candidates` (20 for each of the limit unless given) are looked at;
        `filter` must be on paths of the index. On a server without search it
        raises NotSupportedError when it is run.
        """
        method = f"{self._name}.vector_search()"
        check_number(limit, 1, f"{method}: limit")
        if candidates is not None:
            check_number(candidates, limit, f"{method}: candidates")
        arguments: dict[str, Any] = {
            "index": index,
            "path": self.model._meta.resolve(path).db_path,
            "queryVector": _numbers(vector, method),
            "numCandidates": limit * 20 if candidates is None else candidates,
            "limit": limit,
        }
        if filter is not None:
            arguments["filter"] = where.compile_q(self.model._meta, filter)
        after = {"$meta": "vectorSearchScore"}
        return self._with_source("$vectorSearch", arguments, score_field, after=after)

    def _with_source(
        self,
        operator: str,
        arguments: dict[str, Any],
        name: str | None,
        *,
        takes_filter: str | None = None,
        after: dict[str, Any] | None = None,
    ) -> Any:
        if self.query.is_pipeline or self.query.is_sliced:
            raise FieldError(f"{self._name}: {operator} after other stages, expected it first.")
        clone = self._clone()
        query = clone.query
        key = None if name is None else query.key_for(name)
        stages = ({"$addFields": {key: after}},) if key is not None and after else ()
        query.source = Source(query.rows, operator, arguments, takes_filter, stages)
        if name is not None:
            self._check_name(name, query)
            query.annotations = {name: Annotation(Named(FLOAT), query.rows, True, key)}
        return clone


def _numbers(vector: Any, method: str) -> list[float]:
    try:
        return [float(number) for number in vector]
    except (TypeError, ValueError) as error:
        raise TypeError(f"{method}: {vector!r}, expected the numbers of a vector.") from error
