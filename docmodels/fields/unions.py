"""A field that holds a value of one of several fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

from bson import Decimal128
from django.core.exceptions import ValidationError

from docmodels.fields.anything import ANY
from docmodels.fields.base import Field
from docmodels.fields.containers import bind_inner
from docmodels.fields.errors import ErrorMap
from docmodels.fields.naming import part_of
from docmodels.fields.typed import Blank, Default, Null, Value
from docmodels.tracking import Tracked

if TYPE_CHECKING:
    from typing import TypeVar, Unpack

    from docmodels.fields.typed import B, Common, D, N, Options, Part

    First = TypeVar("First")
    Second = TypeVar("Second")
    Third = TypeVar("Third")


class UnionField(Field[Value, Any, Null, Blank, Default]):
    """
    A value of the first of several fields that accepts it.

    A value that is of a field's own type is that field's, which may refuse it;
    only where none is, the first field that can cast it takes it. So `UnionField(IntegerField(),
    TextField())` keeps `"5"` a text. A stored dict becomes the embedded
    document of the class that knows the most of its keys.
    """

    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    # Type checkers tell the types of two or three parts; each with and without options that
    # may make the value None, because not all of them infer those where they are not given.
    @overload
    def __init__(
        self: UnionField[First | Second, object, object, object],
        first: Part[First],
        second: Part[Second],
        /,
        *,
        verbose_name: str | None = ...,
        **options: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[First | Second | Third, object, object, object],
        first: Part[First],
        second: Part[Second],
        third: Part[Third],
        /,
        *,
        verbose_name: str | None = ...,
        **options: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[First | Second, N, B, D],
        first: Part[First],
        second: Part[Second],
        /,
        *,
        verbose_name: str | None = ...,
        **options: Unpack[Options[N, B, D]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[First | Second | Third, N, B, D],
        first: Part[First],
        second: Part[Second],
        third: Part[Third],
        /,
        *,
        verbose_name: str | None = ...,
        **options: Unpack[Options[N, B, D]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[Any, N, B, D],
        first: Part[Any],
        second: Part[Any],
        third: Part[Any],
        fourth: Part[Any],
        /,
        *fields: Part[Any],
        verbose_name: str | None = ...,
        **options: Unpack[Options[N, B, D]],
    ) -> None: ...
    def __init__(self, *fields: Any, **options: Any) -> None:
        """Take the fields, in order of preference."""
        super().__init__(options.pop("verbose_name", None), **options)
        fields = tuple(part_of(self, field) for field in fields)
        if len(fields) < 2:
            raise TypeError(f"{type(self).__name__}: {fields!r}, expected two fields or more.")
        self._set_fields(fields)

    def _set_fields(self, fields: tuple[Field[Any], ...]) -> None:
        self.fields = fields
        self.embeds = any(field.embeds for field in fields)
        self.description = " or ".join(dict.fromkeys(str(f.description) for f in fields))  # type: ignore[misc]
        types = [field.bson_types for field in fields]
        self.bson_types = frozenset().union(*types) if all(types) else frozenset()  # type: ignore[misc]
        self.converted_types = tuple({kind: 1 for f in fields for kind in f.converted_types})  # type: ignore[misc]

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Bind the fields as well."""
        super().contribute_to_class(cls, name)
        self.bind_target(cls)

    def bind_target(self, cls: Any) -> None:
        """Name the fields, so that messages and pickles find them."""
        for position, field in enumerate(self.fields):
            bind_inner(field, cls, f"{self.name}.[{position}]")

    def clone(self) -> Self:
        """Return a copy with fields of its own."""
        copy: Any = super().clone()
        copy._set_fields(tuple(field.clone() for field in self.fields))
        return copy

    def find(self, value: Any) -> Field[Any]:
        """Return the field whose own type a value has, ANY where none has."""
        return next((f for f in self.fields if value is not None and f.accepts(value)), ANY)

    def accepts(self, value: Any) -> bool:
        """Accept what one of the fields accepts."""
        if value is None:
            return self.null or self.blank
        return self.find(value) is not ANY

    def to_python(self, value: Any) -> Any:
        """Keep a value of a field's own type, else let the first field cast it."""
        if value is None:
            return None
        own = [field for field in self.fields if field.accepts(value)]
        refused: ValidationError | None = None
        for field in own or self.fields:
            try:
                cast = field.to_python(value)
            except ValidationError as error:
                refused = refused or error
                continue
            if cast is not None:
                return cast
        if own and refused is not None:
            # It is that field's value: another one would store it as something else.
            raise refused
        if value == "":
            return None
        raise self.invalid(value)

    def from_db_inside(self, value: Any, place: Any) -> Any:
        """Wrap a value; embedded documents in it are to know their parent."""
        loaded = self.from_db(value)
        if isinstance(loaded, Tracked):
            loaded.adopt(place)
        return loaded

    def from_db(self, value: Any) -> Any:
        """Wrap a value by the field that takes it."""
        cls = value.__class__
        takers = [field for field in self.fields if cls in field.converted_types]
        if len(takers) > 1 and cls is dict:
            takers.sort(key=lambda field: _strangeness(field, value))
        for field in takers:
            wrapped = field.from_db(value)
            if field.accepts(wrapped):
                return wrapped
        return ANY.from_db(value) if cls in {dict, list, Decimal128} and takers else value

    def get_prep_value(self, value: Any) -> Any:
        """Return what the value's field stores."""
        return self.find(value).get_prep_value(value)

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep the type as the value's field does, where the stored one is its own."""
        field = self.find(value)
        return field.keep_type(stored, value) if field.accepts(field.from_db(stored)) else value

    def same(self, stored: Any, value: Any) -> bool:
        """Compare as the field does that both belong to."""
        return next(
            (
                field.same(stored, value)
                for field in self.fields
                if all(field.accepts(field.from_db(_copy(item))) for item in (stored, value))
            ),
            super().same(stored, value),
        )

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the value as its field does, besides the options of the union."""
        super().collect_errors(value, path, errors, document)
        if self.accepts(value) and value is not None:
            self.find(value).collect_errors(value, path, errors, document)

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return what the first field has that has it."""
        return next((f for field in self.fields if (f := field.get_inner(part))), None)

    def get_lookup(self, lookup_name: str) -> Any:
        """Return the lookup that the union or one of the fields knows."""
        found = super().get_lookup(lookup_name)
        return found or next((g for f in self.fields if (g := f.get_lookup(lookup_name))), None)


def _copy(value: Any) -> Any:
    # An embedded document takes over the dict that it is loaded from.
    return dict(value) if value.__class__ is dict else value


def _strangeness(field: Any, raw: dict[str, Any]) -> int:
    """Return how many keys of `raw` the field's class does not know, or misses."""
    model = getattr(field, "embedded_model", None)
    if model is None:
        return 0
    by_key = model._meta.by_key
    unknown = sum(key not in by_key for key in raw)
    missing = sum(key not in raw for key, inner in by_key.items() if inner.required)
    return unknown + missing
