"""Compile updates: values and operators by path to what the server runs."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import FieldError, ValidationError

from docmodels.exceptions import FilterValueError, InvalidCondition
from docmodels.fields import Field, MapField
from docmodels.fields.errors import ErrorMap, add_errors
from docmodels.query.comparing import EXPRESSIONS, to_expression
from docmodels.query.computed import Computed, as_pipeline, compute, is_computed
from docmodels.query.expressions import Combined, F
from docmodels.query.expressions.literals import is_date
from docmodels.query.operators import Inc, Mul, Operator, Rename, Set, SetOnInsert, Unset
from docmodels.query.protocols import OptionsLike
from docmodels.query.timestamps import Moment, add_timestamps
from docmodels.query.update_paths import (
    UpdatePath,
    check_path,
    compile_array_filters,
    is_dropped,
    refuse_elements,
    resolve,
)
from docmodels.query.upserts import add_insertion

#: The types of whole numbers.
WHOLE = frozenset({"int", "long"})


class Pipeline:
    """
    Stages in MongoDB's own words as an update: `$set`, `$unset`, `$replaceWith` …

    Nothing in it is cast or judged, so it must never come from outside. The
    time of change of `Meta.timestamps` is stored behind it.
    """

    def __init__(self, stages: Iterable[Mapping[str, Any]]) -> None:
        self.stages = [dict(stage) for stage in stages]

    def __repr__(self) -> str:
        return f"Pipeline({self.stages!r})"


class Update:
    """What a command is given: a document of operators or a pipeline, and array filters."""

    def __init__(self, document: Any, array_filters: list[dict[str, Any]]) -> None:
        self.document = document
        self.array_filters = array_filters

    def __bool__(self) -> bool:
        return bool(self.document)

    @property
    def options(self) -> dict[str, Any]:
        """Return the arguments of the driver's method beside the update."""
        return {"array_filters": self.array_filters} if self.array_filters else {}


def make_update(
    meta: OptionsLike,
    values: Mapping[str, Any] | Pipeline | None,
    more: Mapping[str, Any] | None = None,
    *,
    validate: bool = True,
    timestamps: bool = True,
    upsert: bool = False,
    conditions: Mapping[str, Any] | None = None,
    array_filters: Mapping[str, Any] | None = None,
    only_insert: Mapping[str, Any] | None = None,
) -> Update:
    """
    Compile everything that one update is given.

    `conditions` is the compiled filter, which an upsert inserts the values of;
    `only_insert` are values for where it inserts. Raise ValidationError by
    path, FieldError for what no value would make right.
    """
    if isinstance(values, Pipeline):
        return Update(_with_time(meta, values, more, upsert, array_filters, timestamps), [])
    if values is not None and not isinstance(values, Mapping):
        raise TypeError(
            f"{meta.object_name}: {values!r}, expected paths with their values in a dict, or "
            f"ops.Pipeline([…])."
        )
    given = {**(values or {}), **(more or {})}
    twice = (values or {}).keys() & (more or {}).keys() | (only_insert or {}).keys() & given.keys()
    for path in twice:
        raise FieldError(f"{meta.object_name}.{path}: given twice, expected it once.")
    given |= {path: SetOnInsert(value) for path, value in (only_insert or {}).items()}
    document = compile_update(meta, given, validate=validate, upsert=upsert)
    filters = compile_array_filters(meta, given, array_filters)
    if not document and not upsert:
        return Update({}, [])
    has_computed = any(isinstance(v, Computed) for v in document.get("$set", {}).values())
    if upsert:
        if has_computed:
            raise FieldError(
                f"{meta.object_name}: an upsert with a computed value, expected values alone: "
                f"where it inserts there is nothing to compute from."
            )
        add_insertion(meta, document, conditions or {})
    if timestamps and document:
        add_timestamps(meta, document, upsert=upsert)
    if has_computed:
        return Update(as_pipeline(meta, document), [])
    return Update(document, filters)


def _with_time(
    meta: Any, pipeline: Pipeline, more: Any, upsert: bool, filters: Any, timestamps: bool
) -> list[dict[str, Any]]:
    if more or upsert or filters:
        extra = "other values" if more else "upsert=True" if upsert else "array_filters"
        raise FieldError(
            f"{meta.object_name}: a Pipeline together with {extra}, expected it alone."
        )
    updated = meta.updated_field if timestamps else None
    if updated is None or not pipeline.stages:
        return pipeline.stages
    return [*pipeline.stages, {"$set": {updated.db_field: {"$literal": Moment().of(updated)}}}]


