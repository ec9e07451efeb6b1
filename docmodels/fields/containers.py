"""Fields that hold lists, maps, or anything at all."""

from __future__ import annotations

import datetime
import decimal
import enum
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from bson import Decimal128
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from docmodels import codecs
from docmodels.fields.base import ErrorMap, Field
from docmodels.fields.temporal import to_utc
from docmodels.tracking import Tracked, TrackedDict, TrackedList, is_safe_key

T = TypeVar("T")

#: How deep a value of undeclared shape may be; the server refuses 180.
MAX_DEPTH = 100


class AnyField(Field[Any]):
    """
    A value of any BSON type.

    Dicts and lists inside become tracked ones, Decimal128 becomes Decimal;
    everything else is kept as the driver gives it, so that an Int64 is still
    an Int64 when it is stored again.
    """

    description: ClassVar[str] = "any value that MongoDB stores"
    python_types: ClassVar[tuple[type, ...]] = (object,)
    converted_types: ClassVar[tuple[type, ...]] = (dict, list, Decimal128)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "key": _(
            "The key %(key)r cannot be stored: keys are text without '.', NUL or leading '$'."
        ),
        "depth": _("Nested deeper than %(limit)s levels."),
    }

    def accepts(self, value: Any) -> bool:
        """Accept everything."""
        return True

    def validate(self, value: Any, document: Any = None) -> None:
        """Accept null and everything else that the cast let through."""
        if value is not None:
            super().validate(value, document)

    def to_python(self, value: Any) -> Any:
        """Cast deeply: tracked containers, aware times, checked keys."""
        return self._cast(value, 0)

    def _cast(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise self.error("depth", limit=MAX_DEPTH)
        if isinstance(value, Mapping) and not isinstance(value, TrackedDict):
            for key in value:
                if not (isinstance(key, str) and is_safe_key(key)):
                    raise self.error("key", key=key)
            cast = {key: self._cast(item, depth + 1) for key, item in value.items()}
            return TrackedDict(cast, ANY)
        if isinstance(value, (list, tuple, set, frozenset)) and not isinstance(value, TrackedList):
            return TrackedList([self._cast(item, depth + 1) for item in value], ANY)
        if isinstance(value, datetime.datetime):
            return to_utc(value)
        if isinstance(value, enum.Enum):
            return value.value
        if value.__class__ is Decimal128:
            return codecs.to_decimal(value)
        return value

    def from_db(self, value: Any) -> Any:
        """Wrap dicts and lists deeply."""
        cls = value.__class__
        if cls is dict:
            return TrackedDict.load(value, ANY)
        if cls is list:
            return TrackedList.load(value, ANY)
        if cls is Decimal128:
            return codecs.to_decimal(value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return plain dicts and lists."""
        if isinstance(value, Tracked):
            return value.encode()
        if isinstance(value, decimal.Decimal):
            return codecs.from_decimal(value)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.UTC)
        return value

    def get_inner(self, part: str) -> Field[Any]:
        """Return the field of anything inside: any value again."""
        return ANY


#: The codec of values that nobody declared.
ANY = AnyField()


class ListField(Field[TrackedList[T]]):
    """
    A list whose elements are values of `base_field`.

    A scalar assigned to it is wrapped. The list is `[]` where nothing else is
    given; `min_items` and `max_items` bound it.
    """

    description: ClassVar[str] = "a list"
    bson_types: ClassVar[frozenset[str]] = frozenset({"array"})
    python_types: ClassVar[tuple[type, ...]] = (list,)
    converted_types: ClassVar[tuple[type, ...]] = (list,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "min_items": ngettext_lazy(
            "At least %(limit)d item is needed (there are %(count)d).",
            "At least %(limit)d items are needed (there are %(count)d).",
            "limit",
        ),
        "max_items": ngettext_lazy(
            "At most %(limit)d item is allowed (there are %(count)d).",
            "At most %(limit)d items are allowed (there are %(count)d).",
            "limit",
        ),
    }

    def __init__(
        self,
        base_field: Field[T] | None = None,
        verbose_name: str | None = None,
        *,
        min_items: int | None = None,
        max_items: int | None = None,
        **options: Any,
    ) -> None:
        """Take the field of one element; without it elements are anything."""
        super().__init__(verbose_name, **options)
        self.base_field: Field[Any] = base_field if base_field is not None else AnyField()
        self.min_items = min_items
        self.max_items = max_items

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Bind the field of the elements as well."""
        super().contribute_to_class(cls, name)
        bind_inner(self.base_field, cls, f"{name}.[]")

    def clone(self) -> Field[Any]:
        """Return a copy with a field of the elements of its own."""
        field: Any = super().clone()
        field.base_field = self.base_field.clone()
        return field

    def has_default(self) -> bool:
        """Return True: a list is `[]` unless another default is given."""
        return True

    @property
    def required(self) -> bool:
        """Return False: `[]` is a value; `min_items` asks for elements."""
        return False

    def get_default(self) -> Any:
        """Return the default, a fresh list."""
        if super().has_default():
            return super().get_default()
        return TrackedList((), self.base_field)

    def to_python(self, value: Any) -> Any:
        """Cast every element; a scalar becomes a list of one."""
        if value is None:
            return None
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            value = [value]
        items: list[Any] = []
        errors: ErrorMap = {}
        for index, item in enumerate(value):
            try:
                items.append(self.base_field.to_python(item))
            except ValidationError as error:
                add_errors(errors, str(index), error)
        if errors:
            raise ValidationError(errors)
        return TrackedList(items, self.base_field)

    def from_db(self, value: Any) -> Any:
        """Wrap a stored list."""
        return TrackedList.load(value, self.base_field) if value.__class__ is list else value

    def validate(self, value: Any, document: Any = None) -> None:
        """Check type, null and the number of items."""
        super().validate(value, document)
        if isinstance(value, list):
            count = len(value)
            if self.min_items is not None and count < self.min_items:
                raise self.error("min_items", limit=self.min_items, count=count)
            if self.max_items is not None and count > self.max_items:
                raise self.error("max_items", limit=self.max_items, count=count)

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the list and each element at its own path."""
        super().collect_errors(value, path, errors, document)
        if isinstance(value, list):
            collect = self.base_field.collect_errors
            for index, item in enumerate(value):
                collect(item, join_path(path, str(index)), errors, document)

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the element's field for an index, else ask the element."""
        return self.base_field if part.isdecimal() else self.base_field.get_inner(part)

    def prepare_lookup_value(self, value: Any) -> Any:
        """Compare a scalar with the elements, a list with the whole."""
        if isinstance(value, (list, tuple)):
            return super().prepare_lookup_value(value)
        return self.base_field.prepare_lookup_value(value)


class MapField(Field[TrackedDict[T]]):
    """A map from text keys to values of `base_field` (anything by default)."""

    description: ClassVar[str] = "a map"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})
    python_types: ClassVar[tuple[type, ...]] = (dict,)
    converted_types: ClassVar[tuple[type, ...]] = (dict,)
    empty_values: ClassVar[tuple[Any, ...]] = (None, {})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "key": _(
            "The key %(key)r cannot be stored: keys are text without '.', NUL or leading '$'."
        ),
    }

    def __init__(
        self, base_field: Field[T] | None = None, verbose_name: str | None = None, **options: Any
    ) -> None:
        """Take the field of one value; without it values are anything."""
        super().__init__(verbose_name, **options)
        self.base_field: Field[Any] = base_field if base_field is not None else AnyField()

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Bind the field of the values as well."""
        super().contribute_to_class(cls, name)
        bind_inner(self.base_field, cls, f"{name}.[]")

    def clone(self) -> Field[Any]:
        """Return a copy with a field of the elements of its own."""
        field: Any = super().clone()
        field.base_field = self.base_field.clone()
        return field

    def to_python(self, value: Any) -> Any:
        """Check the keys and cast the values."""
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.invalid(value)
        items: dict[str, Any] = {}
        errors: ErrorMap = {}
        for key, item in value.items():
            if not (isinstance(key, str) and is_safe_key(key)):
                raise self.error("key", key=key)
            try:
                items[key] = self.base_field.to_python(item)
            except ValidationError as error:
                add_errors(errors, key, error)
        if errors:
            raise ValidationError(errors)
        return TrackedDict(items, self.base_field)

    def from_db(self, value: Any) -> Any:
        """Wrap a stored dict."""
        return TrackedDict.load(value, self.base_field) if value.__class__ is dict else value

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the map, its new keys, and each value at its own path."""
        super().collect_errors(value, path, errors, document)
        if isinstance(value, dict):
            stored = value.original() if isinstance(value, TrackedDict) else None
            for key, item in value.items():
                inner = join_path(path, key)
                if not is_safe_key(key) and not (isinstance(stored, dict) and key in stored):
                    errors.setdefault(inner, []).append(self.error("key", key=key))
                self.base_field.collect_errors(item, inner, errors, document)

    def get_inner(self, part: str) -> Field[Any]:
        """Return the field of the values, whatever the key."""
        return self.base_field


def bind_inner(field: Field[Any], cls: Any, name: str) -> None:
    """Name the field of an element, so that messages and pickles find it."""
    field.set_attributes_from_name(name)
    field.model = cls
    base = getattr(field, "base_field", None)
    if base is not None:
        bind_inner(base, cls, f"{name}.[]")
    bind = getattr(field, "bind_target", None)
    if bind is not None:
        bind(cls)


def join_path(path: str, part: str) -> str:
    """Join two pieces of a dotted path, of which either may be empty."""
    return f"{path}.{part}" if path and part else path or part


def add_errors(errors: ErrorMap, path: str, error: ValidationError) -> None:
    """Add the errors of `error`, which may have paths of its own, below `path`."""
    if hasattr(error, "error_dict"):
        for inner, found in error.error_dict.items():
            errors.setdefault(join_path(path, inner), []).extend(found)
    else:
        errors.setdefault(path, []).extend(error.error_list)
