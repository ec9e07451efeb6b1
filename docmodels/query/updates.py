"""Update operators: what `update()` may do besides setting values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from bson import Decimal128
from django.core.exceptions import FieldError, ValidationError
from django.db.models import Q

from docmodels.exceptions import FilterValueError
from docmodels.fields import ANY, EmbeddedField, Field, ListField
from docmodels.query.expressions import Combined, F
from docmodels.query.protocols import OptionsLike
from docmodels.query.where import element_match


class Operator:
    """One update of a path; `operator` is MongoDB's name."""

    operator: ClassVar[str]

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the operand in BSON, cast and judged; raise ValidationError."""
        return field.get_prep_value(take(field, self.value, validate=validate))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class Set(Operator):
    """Store a value."""

    operator = "$set"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the value, null where the field may be null."""
        if self.value is None:
            if validate and not field.null:
                raise field.error("null")
            return None
        return super().compile(field, validate=validate)


class SetOnInsert(Set):
    """Store a value where an upsert inserts."""

    operator = "$setOnInsert"


class Unset(Operator):
    """Remove the path."""

    operator = "$unset"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Refuse to remove what every document must have."""
        if validate and field.required:
            raise field.error("required")
        return ""


class _Numeric(Operator):
    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the number, cast but not validated: it is no value of the field."""
        value = field.get_prep_value(field.cast(self.value))
        if not isinstance(value, (int, float, Decimal128)) or isinstance(value, bool):
            raise field.invalid(self)
        return value


class Inc(_Numeric):
    """Add a number."""

    operator = "$inc"


class Mul(_Numeric):
    """Multiply by a number."""

    operator = "$mul"


class Min(Operator):
    """Store a value where it is smaller."""

    operator = "$min"


class Max(Operator):
    """Store a value where it is larger."""

    operator = "$max"


class Rename(Operator):
    """Move what is stored to another path."""

    operator = "$rename"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the new path."""
        target = field.model._meta.resolve(self.value)
        return target.db_path


class CurrentDate(Operator):
    """Store the server's time."""

    operator = "$currentDate"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the kind of time."""
        if "date" not in field.bson_types and field.bson_types:
            raise field.invalid("the current date")
        return {"$type": "date"}


class Bit(Operator):
    """Combine an integer bit by bit: `Bit(and_=…)`, `or_` or `xor`."""

    operator = "$bit"

    def __init__(self, **operation: int) -> None:
        super().__init__({name.rstrip("_"): number for name, number in operation.items()})

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the operation."""
        numbers = [number for number in self.value.values() if isinstance(number, int)]
        if len(numbers) != 1 or not self.value.keys() <= {"and", "or", "xor"}:
            raise field.invalid(self)
        return self.value


class _ListOperator(Operator):
    def element(self, field: Field[Any]) -> Field[Any]:
        """Return the field of one element; raise ValidationError."""
        if isinstance(field, ListField):
            return field.base_field
        if not field.bson_types:
            return ANY
        raise field.error(
            "invalid", value=f"{type(self).__name__}()", expected=f"a list, not {field.description}"
        )

    def cast(self, field: Field[Any], value: Any, *, validate: bool) -> Any:
        """Return one element in BSON."""
        element = self.element(field)
        return element.get_prep_value(take(element, value, validate=validate))


class Push(_ListOperator):
    """Append to a list: `Push("x")`, or `Push(each=[…], position=, slice=, sort=)`."""

    operator = "$push"

    def __init__(
        self,
        value: Any = None,
        *,
        each: Iterable[Any] | None = None,
        position: int | None = None,
        slice: int | None = None,  # noqa: A002 - MongoDB's name
        sort: Any = None,
    ) -> None:
        super().__init__([value] if each is None else list(each))
        self.modifiers = {"$position": position, "$slice": slice, "$sort": sort}

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the elements with their modifiers."""
        if validate and getattr(field, "unique_items", False):
            raise field.error("push")
        each = [self.cast(field, item, validate=validate) for item in self.value]
        modifiers = {name: value for name, value in self.modifiers.items() if value is not None}
        return {"$each": each, **modifiers}


class AddToSet(_ListOperator):
    """Append what is not there yet: `AddToSet("x")` or `AddToSet(each=[…])`."""

    operator = "$addToSet"

    def __init__(self, value: Any = None, *, each: Iterable[Any] | None = None) -> None:
        super().__init__([value] if each is None else list(each))

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the elements."""
        return {"$each": [self.cast(field, item, validate=validate) for item in self.value]}