def compile_update(
    meta: OptionsLike, values: Mapping[str, Any], *, validate: bool = True, upsert: bool = False
) -> dict[str, dict[str, Any]]:
    """
    Compile paths with their values to operators; raise ValidationError by path.

    Every value is cast; with `validate=False` it is not judged. What cannot
    change once it is stored is left to the insert of an upsert.
    """
    update: dict[str, dict[str, Any]] = {}
    errors: ErrorMap = {}
    for path, value in values.items():
        try:
            resolved = resolve(meta, path)
        except FieldError:
            if is_dropped(meta, path):
                continue
            raise
        operator = as_operator(meta, resolved, value)
        check_path(meta, resolved, update, new=upsert and isinstance(operator, SetOnInsert))
        if upsert:
            refuse_elements(meta, resolved)
        if upsert and validate and type(operator) is Set and _is_immutable(resolved.fields):
            operator = SetOnInsert(operator.value)
        try:
            if validate and not isinstance(operator, SetOnInsert):
                _refuse_immutable(resolved.fields)
            operand = _operand(meta, resolved, operator, validate=validate)
        except ValidationError as error:
            add_errors(errors, _dotted(path), error)
            continue
        operators = update.setdefault(operator.operator, {})
        if isinstance(operator, Rename):
            target = resolve(meta, operand)
            check_path(meta, target, {**update, "": {resolved.db_path: ""}})
            if resolved.in_list or target.in_list:
                raise FieldError(
                    f"{meta.object_name}.{path}: {operator!r} across a list, expected two paths "
                    f"outside of lists."
                )
            if validate and _is_immutable(target.fields):
                add_errors(errors, _dotted(operand), target.field.error("immutable"))
            if validate:
                _refuse_other_type(meta, resolved, target, operator)
            operand = target.db_path
        operators[resolved.db_path] = operand
    if errors:
        raise ValidationError(errors)
    return update


def _operand(meta: OptionsLike, resolved: UpdatePath, operator: Operator, *, validate: bool) -> Any:
    if type(operator) is Set and is_computed(operator.value):
        return compute(meta, resolved, operator.value, validate=validate)
    is_key = len(resolved.fields) > 1 and isinstance(resolved.fields[-2], MapField)
    if is_key and isinstance(operator, (Unset, Rename)):
        # No key of a map must be there.
        validate = False
    try:
        return operator.compile(resolved.field, validate=validate)
    except (FilterValueError, InvalidCondition) as error:
        error.name_document(f"{meta.object_name}.{resolved.path}")
        raise


def _refuse_other_type(
    meta: OptionsLike, source: UpdatePath, target: UpdatePath, operator: Operator
) -> None:
    """Raise FieldError where nothing that is moved could be read at the other path."""
    moved, taken = source.field.bson_types, target.field.bson_types
    if moved and taken and not moved & taken:
        raise FieldError(
            f"{meta.object_name}.{source.path}: {operator!r} moves {source.field.description}, "
            f"expected a path for it; {target.path!r} is {target.field.description}."
        )


def _is_immutable(fields: Iterable[Field[Any]]) -> bool:
    return any(field.immutable for field in fields)


def _refuse_immutable(fields: Iterable[Field[Any]]) -> None:
    for field in fields:
        if field.immutable:
            raise field.error("immutable")


def _dotted(path: str) -> str:
    return path if "." in path else path.replace("__", ".")


def as_operator(meta: OptionsLike, resolved: UpdatePath, value: Any) -> Operator:
    """Return the operator that a value given to `update()` means."""
    if isinstance(value, Operator):
        return value
    if isinstance(value, type) and issubclass(value, Operator):
        # `Unset` for `Unset()`.
        return value()
    if isinstance(value, EXPRESSIONS):
        value = to_expression(value, f"{meta.object_name}.{resolved.path}")
    counted = _counted(meta, resolved, value)
    if counted is None:
        return Set(value)
    operator, number = counted
    if operator == "*":
        return Mul(number)
    try:
        return Inc(-number if operator == "-" else number)
    except TypeError as error:
        raise FilterValueError(
            f"{meta.object_name}.{resolved.path}: {value!r}, expected a number.",
            path=resolved.path,
            value=value,
            document=meta.object_name,
        ) from error


def _counted(meta: OptionsLike, resolved: UpdatePath, value: Any) -> tuple[str, Any] | None:
    """Return the operator and the number that a path is changed by, if that is all."""
    if not isinstance(value, Combined) or value.operator not in {"+", "-", "*"}:
        return None
    path, number = value.left, value.right
    if isinstance(number, F) and value.operator != "-":
        path, number = number, path
    if not isinstance(path, F) or is_computed(number):
        return None
    field = resolved.field
    if isinstance(number, (datetime.date, datetime.timedelta)) and is_date(field):
        return None
    fraction = not isinstance(number, int)
    if value.operator == "*" and fraction and field.bson_types and field.bson_types <= WHOLE:
        # The product is a whole number again, which `$mul` would not make of it.
        return None
    is_same = meta.resolve(path.name).db_path == resolved.db_path
    return (value.operator, number) if is_same else None
