"""Steps of a query after its filter: each one gives stages of the pipeline."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from docmodels.fields import Field
from docmodels.query.expressions import Accumulators, Context, Expression, Raw, reference
from docmodels.query.protocols import OptionsLike
from docmodels.query.rows import Annotation, group_key

#: Reads any name there may be.
ANYTHING = frozenset({"*"})


@dataclass(eq=False, repr=False)
class Step:
    """The base: `stages()` are sent; the rest says what may be moved or left out."""

    #: What the names are in front of the step.
    rows: OptionsLike

    #: Whether rows are others after it: filtered, multiplied, grouped.
    changes_rows: ClassVar[bool] = True
    #: Whether documents have other contents after it, so that nothing moves across it.
    is_barrier: ClassVar[bool] = False
    #: Whether it may come after the sort and the cut, if they do not need its names.
    can_wait: ClassVar[bool] = False

    @abstractmethod
    def stages(self) -> list[dict[str, Any]]:
        """Return the stages in MongoDB's form."""

    @property
    def adds(self) -> frozenset[str]:
        """Return the names that the step adds."""
        return frozenset()

    @property
    def reads(self) -> frozenset[str]:
        """Return the paths that the step reads, `ANYTHING` where they are not known."""
        return ANYTHING


class Named(Expression):
    """What a stage puts under a name by itself: its field is all that is known."""

    def __init__(self, field: Field[Any] | None, default: Any = None) -> None:
        self.field, self.default = field, default

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return the field."""
        return self.field


@dataclass(eq=False, repr=False)
class Match(Step):
    """A filter over what the steps before it made."""

    condition: dict[str, Any]
    paths: frozenset[str] = ANYTHING

    def stages(self) -> list[dict[str, Any]]:
        """Return a `$match`."""
        return [{"$match": self.condition}]

    @property
    def reads(self) -> frozenset[str]:
        """Return the paths of the conditions."""
        return self.paths


@dataclass(eq=False, repr=False)
class Compute(Step):
    """A value for each row."""

    name: str
    key: str
    expression: Expression

    changes_rows = False
    can_wait = True

    def compiled(self) -> Any:
        """Return the expression in MongoDB's form."""
        return self.expression.compile(self.rows)

    def stages(self) -> list[dict[str, Any]]:
        """Return an `$addFields`."""
        return [{"$addFields": {self.key: self.compiled()}}]

    @property
    def adds(self) -> frozenset[str]:
        """Return the name."""
        return frozenset({self.name})

    @property
    def reads(self) -> frozenset[str]:
        """Return the paths of the expression; what is raw may read anything."""
        raw = any(isinstance(part, Raw) for part in self.expression.walk())
        return ANYTHING if raw else self.expression.paths


@dataclass(eq=False, repr=False)
class Windowed(Compute):
    """A value for each row that depends on others, so on all of them."""

    can_wait = False

    def stages(self) -> list[dict[str, Any]]:
        """Return a `$setWindowFields`."""
        window: Any = self.expression
        stages: list[dict[str, Any]] = window.stage(self.key, self.rows, Context())
        return stages


@dataclass(eq=False, repr=False)
class Unwind(Step):
    """A row for each element of a list."""

    db_path: str
    preserve_empty: bool = False
    #: The name of the position, and its key.
    index: str | None = None
    index_key: str | None = None

    is_barrier = True

    def stages(self) -> list[dict[str, Any]]:
        """Return an `$unwind`, in its short form where nothing else was asked for."""
        if not self.preserve_empty and self.index is None:
            return [{"$unwind": f"${self.db_path}"}]
        arguments: dict[str, Any] = {"path": f"${self.db_path}"}
        if self.index is not None:
            arguments["includeArrayIndex"] = self.index_key
        if self.preserve_empty:
            arguments["preserveNullAndEmptyArrays"] = True
        return [{"$unwind": arguments}]

    @property
    def adds(self) -> frozenset[str]:
        """Return the name of the index."""
        return frozenset() if self.index is None else frozenset({self.index})


