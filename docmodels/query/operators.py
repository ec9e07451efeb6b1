"""Update operators: what one path of an update may be told to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from bson import Decimal128
from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import ANY, DateField, DurationField, EmbeddedField, Field, ListField
from docmodels.fields.gridfs import PendingFile
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

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the factor; that of a duration is a whole number."""
        if isinstance(field, DurationField):
            if type(self.value) is not int:
                raise field.invalid(self)
            return self.value
        return super().compile(field, validate=validate)


class Min(Operator):
    """Store a value where it is smaller."""

    operator = "$min"


class Max(Operator):
    """Store a value where it is larger."""

    operator = "$max"


class Rename(Operator):
    """Move what is stored to another path of names."""

    operator = "$rename"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Refuse to move away what every document must have."""
        if validate and field.required:
            raise field.error("required")
        return self.value


class CurrentDate(Operator):
    """Store the server's time."""

    operator = "$currentDate"

    def __init__(self) -> None:
        super().__init__()

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the kind of time that the field stores."""
        if field.bson_types == {"timestamp"}:
            return {"$type": "timestamp"}
        # A day is a midnight, which the server's time is not.
        if (field.bson_types and "date" not in field.bson_types) or isinstance(field, DateField):
            raise field.invalid("the current date")
        return {"$type": "date"}

    def __repr__(self) -> str:
        return "CurrentDate()"


class Bit(Operator):
    """Combine an integer bit by bit: `Bit(and_=…)`, `or_` or `xor`."""

    operator = "$bit"

    def __init__(self, **operation: int) -> None:
        super().__init__({name.rstrip("_"): number for name, number in operation.items()})

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the operation."""
        numbers = [number for number in self.value.values() if type(number) is int]
        if len(numbers) != 1 or not self.value.keys() <= {"and", "or", "xor"}:
            raise field.invalid(self)
        if not field.bson_types <= {"int", "long"}:
            raise field.invalid(self)
        ((name, number),) = self.value.items()
        return {name: field.get_prep_value(field.cast(number))}


class _ListOperator(Operator):
    def element(self, field: Field[Any]) -> Field[Any]:
        """Return the field of one element; raise ValidationError."""
        if isinstance(field, ListField):
            return field.base_field
        if not field.bson_types:
            return ANY
        for choice in getattr(field, "fields", ()):
            # A union with a list.
            if isinstance(choice, ListField):
                return choice.base_field
        raise field.error(
            "invalid", value=f"{type(self).__name__}()", expected=f"a list, not {field.description}"
        )

    def cast(self, field: Field[Any], value: Any, *, validate: bool) -> Any:
        """Return one element in BSON."""
        element = self.element(field)
        return element.get_prep_value(take(element, value, validate=validate))


def _elements(where: str, given: Any) -> list[Any]:
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"{where}: {given!r}, expected a list of elements.")
    return list(given)


class Push(_ListOperator):
    """
    Append to a list: `Push("x")`, or `Push(each=[…], position=, slice=, sort=)`.

    `sort` is 1 or -1 for plain elements; embedded documents are sorted by
    paths of names, `"-price"` or several in a list.
    """

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
        super().__init__([value] if each is None else _elements("Push(each=)", each))
        for name, number in (("position", position), ("slice", slice)):
            if number is not None and type(number) is not int:
                raise TypeError(f"Push({name}={number!r}): expected a whole number.")
        self.modifiers = {"$position": position, "$slice": slice}
        self.sort = sort

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the elements with their modifiers."""
        if validate and getattr(field, "unique_items", False):
            raise field.error("push")
        each = [self.cast(field, item, validate=validate) for item in self.value]
        modifiers = {name: value for name, value in self.modifiers.items() if value is not None}
        if self.sort is not None:
            modifiers["$sort"] = self._compile_sort(self.element(field))
        return {"$each": each, **modifiers}

    def _compile_sort(self, element: Field[Any]) -> Any:
        if type(self.sort) is int and self.sort in {1, -1}:
            return self.sort
        names = [self.sort] if isinstance(self.sort, str) else self.sort
        if isinstance(names, Mapping):
            pairs = list(names.items())
        elif isinstance(names, (list, tuple)):
            pairs = [(str(n).lstrip("-"), -1 if str(n).startswith("-") else 1) for n in names]
        else:
            pairs = []
        if not pairs or any(way not in {1, -1} for _name, way in pairs):
            raise FieldError(
                f"Push(sort={self.sort!r}): expected 1, -1, or paths of the elements such as "
                f"'-price'."
            )
        keys: dict[str, int] = {}
        for name, way in pairs:
            inner: Any = element
            if isinstance(inner, EmbeddedField):
                keys[inner.embedded_model._meta.resolve(name).db_path] = way
            elif inner.bson_types:
                raise FieldError(
                    f"Push(sort={self.sort!r}): the elements are {inner.description}, expected 1 "
                    f"or -1."
                )
            else:
                keys[name] = way
        return keys


class AddToSet(_ListOperator):
    """Append what is not there yet: `AddToSet("x")` or `AddToSet(each=[…])`."""

    operator = "$addToSet"

    def __init__(self, value: Any = None, *, each: Iterable[Any] | None = None) -> None:
        super().__init__([value] if each is None else _elements("AddToSet(each=)", each))

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return the elements."""
        return {"$each": [self.cast(field, item, validate=validate) for item in self.value]}


class Pull(_ListOperator):
    """
    Remove every element that equals the value, or that matches a Q.

    Of embedded documents a dict removes those that hold these values by name,
    whatever else they hold: `Pull({"sku": "tea"})`. Its values are literals;
    lookups are for a Q.
    """

    operator = "$pull"

    def compile(self, field: Field[Any], *, validate: bool = True) -> Any:
        """Return a condition on one element."""
        element = self.element(field)
        if isinstance(self.value, Q):
            return element_match(field, self.value, "Pull")
        if isinstance(self.value, Mapping) and isinstance(element, EmbeddedField):
            # Without `exact` a key from outside could end with a lookup.
            literal = {f"{name}__exact": value for name, value in self.value.items()}
            return element_match(field, Q(**literal), "Pull")
        return {"$eq": element.get_prep_value(element.to_python(self.value))}


class PullAll(_ListOperator):
    """Remove every element that equals one of the values."""

    operator = "$pullAll"

    def __init__(self, value: Iterable[Any]) -> None:
        super().__init__(_elements("PullAll()", value))

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

    def __repr__(self) -> str:
        return f"Pop(first={self.value == -1})"


def take(field: Field[Any], value: Any, *, validate: bool) -> Any:
    """Return `value` cast, and judged unless `validate` is false."""
    taken = field.clean(value) if validate else field.to_python(value)
    if isinstance(taken, PendingFile):
        # The file itself is stored with a document, which an update has not.
        raise field.error("invalid", value=value, expected="the key of a stored file")
    return taken
