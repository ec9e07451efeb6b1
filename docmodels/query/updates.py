"""Update operators: what `update()` may do besides setting values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import FieldError, ValidationError

from docmodels.exceptions import FilterValueError
from docmodels.fields import ANY, Field, ListField
from docmodels.query.expressions import Combined, F
from docmodels.query.protocols import OptionsLike


class Operator:
    """One update of a path; `operator` is MongoDB's name."""

    operator: ClassVar[str]

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def compile(self, field: Field[Any]) -> Any:
        """Return the operand in BSON; raise ValidationError."""
        return field.get_prep_value(field.clean(self.value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class Set(Operator):
    """Store a value."""

    operator = "$set"

    def compile(self, field: Field[Any]) -> Any:
        """Return the value, null where the field may be null."""
        if self.value is None:
            if not field.null:
                raise field.error("null")
            return None
        return super().compile(field)


class SetOnInsert(Set):
    """Store a value where an upsert inserts."""

    operator = "$setOnInsert"


class Unset(Operator):
    """Remove the path."""

    operator = "$unset"

    def compile(self, field: Field[Any]) -> Any:
        """Refuse to remove what every document must have."""
        if field.required or field.primary_key:
            raise field.error("required")
        return ""


class _Numeric(Operator):
    def compile(self, field: Field[Any]) -> Any:
        """Return the number, cast but not validated: it is no value of the field."""
        value = field.to_python(self.value)
        if value is None:
            raise field.invalid(self.value)
        return field.get_prep_value(value)


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

    def compile(self, field: Field[Any]) -> Any:
        """Return the new path."""
        target = field.model._meta.resolve(self.value)
        return target.db_path


class CurrentDate(Operator):
    """Store the server's time."""

    operator = "$currentDate"

    def compile(self, field: Field[Any]) -> Any:
        """Return the kind of time."""
        if "date" not in field.bson_types and field.bson_types:
            raise field.invalid("the current date")
        return {"$type": "date"}


class Bit(Operator):
    """Combine an integer bit by bit: `Bit(and_=…)`, `or_` or `xor`."""

    operator = "$bit"

    def __init__(self, **operation: int) -> None:
        super().__init__({name.rstrip("_"): number for name, number in operation.items()})

    def compile(self, field: Field[Any]) -> Any:
        """Return the operation."""
        if len(self.value) != 1 or not self.value.keys() <= {"and", "or", "xor"}:
            raise field.invalid(self.value)
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

    def cast(self, field: Field[Any], value: Any) -> Any:
        """Return one element in BSON."""
        element = self.element(field)
        return element.get_prep_value(element.clean(value))


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

    def compile(self, field: Field[Any]) -> Any:
        """Return the elements with their modifiers."""
        each = [self.cast(field, item) for item in self.value]
        modifiers = {name: value for name, value in self.modifiers.items() if value is not None}
        return {"$each": each, **modifiers}


class AddToSet(_ListOperator):
    """Append what is not there yet: `AddToSet("x")` or `AddToSet(each=[…])`."""

    operator = "$addToSet"

    def __init__(self, value: Any = None, *, each: Iterable[Any] | None = None) -> None:
        super().__init__([value] if each is None else list(each))

    def compile(self, field: Field[Any]) -> Any:
        """Return the elements."""
        return {"$each": [self.cast(field, item) for item in self.value]}


class Pull(_ListOperator):
    """Remove every element that equals the value."""

    operator = "$pull"

    def compile(self, field: Field[Any]) -> Any:
        """Return a condition that is equality."""
        element = self.element(field)
        value = element.get_prep_value(element.to_python(self.value))
        return {"$eq": value} if not isinstance(value, Mapping) else value


class PullAll(_ListOperator):
    """Remove every element that equals one of the values."""

    operator = "$pullAll"

    def compile(self, field: Field[Any]) -> Any:
        """Return the values."""
        element = self.element(field)
        return [element.get_prep_value(element.to_python(item)) for item in self.value]


class Pop(_ListOperator):
    """Remove the last element, or with `first=True` the first."""

    operator = "$pop"

    def __init__(self, *, first: bool = False) -> None:
        super().__init__(-1 if first else 1)

    def compile(self, field: Field[Any]) -> Any:
        """Return 1 for the last, -1 for the first element."""
        self.element(field)
        return self.value


def compile_update(meta: OptionsLike, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Compile the arguments of `update()`; raise ValidationError by path."""
    update: dict[str, dict[str, Any]] = {}
    errors: dict[str, Any] = {}
    for path, value in values.items():
        resolved = meta.resolve(path)
        if resolved.field.primary_key:
            raise FieldError(
                f"{meta.object_name}.{path}: the key of stored documents cannot change."
            )
        operator = as_operator(meta, resolved.db_path, path, value)
        try:
            operand = operator.compile(resolved.field)
        except ValidationError as error:
            errors[path.replace("__", ".")] = (
                error.messages if hasattr(error, "error_dict") else error.error_list
            )
            continue
        update.setdefault(operator.operator, {})[resolved.db_path] = operand
    if errors:
        raise ValidationError(errors)
    return update


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
