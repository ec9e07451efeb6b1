"""
The part of a query that a `find` cannot say: annotations, rows, groups.

The filter comes first and the sort and the cut as early as they can: nothing
is computed in front of a sort on stored paths, and nothing for documents that
the cut leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.query import joining, where
from docmodels.query.across import has_keys
from docmodels.query.expressions import Expression, F
from docmodels.query.nearness import match_stages
from docmodels.query.protocols import OptionsLike
from docmodels.query.rows import Annotation, Rows, name_in, names_in, paths_of, raw_paths
from docmodels.query.steps import (
    ANYTHING,
    Compute,
    Group,
    Match,
    Source,
    Step,
    Unwind,
    Windowed,
)


class Pipeline:
    """Steps that follow the filter; a copy shares them, they are never changed in place."""

    meta: OptionsLike
    where: dict[str, Any]
    low: int
    high: int | None
    crosses: bool

    steps: tuple[Step, ...] = ()
    #: What takes the place of the first `$match`.
    source: Source | None = None
    #: The names that results have besides stored paths.
    annotations: Mapping[str, Annotation] = {}
    #: Paths that a group has one row for, None where nothing is grouped.
    group: tuple[str, ...] | None = None
    #: What the keys of the group were before it.
    group_keys: Mapping[str, Annotation] | None = None
    #: Stored paths of the lists whose elements are rows.
    unwound: tuple[str, ...] = ()

    @property
    def is_pipeline(self) -> bool:
        """Return whether a `find` cannot say it."""
        return bool(self.steps) or self.source is not None

    @property
    def has_own_rows(self) -> bool:
        """Return whether the results are others than what the filter finds."""
        return self.source is not None or any(step.changes_rows for step in self.steps)

    @property
    def rows(self) -> Any:
        """Return what resolves the names of the results."""
        if not self.annotations and self.group_keys is None and not self.unwound:
            return self.meta
        return Rows(self.meta, self.annotations, self.group_keys, self.unwound)

    @property
    def shown(self) -> dict[str, Annotation]:
        """Return the annotations that results have."""
        return {name: a for name, a in self.annotations.items() if a.shown}

    @property
    def later_conditions(self) -> list[dict[str, Any]]:
        """Return the filters over what other steps made."""
        return [step.condition for step in self.steps if isinstance(step, Match)]

    def key_for(self, name: str) -> str:
        """Return the key for a value of this name, another one where a field is stored."""
        if self.group_keys is not None:
            return name
        fields: Any = getattr(self.meta, "fields", ())
        taken = any(name == field.db_field for field in fields)
        return f"{name}__computed" if taken else name

    def steps_for(self, names: Iterable[str]) -> list[Step]:
        """Return the steps that make the values under these names; filters are left out."""
        kept, _late = self._parted([], False, frozenset(names))
        return [step for step in kept if not isinstance(step, Match)]

    # Changes

    def add_step(self, step: Step, **annotations: Annotation) -> None:
        """Append a step, and the names that it adds."""
        self.steps = (*self.steps, step)
        if annotations:
            self.annotations = {**self.annotations, **annotations}

    def add_condition(self, q: Q, *, exclude: bool) -> None:
        """Narrow by conditions where steps follow the filter."""
        paths = paths_of(q)
        position = len(self.steps)
        rows = self.rows
        if not names_in(paths, self.annotations):
            # What is not computed is judged before it is grouped.
            position = self._last_group(position)
            rows = self.steps[position].rows if position < len(self.steps) else rows
        compiled = where.compile_q(rows, q, across=True, exclude=exclude)
        if has_keys(compiled):
            self.crosses = True
        self._add_match(position, rows, compiled, paths)

    def _last_group(self, otherwise: int) -> int:
        """Return the position of the last group, `otherwise` where there is none."""
        groups = [i for i, step in enumerate(self.steps) if isinstance(step, Group)]
        return groups[-1] if groups else otherwise

    def add_raw_condition(self, condition: dict[str, Any]) -> None:
        """Narrow by a filter in MongoDB's own form."""
        names = {annotation.key(name): name for name, annotation in self.annotations.items()}
        paths: list[str] = []
        for key in raw_paths(condition):
            computed = name_in(key, names)
            if computed is not None:
                paths.append(names[computed])
            elif name_in(key, self.annotations) is None:
                paths.append(key)
        position = len(self.steps)
        if not names_in(paths, self.annotations):
            position = self._last_group(position)
        self._add_match(position, self.rows, condition, paths)

    def _add_match(
        self,
        position: int,
        rows: OptionsLike,
        condition: dict[str, Any],
        paths: Iterable[str],
    ) -> None:
        before = self.steps[:position]
        added = {name for step in before for name in step.adds}
        if self.source is not None:
            added.update(self.annotations)
        if not names_in(paths, added) and not any(step.is_barrier for step in before):
            self.where = joining.join_and([self.where, condition])
            return
        last = before[-1] if before else None
        known = frozenset(paths)
        if isinstance(last, Match):
            condition = joining.join_and([last.condition, condition])
            match = Match(last.rows, condition, last.paths | known)
            before = before[:-1]
        else:
            match = Match(rows, condition, known)
        self.steps = (*before, match, *self.steps[position:])

    def unwind(
        self, path: str, *, preserve_empty: bool, index: Annotation | None, name: str
    ) -> None:
        """Make a row of each element of the list at `path`; `name` is for the index."""
        resolved = self.rows.resolve(path)
        types = resolved.field.bson_types
        if types and "array" not in types and not resolved.in_list:
            raise FieldError(
                f"{self.meta.object_name}.{path}: unwind() of {resolved.field.description}, "
                f"expected a list."
            )
        db_path = resolved.db_path
        if index is None:
            self.add_step(Unwind(self.rows, db_path, preserve_empty))
        else:
            key = self.key_for(name)
            step = Unwind(self.rows, db_path, preserve_empty, name, key)
            self.add_step(step, **{name: index._replace(own_key=key)})
        self.unwound = (*self.unwound, db_path)

    def annotate(self, name: str, expression: Expression, *, shown: bool, grouped: bool) -> None:
        """Add a value under a name: to the group where it is an aggregate and `grouped`."""
        if expression.is_window:
            self._compute(Windowed, name, expression, shown)
        elif grouped and expression.contains_aggregate:
            self._aggregate(name, expression, shown)
        else:
            self._compute(Compute, name, expression, shown)

    def _compute(self, kind: Any, name: str, expression: Expression, shown: bool) -> None:
        rows = self.rows
        key = self.key_for(name)
        step = kind(rows, name, key, expression)
        # What is wrong is told now, not when it is sent.
        step.stages()
        self.add_step(step, **{name: Annotation(expression, rows, shown, key)})

    def group_by(self, paths: tuple[str, ...]) -> None:
        """Make a row of each combination of the values at `paths`."""
        rows = self.rows
        step = Group(rows, paths, {})
        step.stages()
        self.steps = (*self.steps, step)
        self.group = paths
        self.group_keys = {path: Annotation(F(path), rows) for path in paths}
        self.annotations, self.unwound = {}, ()

    def _aggregate(self, name: str, expression: Expression, shown: bool) -> None:
        position = self._last_group(0)
        group: Any = self.steps[position]
        for part in expression.walk():
            inside = names_in(part.paths, group.annotations) if part.is_aggregate else ()
            for other in inside:
                raise FieldError(
                    f"{self.meta.object_name}: Cannot compute {part!r}: {other!r} is an aggregate"
                )
        # Aggregates of the same group may stand beside it.
        known = getattr(group.rows, "annotations", {})
        rows = Rows(
            self.meta,
            {**known, **group.annotations},
            getattr(group.rows, "group", None),
            getattr(group.rows, "unwound", ()),
        )
        annotation = Annotation(expression, rows, shown)
        changed = group.with_annotation(name, annotation)
        changed.stages()
        self.steps = (*self.steps[:position], changed, *self.steps[position + 1 :])
        self.annotations = {**self.annotations, name: annotation}

    # What is sent

    def compiled(
        self, sort: list[tuple[str, int]], *, counting: frozenset[str] | None = None
    ) -> list[dict[str, Any]]:
        """
        Return the stages.

        For counting, which reads these paths, values that nothing reads are left out.
        """
        if self.source is not None:
            first = self.source.stages_with(self.where)
        else:
            first = match_stages(self.where) if self.where else []
        tail = self._tail(sort)
        names = {annotation.key(name): name for name, annotation in self.annotations.items()}
        sorted_by = [names.get(path, path) for path, _way in sort]
        kept, late = self._parted(sorted_by, bool(tail), counting)
        if sort and self._keeps_order(kept, sorted_by):
            # An index may serve it, and the cut ends the search.
            first, tail = [*first, tail[0]], tail[1:]
        return [*first, *_joined(kept), *tail, *_joined(late)]

    def _keeps_order(self, steps: list[Step], sorted_by: list[str]) -> bool:
        """Return whether a sort may come before the steps: on stored paths, kept by each."""
        added = {name for step in steps for name in step.adds}
        if self.source is not None or names_in(sorted_by, added):
            return False
        return not any(step.is_barrier or isinstance(step, Windowed) for step in steps)

    @property
    def is_cut(self) -> bool:
        """Return whether the result is cut."""
        return self.low != 0 or self.high is not None

    def _parted(
        self, sorted_by: list[str], has_tail: bool, counting: frozenset[str] | None
    ) -> tuple[list[Step], list[Step]]:
        """Return the steps in front of the sort and the cut, and those after."""
        kept: list[Step] = []
        late: list[Step] = []
        #: What is read by steps in front of the cut, and by all.
        early, read = set(sorted_by), {*sorted_by, *(counting or ())}
        behind_barrier = False
        for step in reversed(self.steps):
            waits = step.can_wait and not behind_barrier and not _needs(early, step.adds)
            if self._is_unseen(step, read, counting is not None):
                continue
            read |= step.reads
            if waits and has_tail:
                late.insert(0, step)
                continue
            kept.insert(0, step)
            early |= step.reads
            behind_barrier = behind_barrier or step.is_barrier
        return kept, late

    def _is_unseen(self, step: Step, read: set[str], counting: bool) -> bool:
        """Return whether a step could be left out: nothing reads its names or shows them."""
        if step.changes_rows or _needs(read, step.adds):
            return False
        known = (self.annotations.get(name) for name in step.adds)
        return counting or not any(annotation and annotation.shown for annotation in known)

    def _tail(self, sort: list[tuple[str, int]]) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = []
        if sort:
            stages.append({"$sort": dict(sort)})
        if self.low:
            stages.append({"$skip": self.low})
        if self.high is not None:
            stages.append({"$limit": self.high - self.low})
        return stages


def _needs(paths: Iterable[str], names: Iterable[str]) -> bool:
    known = set(paths)
    return bool(known & ANYTHING) or bool(names_in(known, names))


def _joined(steps: list[Step]) -> list[dict[str, Any]]:
    """Return the stages of steps, values that do not need each other in one stage."""
    stages: list[dict[str, Any]] = []
    open_names: set[str] | None = None
    for step in steps:
        if type(step) is Compute:
            if open_names is not None and not _needs(step.reads, open_names):
                stages[-1]["$addFields"][step.key] = step.compiled()
                open_names.add(step.name)
                continue
            open_names = {step.name}
        else:
            open_names = None
        stages += step.stages()
    return stages
