"""
Values that the server computes from other paths while it updates.

Such an update is a pipeline; the operators beside the computed value are then
said as expressions, with the same effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import FieldError

from docmodels.fields import DateField, Field, MapField
from docmodels.query.expressions import DOCUMENT, Expression, F, count_lists
from docmodels.query.expressions.literals import NUMBERS
from docmodels.query.protocols import OptionsLike
from docmodels.query.update_paths import UpdatePath

#: What the text of a conversion error begins with where null was computed.
NULL_MARK = "docmodels-null:"
_NULL_ERROR = re.compile(rf"{NULL_MARK}(.*?):(?:null|missing|undefined)'")


class Computed:
    """An expression of the server in the place of a value."""

    def __init__(self, expression: Any) -> None:
        self.expression = expression

    def __repr__(self) -> str:
        return f"Computed({self.expression!r})"


def is_computed(value: Any) -> bool:
    """Return whether a value has to be computed by the server."""
    return isinstance(value, Expression)


def compute(
    meta: OptionsLike, target: UpdatePath, value: Expression, *, validate: bool
) -> Computed:
    """
    Compile an expression to what `target` may store; raise FieldError.

    Numbers take the type of the field, as in a column of SQL. With `validate`
    the update fails where null was computed for a field that must not be null.
    """
    field = target.field
    _check_kind(meta, target, value)
    expression = _as_type(field, value.compile_beside(meta, DOCUMENT, field))
    if validate and not field.null:
        expression = _refuse_null(target.path, expression)
    return Computed(expression)


def _check_kind(meta: OptionsLike, target: UpdatePath, value: Expression) -> None:
    where = f"{meta.object_name}.{target.path}: {value!r}"
    if any(part.is_window for part in value.walk()):
        raise FieldError(f"{where}, expected an expression over one document.")
    wanted = target.field.bson_types
    if isinstance(value, F) and count_lists(meta, value.name) and "array" not in wanted:
        raise FieldError(f"{where}, expected one value, this is one of each element.")
    result = value.result_field(meta)
    given = frozenset() if result is None else result.bson_types
    numbers = bool(wanted & NUMBERS and given & NUMBERS)
    if wanted and given and wanted.isdisjoint(given) and not numbers:
        raise FieldError(
            f"{where} is {result.description if result else 'nothing'}, expected "
            f"{target.field.description}. Cast() converts."
        )


def _as_type(field: Field[Any], expression: Any) -> Any:
    """Return the value as the type that the field stores; SQL's columns do the same."""
    types = field.bson_types
    if isinstance(field, DateField):
        return {"$dateTrunc": {"date": expression, "unit": "day"}}
    if "double" in types:
        return expression
    if "decimal" in types:
        places = getattr(field, "decimal_places", None)
        number = {"$toDecimal": expression}
        return number if places is None else {"$round": [number, places]}
    if types and types <= {"int", "long"}:
        fraction = {"$in": [{"$type": "$$value"}, ["double", "decimal"]]}
        return {
            "$let": {
                "vars": {"value": expression},
                "in": {"$cond": [fraction, {"$toLong": "$$value"}, "$$value"]},
            }
        }
    return expression


def _refuse_null(path: str, expression: Any) -> Any:
    # The one way to let an update fail by a condition is a conversion that must fail; its text
    # must depend on the document, or the server would convert it before it looks at any.
    text = {"$concat": [NULL_MARK, path, ":", {"$type": "$$value"}]}
    missing = {"$lte": ["$$value", None]}
    return {
        "$let": {
            "vars": {"value": expression},
            "in": {"$cond": [missing, {"$toInt": text}, "$$value"]},
        }
    }


def null_path(message: str) -> str | None:
    """Return the path that null was computed for, by the text of an error."""
    found = _NULL_ERROR.search(message)
    return found and found[1]


# Operators as expressions


def as_pipeline(meta: OptionsLike, update: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """
    Return an update by operators as the stages of a pipeline.

    Raise FieldError for an operator or a path that no stage can say.
    """
    assigned: dict[str, Any] = {}
    removed: list[str] = []
    for operator, paths in update.items():
        for path, operand in paths.items():
            _check_key(meta, path)
            if operator == "$unset":
                removed.append(path)
            elif operator in _EXPRESSIONS:
                assigned[path] = _EXPRESSIONS[operator](f"${path}", operand)
            else:
                raise FieldError(
                    f"{meta.object_name}.{path}: {operator} beside a computed value, expected two "
                    f"updates. Choices beside one are: {', '.join([*_EXPRESSIONS, '$unset'])}."
                )
    stages: list[dict[str, Any]] = [{"$set": assigned}]
    return [*stages, {"$unset": removed}] if removed else stages


def _check_key(meta: Any, db_path: str) -> None:
    # In a pipeline an index is the name of a key, and a list is walked through.
    field: Any = None
    for position, key in enumerate(db_path.split(".")):
        if not position:
            field = meta.by_key.get(key)
            continue
        inside_map = isinstance(field, MapField)
        if (key.isdecimal() and not inside_map) or key.startswith("$"):
            raise FieldError(
                f"{meta.object_name}.{db_path}: the element of a list beside a computed value, "
                f"expected two updates."
            )
        if inside_map:
            field = field.base_field
        else:
            embedded = getattr(field, "embedded_model", None)
            field = None if embedded is None else embedded._meta.by_key.get(key)


def _set(path: str, operand: Any) -> Any:
    return operand.expression if isinstance(operand, Computed) else {"$literal": operand}


def _number(path: str, start: int) -> Any:
    # As in `$inc` a missing number counts as 0; null, here too, is no number.
    return {"$cond": [{"$eq": [{"$type": path}, "missing"]}, start, path]}


def _extreme(comparison: str) -> Callable[[str, Any], Any]:
    def compile_(path: str, operand: Any) -> Any:
        literal = {"$literal": operand}
        missing = {"$eq": [{"$type": path}, "missing"]}
        return {"$cond": [{"$or": [missing, {comparison: [literal, path]}]}, literal, path]}

    return compile_


_EXPRESSIONS: dict[str, Callable[[str, Any], Any]] = {
    "$set": _set,
    "$inc": lambda path, operand: {"$add": [_number(path, 0), operand]},
    "$mul": lambda path, operand: {"$multiply": [_number(path, 0), operand]},
    "$min": _extreme("$lt"),
    "$max": _extreme("$gt"),
    "$currentDate": lambda path, operand: "$$NOW",
}
