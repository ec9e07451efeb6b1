"""Stages of an aggregation as methods: joins, ranges, and any other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Self, TypeVar

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import Field, ListField
from docmodels.query import Shape, where
from docmodels.query.expressions import Count, Expression
from docmodels.query.expressions.base import as_expression
from docmodels.query.expressions.literals import INTEGER, cast_literal
from docmodels.query.rows import Annotation
from docmodels.query.steps import Buckets, Given, Join, Named
from docmodels.queryset.firststages import FirstStagesMixin
from docmodels.queryset.joining import Target

D = TypeVar("D")

#: Stages that write, which are methods of their own.
_WRITING = {"$out": "out()", "$merge": "merge()"}


class StagesMixin(FirstStagesMixin[D]):
    """`lookup`, `graph_lookup`, `bucket`, `stage` …"""

    # Joins

    def lookup(
        self,
        target: Any,
        *,
        as_: str,
        local: str | None = None,
        foreign: str = "pk",
        let: dict[str, Any] | None = None,
        many: bool = True,
    ) -> Self:
        """
        Join documents of another collection, as an attribute `as_`.

        `target` is a document class, its label, or a queryset, which filters,
        orders and cuts what is joined. Joined is what has at `foreign` the
        value that the result has at `local`; without `local` everything is
        that the queryset gives, to which `let` hands values as variables. With
        `many=False` the attribute is the first one, or None.
        """
        joined = Target(target, self)
        clone = self._clone()
        query = clone.query
        self._check_name(as_, query)
        rows = query.rows
        arguments: dict[str, Any] = {"from": joined.collection}
        paths: frozenset[str] = frozenset()
        if local is not None:
            arguments["localField"] = rows.resolve(local).db_path
            arguments["foreignField"] = joined.meta.resolve(foreign).db_path
            paths |= {local}
        if let is not None:
            named = {name: as_expression(value) for name, value in let.items()}
            arguments["let"] = {name: value.compile(rows) for name, value in named.items()}
            paths |= {path for value in named.values() for path in value.paths}
        inner = joined.stages(one=not many)
        if inner or local is None:
            arguments["pipeline"] = inner
        key = query.key_for(as_)
        stages: list[dict[str, Any]] = [{"$lookup": {**arguments, "as": key}}]
        field: Field[Any] = joined.field
        if many:
            field = ListField(field)
        else:
            stages.append({"$addFields": {key: {"$first": f"${key}"}}})
        self._add_joined(clone, as_, Join(rows, as_, tuple(stages), paths), field)
        return clone

    def graph_lookup(
        self,
        target: Any,
        *,
        as_: str,
        start_with: Any,
        connect_from: str,
        connect_to: str = "pk",
        max_depth: int | None = None,
        depth_field: str | None = None,
        restrict: Q | None = None,
    ) -> Self:
        """
        Join what is reached step by step: parents of parents, friends of friends.

        It begins with what has the value of `start_with` at `connect_to`, and
        goes on from the values at `connect_from` of what it found; `max_depth`
        steps at most, through documents that match `restrict`. `depth_field` is
        a key that each document found is given its number of steps under.
        """
        joined = Target(target, self)
        if joined.stages():
            raise FieldError(
                f"{self._name}.graph_lookup({as_}=…): a queryset with conditions, expected the "
                "class; restrict= takes conditions."
            )
        clone = self._clone()
        query = clone.query
        self._check_name(as_, query)
        start = as_expression(start_with)
        arguments: dict[str, Any] = {
            "from": joined.collection,
            "startWith": start.compile(query.rows),
            "connectFromField": joined.meta.resolve(connect_from).db_path,
            "connectToField": joined.meta.resolve(connect_to).db_path,
            "as": query.key_for(as_),
        }
        if max_depth is not None:
            arguments["maxDepth"] = max_depth
        if depth_field is not None:
            arguments["depthField"] = depth_field
        condition = joined.meta.discriminator_filter
        if restrict is not None:
            condition = where.join_and([condition, where.compile_q(joined.meta, restrict)])
        if condition:
            arguments["restrictSearchWithMatch"] = condition
        step = Join(query.rows, as_, ({"$graphLookup": arguments},), start.paths)
        self._add_joined(clone, as_, step, ListField(joined.field))
        return clone

    def _add_joined(self, clone: Any, name: str, step: Join, field: Field[Any]) -> None:
        default: Any = [] if isinstance(field, ListField) else None
        query = clone.query
        key = query.key_for(name)
        query.add_step(step, **{name: Annotation(Named(field, default), query.rows, True, key)})
        query.shape = query.shape and query.shape.with_path(name)

    def union_with(self, other: Any) -> Self:
        """
        Append the results of another queryset, also of another class.

        They are read as documents of this class; what follows is about both.
        """
        target = Target(other, self)
        stage: dict[str, Any] = {"coll": target.collection, "pipeline": target.stages(whole=True)}
        return self._given({"$unionWith": stage})

    # Rows of ranges

    def bucket(
        self,
        expression: Any,
        boundaries: Sequence[Any],
        *,
        default: Any = None,
        **outputs: Expression,
    ) -> Any:
        """
        Give a row for each range of values: `bucket`, its lower bound, and outputs.

        `boundaries` are ascending, the last one is the end. What is in no range
        goes to the row `default`, without which the server refuses it. Without
        `outputs` the row has `count`.
        """
        source = as_expression(expression)
        rows = self.query.rows
        of = source.result_field(rows)
        cast = [cast_literal(value, of) for value in boundaries]
        if len(cast) < 2 or any(_descends(a, b) for a, b in itertools.pairwise(cast)):
            raise ValueError(
                f"{self._name}.bucket(): {boundaries!r}, expected two or more, ascending."
            )
        arguments: dict[str, Any] = {"boundaries": cast}
        if default is not None:
            arguments["default"] = cast_literal(default, None)
        names = {"bucket": Annotation(Named(of), rows)}
        return self._buckets("$bucket", arguments, source, names, {"bucket": "$_id"}, outputs)

    def bucket_auto(
        self,
        expression: Any,
        buckets: int,
        *,
        granularity: str | None = None,
        **outputs: Expression,
    ) -> Any:
        """
        Give a row for each of so many ranges of about as many documents.

        A row has `bucket_min`, `bucket_max` and outputs, else `count`;
        `granularity` is a series of preferred numbers, such as `"R5"` or `"1-2-5"`.
        """
        if buckets < 1:
            raise ValueError(f"{self._name}.bucket_auto(): {buckets!r}, expected 1 or more.")
        source = as_expression(expression)
        rows = self.query.rows
        of = source.result_field(rows)
        arguments: dict[str, Any] = {"buckets": buckets}
        if granularity is not None:
            arguments["granularity"] = granularity
        names = {name: Annotation(Named(of), rows) for name in ("bucket_min", "bucket_max")}
        keys = {"bucket_min": "$_id.min", "bucket_max": "$_id.max"}
        return self._buckets("$bucketAuto", arguments, source, names, keys, outputs)

    def sort_by_count(self, expression: Any) -> Any:
        """Give a row for each value, `value` and `count`, the most frequent first."""
        source = as_expression(expression)
        rows = self.query.rows
        clone = self._clone()
        compiled = source.compile(rows)
        project = {"_id": 0, "value": "$_id", "count": 1}
        step = Given(rows, ({"$sortByCount": compiled}, {"$project": project}))
        names = {
            "value": Annotation(Named(source.result_field(rows)), rows),
            "count": Annotation(Named(INTEGER), rows),
        }
        return self._with_rows(clone, step, names)

    def _buckets(
        self,
        operator: str,
        arguments: dict[str, Any],
        source: Expression,
        names: dict[str, Annotation],
        keys: dict[str, str],
        outputs: dict[str, Expression],
    ) -> Any:
        rows = self.query.rows
        given = self._named((), outputs or {"count": Count("*")}, operator)
        for name, expression in given.items():
            if name in names:
                raise ValueError(
                    f"{self._name}: The annotation '{name}' conflicts with a name of the row."
                )
            if not expression.contains_aggregate:
                raise FieldError(
                    f"{self._name}: {name}: {expression!r}, expected an aggregate such as "
                    "Sum('price')."
                )
        outs = {name: Annotation(expression, rows) for name, expression in given.items()}
        step = Buckets(rows, operator, arguments, source, "groupBy", outs, keys)
        step.stages()
        return self._with_rows(self._clone(), step, {**names, **outs})

    def _with_rows(self, clone: Any, step: Any, names: dict[str, Annotation]) -> Any:
        """Return the clone with rows that have nothing but these names."""
        if self.query.is_sliced:
            self._refuse_slice("group")
        query = clone.query
        query.add_step(step)
        query.annotations, query.group, query.group_keys, query.unwound = names, (), {}, ()
        query.shape = Shape("dict", tuple(names))
        return clone

    # Anything else

    def stage(self, stage: dict[str, Any], **names: Field[Any]) -> Self:
        """
        Append a stage in MongoDB's own form; nothing in it is cast or checked.

        `names` are what it adds, with their fields: they are annotations from
        then on. Stages that write have methods of their own.
        """
        if not isinstance(stage, dict) or len(stage) != 1:
            raise TypeError(
                f"{self._name}.stage(): {stage!r}, expected a dict with the name of one stage."
            )
        for operator in stage.keys() & _WRITING.keys():
            raise FieldError(
                f"{self._name}.stage(): {operator}, expected {_WRITING[operator]} for it."
            )
        return self._given(stage, names)

    def _given(self, stage: dict[str, Any], names: dict[str, Field[Any]] | None = None) -> Any:
        clone = self._clone()
        query = clone.query
        if query.is_sliced:
            raise TypeError(f"{self._name}: Cannot add a stage once a slice has been taken.")
        rows = query.rows
        added = {name: Annotation(Named(field), rows) for name, field in (names or {}).items()}
        for name in added:
            self._check_name(name, query)
        query.add_step(Given(rows, (stage,), frozenset(added)), **added)
        for name in added:
            query.shape = query.shape and query.shape.with_path(name)
        return clone


def _descends(first: Any, second: Any) -> bool:
    try:
        return not first < second
    except TypeError:
        # Of two types, which the server orders in its own way.
        return False
