"""A field whose values are the members of an enumeration."""

from __future__ import annotations

import decimal
import enum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Unpack

from bson import Decimal128, Int64

from docmodels import codecs
from docmodels.fields.anything import ANY
from docmodels.fields.base import Field
from docmodels.fields.typed import Blank, Default, Null
from docmodels.tracking import same

if TYPE_CHECKING:
    from docmodels.fields.typed import Options

E = TypeVar("E", bound=enum.Enum)

#: Classes of members' values, with those that the driver decodes; bool is an int too.
DECODED: dict[type, tuple[type, ...]] = {
    bool: (bool,),
    int: (int, Int64),
    str: (str,),
    float: (float,),
    decimal.Decimal: (Decimal128,),
}
BSON_TYPES: dict[type, tuple[str, ...]] = {
    bool: ("bool",),
    int: ("int", "long"),
    str: ("string",),
    float: ("double",),
    decimal.Decimal: ("decimal",),
}


class EnumField(Field[E, E | str | int | float | decimal.Decimal, Null, Blank, Default]):
    """
    A member of an enumeration: Python's own, `TextChoices` or `IntegerChoices`.

    The member's value is stored. Values, names and members are cast; the
    choices are those of the enumeration. A stored value that is none of its
    values is read as it is.
    """

    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        enumeration: type[E],
        verbose_name: str | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        if not (isinstance(enumeration, type) and issubclass(enumeration, enum.Enum)):
            raise TypeError(f"{type(self).__name__}: {enumeration!r}, expected an enumeration.")
        kinds = {_kind(member) for member in enumeration}
        if "choices" not in options:
            options["choices"] = getattr(enumeration, "choices", None) or [
                (member.value, member.name.replace("_", " ").capitalize()) for member in enumeration
            ]
        super().__init__(verbose_name, **options)
        self.enumeration: Any = enumeration
        self.python_types = (enumeration,)  # type: ignore[misc]
        self.converted_types = tuple(t for kind in kinds for t in DECODED[kind])  # type: ignore[misc]
        self.bson_types = frozenset(t for kind in kinds for t in BSON_TYPES[kind])  # type: ignore[misc]
        values = ", ".join(str(member.value) for member in enumeration)
        self.description = f"one of {values}"  # type: ignore[misc]

    def to_python(self, value: Any) -> Any:
        """Return the member of a value or of a name."""
        if value is None or value.__class__ is self.enumeration:
            return value
        member = self._find(value)
        if member is not None:
            return member
        if isinstance(value, str):
            if not value:
                return None
            if value in self.enumeration.__members__:
                return self.enumeration[value]
            # Requests and forms give numbers as text.
            for member in self.enumeration:
                if not isinstance(member.value, str) and str(member.value) == value:
                    return member
        raise self.invalid(value)

    def _find(self, value: Any) -> Any:
        kind = _kind_of(value)
        return next(
            (m for m in self.enumeration if m.value == value and _kind(m) is kind),
            None,
        )

    def from_db(self, value: Any) -> Any:
        """Return the member of a stored value."""
        if isinstance(value, self.enumeration):
            return value
        member = self._find(codecs.to_decimal(value) if isinstance(value, Decimal128) else value)
        return value if member is None else member

    def get_prep_value(self, value: Any) -> Any:
        """Return the member's value."""
        return ANY.get_prep_value(value.value) if isinstance(value, self.enumeration) else value

    def same(self, stored: Any, value: Any) -> bool:
        """Find a long and an int the same."""
        if isinstance(stored, int) and not isinstance(stored, bool):
            return bool(stored == value)
        return same(stored, value)

    def validate(self, value: Any, document: Any = None) -> None:
        """Accept the members, and only those of `choices`."""
        choices = self.choices
        if isinstance(value, self.enumeration):
            if choices and value.value not in [choice for choice, _label in self.flatchoices]:
                raise self.error("invalid_choice", value=value.value)
            return
        super().validate(value, document)

    def get_display(self, value: Any) -> Any:
        """Return the label of a member."""
        return super().get_display(self.get_prep_value(value))

    def value_to_string(self, document: Any) -> str:
        """Return the member's value as text."""
        value = self.value_from_object(document)
        return "" if value is None else str(getattr(value, "value", value))


def _kind_of(value: Any) -> type | None:
    return next((kind for kind in DECODED if isinstance(value, kind)), None)


def _kind(member: enum.Enum) -> type:
    kind = _kind_of(member.value)
    if kind is None:
        raise TypeError(
            f"{member!r}: a {type(member.value).__name__} as value, expected text or a number."
        )
    return kind
