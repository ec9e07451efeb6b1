"""
What type checkers know of a field, at no cost where nothing is checked.

A field is `Field[Value, Input, Null, Blank, Default]`: reading gives `Value`,
assigning takes `Input`. The checker finds the last three by itself, from the
options of the declaration; they are `object` where an option is not given.
With `null=True`, and with `blank=True` or `required` without a default, reading
may give None. A subclass that is to know this passes them on:

    class Name(CharField[Null, Blank, Default]): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Generic, Literal, Protocol, TypedDict

    from typing_extensions import TypeVar

    Value = TypeVar("Value", default=Any)
    Input = TypeVar("Input", default=Any)
    Null = TypeVar("Null", default=object, covariant=True)
    Blank = TypeVar("Blank", default=object, covariant=True)
    Default = TypeVar("Default", default=object)
    #: The same in signatures that say themselves what field is made.
    N = TypeVar("N", default=object)
    B = TypeVar("B", default=object)
    D = TypeVar("D", default=object)
    Inner = TypeVar("Inner", covariant=True)

    #: What `Blank` is of a field that may be left out.
    Said = bool | Callable[..., Any]

    class Common(TypedDict, total=False):
        """The options of every field that have no part in its type."""

        choices: Any
        validators: Iterable[Any]
        help_text: Any
        editable: bool
        unique: bool
        db_index: bool | str | Mapping[str, Any]
        primary_key: bool
        db_field: str | None
        hidden: bool
        immutable: bool
        get: Any
        set: Any
        error_messages: dict[str, Any] | None

    class ListOptions(Common, Generic[N], total=False):
        """The options of a field whose values are never missing, such as lists."""

        null: N | Literal[False]
        blank: bool
        required: bool | Callable[[Any], Any] | None
        default: Any

    class Options(Common, Generic[N, B, D], total=False):
        """The options of every field."""

        null: N | Literal[False]
        blank: B | Literal[False]
        required: B | Literal[True] | None
        default: D | NotProvided

    class Part(Protocol[Inner]):
        """A field inside of another one, such as that of a list's elements."""

        def cast(self, value: Any, /) -> Inner:
            """Return what the field makes of a value."""

    class Typed(Generic[Value, Input, Null, Blank, Default]):
        """The parameters of a field's type."""

else:
    Value = Input = Null = Blank = Default = None

    class Typed:
        """The parameters of a field's type, which nothing needs at run time."""

        def __class_getitem__(cls, parameters: Any) -> type[Typed]:
            return cls


class NotProvided:
    """The default of `default`: none was given (None is a value)."""

    def __repr__(self) -> str:
        return "NOT_PROVIDED"