class Pull(_ListOperator):
    """
    Remove every element that equals the value, or that matches a Q.

    For embedded documents a dict is a Q of its items: `Pull({"sku": "tea"})`.
    """

    operator = "$pull"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return a condition on one element."""
        element = self.element(field)
        if isinstance(self.value, Q) or (
            isinstance(self.value, Mapping) and isinstance(element, EmbeddedField)
        ):
            return element_match(field, self.value, "Pull")
        return {"$eq": element.get_prep_value(element.to_python(self.value))}


class PullAll(_ListOperator):
    """Remove every element that equals one of the values."""

    operator = "$pullAll"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the values."""
        element = self.element(field)
        return [element.get_prep_value(element.to_python(item)) for item in self.value]


class Pop(_ListOperator):
    """Remove the last element, or with `first=True` the first."""

    operator = "$pop"

    def __init__(self, *, first: bool = False) -> None:
        super().__init__(-1 if first else 1)

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return 1 for the last, -1 for the first element."""
        self.element(field)
        return self.value


def take(field: Field[Any], value: Any, *, validate: bool) -> Any:
    """Return `value` cast, and judged unless `validate` is false."""
    return field.clean(value) if validate else field.to_python(value)


def compile_update(
    meta: OptionsLike, values: Mapping[str, Any], *, validate: bool = True
) -> dict[str, dict[str, Any]]:
    """
    Compile the arguments of `update()`; raise ValidationError by path.

    Every value is cast; with `validate=False` it is not judged.
    """
    update: dict[str, dict[str, Any]] = {}
    errors: dict[str, Any] = {}
    for path, value in values.items():
        resolved = meta.resolve(path)
        if resolved.field.primary_key:
            raise FieldError(
                f"{meta.object_name}.{path}: the key of stored documents cannot change."
            )
        _check_path(meta, path, resolved, update)
        operator = as_operator(meta, resolved.db_path, path, value)
        try:
            if validate and not isinstance(operator, SetOnInsert):
                _refuse_immutable(resolved.fields)
            operand = operator.compile(resolved.field, validate=validate)
        except ValidationError as error:
            errors[path.replace("__", ".")] = (
                error.messages if hasattr(error, "error_dict") else error.error_list
            )
            continue
        update.setdefault(operator.operator, {})[resolved.db_path] = operand
    if errors:
        raise ValidationError(errors)
    return update


def _refuse_immutable(fields: Iterable[Field[Any]]) -> None:
    for field in fields:
        if field.immutable:
            raise field.error("immutable")


def _check_path(meta: OptionsLike, path: str, resolved: Any, update: Any) -> None:
    """Raise FieldError for what the server would only refuse while it updates."""
    keys = resolved.db_path.split(".")
    for field, key in zip(resolved.fields, keys[1:], strict=False):
        if isinstance(field, ListField) and not key.isdecimal():
            raise FieldError(
                f"{meta.object_name}.{path}: crosses the list {field.name!r}, expected the index "
                f"of an element, as in {field.name}__0."
            )
    for taken in (known for paths in update.values() for known in paths):
        if f"{taken}.".startswith(f"{resolved.db_path}.") or f"{resolved.db_path}.".startswith(
            f"{taken}."
        ):
            raise FieldError(
                f"{meta.object_name}.{path}: overlaps with another path of the same update, "
                f"expected one of them."
            )


def as_operator(meta: OptionsLike, db_path: str, path: str, value: Any) -> Operator:
    """Return the operator that a value given to `update()` means."""
    if isinstance(value, Operator):
        return value
    if isinstance(value, Combined) and meta.resolve(value.left.name).db_path == db_path:
        if value.operator == "*":
            return Mul(value.right)
        try:
            return Inc(-value.right if value.operator == "-" else value.right)
        except TypeError as error:
            raise FilterValueError(
                f"{meta.object_name}.{path}: {value!r}, expected a number.", path=path, value=value
            ) from error
    if isinstance(value, (F, Combined)):
        raise FieldError(
            f"{meta.object_name}.{path}: {value!r}, expected a value or the path itself plus, "
            f"minus or times a number."
        )
    return Set(value)