@dataclass(eq=False, repr=False)
class Group(Step):
    """A row for each combination of values, with aggregates."""

    keys: tuple[str, ...]
    annotations: Mapping[str, Annotation]

    is_barrier = True

    def with_annotation(self, name: str, annotation: Annotation) -> Group:
        """Return the group with one more aggregate."""
        return replace(self, annotations={**self.annotations, name: annotation})

    def stages(self) -> list[dict[str, Any]]:
        """Return a `$group`, and the `$project` that names what it found."""
        # Null and missing are one group, as they are where a single path is the key.
        key = {
            f"k{i}": {"$ifNull": [reference(self.rows, path), None]}
            for i, path in enumerate(self.keys)
        }
        project: dict[str, Any] = {"_id": 0}
        for i, path in enumerate(self.keys):
            project[group_key(path)] = f"$_id.k{i}"
        accumulators, computed = accumulate(self.annotations)
        return [{"$group": {"_id": key or None, **accumulators}}, {"$project": project | computed}]

    @property
    def adds(self) -> frozenset[str]:
        """Return the names of the aggregates."""
        return frozenset(self.annotations)

    @property
    def reads(self) -> frozenset[str]:
        """Return the keys and the paths of the aggregates."""
        paths = frozenset(self.keys)
        for annotation in self.annotations.values():
            paths |= annotation.expression.paths
        return paths


@dataclass(eq=False, repr=False)
class Buckets(Step):
    """A row for each range of values, with aggregates: `$bucket`, `$bucketAuto`, …"""

    operator: str
    arguments: Mapping[str, Any]
    #: The expression whose value is sorted into ranges.
    expression: Expression
    #: The argument that takes the expression.
    takes: str
    annotations: Mapping[str, Annotation]
    #: The row's names for parts of `_id`.
    keys: Mapping[str, str]

    is_barrier = True

    def stages(self) -> list[dict[str, Any]]:
        """Return the stage, and the `$project` that names what it found."""
        accumulators, computed = accumulate(self.annotations)
        stage: dict[str, Any] = {self.takes: self.expression.compile(self.rows), **self.arguments}
        if accumulators:
            stage["output"] = accumulators
        return [{self.operator: stage}, {"$project": {"_id": 0, **self.keys, **computed}}]

    @property
    def adds(self) -> frozenset[str]:
        """Return the names of the row."""
        return frozenset({*self.keys, *self.annotations})


@dataclass(eq=False, repr=False)
class Given(Step):
    """Stages in MongoDB's own form."""

    given: tuple[dict[str, Any], ...]
    names: frozenset[str] = frozenset()

    is_barrier = True

    def stages(self) -> list[dict[str, Any]]:
        """Return what was given."""
        return list(self.given)

    @property
    def adds(self) -> frozenset[str]:
        """Return the names that were said to be added."""
        return self.names


@dataclass(eq=False, repr=False)
class Join(Step):
    """Documents of another collection under a name: `$lookup`, `$graphLookup`."""

    name: str
    given: tuple[dict[str, Any], ...]
    paths: frozenset[str] = ANYTHING

    changes_rows = False
    can_wait = True

    def stages(self) -> list[dict[str, Any]]:
        """Return the stages."""
        return list(self.given)

    @property
    def adds(self) -> frozenset[str]:
        """Return the name."""
        return frozenset({self.name})

    @property
    def reads(self) -> frozenset[str]:
        """Return the paths that are compared."""
        return self.paths


@dataclass(eq=False, repr=False)
class Source(Step):
    """A first stage, which takes the filter in: `$geoNear`, `$search`, `$vectorSearch`."""

    operator: str
    arguments: Mapping[str, Any]
    #: The argument that takes the filter, None where a `$match` follows.
    takes_filter: str | None = None
    #: What follows at once, such as the score.
    after: tuple[dict[str, Any], ...] = ()

    is_barrier = True

    @property
    def method(self) -> str:
        """Return the method of querysets that makes it, for messages."""
        return _METHODS[self.operator]

    def stages(self) -> list[dict[str, Any]]:
        """Return the stage without a filter."""
        return self.stages_with({})

    def stages_with(self, condition: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the stage and what is left of the filter."""
        arguments, rest = dict(self.arguments), condition
        if self.takes_filter is not None and condition:
            arguments[self.takes_filter], rest = condition, {}
        return [{self.operator: arguments}, *([{"$match": rest}] if rest else []), *self.after]


_METHODS = {
    "$geoNear": "geo_near()",
    "$search": "atlas_search()",
    "$vectorSearch": "vector_search()",
}


def accumulate(annotations: Mapping[str, Annotation]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the accumulators of a group and the values over them, by name."""
    accumulators = Accumulators()
    names = {name: annotation.expression for name, annotation in annotations.items()}
    computed = {}
    for name, annotation in annotations.items():
        others = {other: e for other, e in names.items() if other != name}
        context = Context(accumulators=accumulators, names=others)
        compiled = annotation.expression.compile(annotation.rows, context)
        # A bare number would mean that the field is to be kept.
        computed[name] = compiled if isinstance(compiled, (str, dict)) else {"$literal": compiled}
    return accumulators.stage, computed
