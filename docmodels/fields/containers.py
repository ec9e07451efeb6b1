"""Fields that hold lists and maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

import bson
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from docmodels.fields.anything import AnyField
from docmodels.fields.base import Field
from docmodels.fields.choices import normalize_choices
from docmodels.fields.errors import ErrorMap, about, add_errors, join_path
from docmodels.fields.naming import part_of
from docmodels.fields.populated import HoldsReferences
from docmodels.fields.typed import Blank, Default, Null, Value
from docmodels.tracking import TrackedDict, TrackedList

if TYPE_CHECKING:
    from docmodels.fields.typed import ListOptions, Options, Part


class ListField(HoldsReferences, Field[TrackedList[Value], Value | Iterable[Any], Null]):
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
        "unique_items": _("Item %(index)s is the same as item %(first)s: “%(value)s”."),
        "push": _("Push may store an item twice, expected AddToSet."),
    }

    def __init__(
        self,
        base_field: Part[Value] | None = None,
        verbose_name: str | None = None,
        *,
        min_items: int | None = None,
        max_items: int | None = None,
        unique_items: bool = False,
        **options: Unpack[ListOptions[Null]],
    ) -> None:
        """
        Take the field of one element; without it elements are anything.

        `choices` are those of an element, and `unique_items` refuses a list
        that has the same element twice.
        """
        choices = options.pop("choices", None)
        super().__init__(verbose_name, **options)
        if self.primary_key:
            raise TypeError("ListField: primary_key, which MongoDB refuses for a list.")
        self.base_field: Field[Any] = part_of(self, base_field) or AnyField(blank=True)
        self.embeds = self.base_field.embeds
        if choices is not None:
            # They are those of one element.
            self.base_field.choices = normalize_choices(choices)
        self.min_items = min_items
        self.max_items = max_items
        self.unique_items = unique_items
        if unique_items:
            self.base_field.distinct = True

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Bind the field of the elements as well."""
        super().contribute_to_class(cls, name)
        bind_inner(self.base_field, cls, f"{name}.[]")
        self.add_view(cls)

    def clone(self) -> Self:
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

    def get_default(self, document: Any = None) -> Any:
        """Return the default, a fresh list."""
        if super().has_default():
            return super().get_default(document)
        return TrackedList((), self.base_field)

    def to_python(self, value: Any) -> Any:
        """Cast every element; a scalar becomes a list of one."""
        if value is None:
            return None
        if value.__class__ is not list and (
            isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable)
        ):
            value = [value]
        items: dict[int, Any] = {}
        errors: ErrorMap = {}
        for index, item in enumerate(value):
            try:
                items[index] = self.base_field.to_python(item)
            except ValidationError as error:
                add_errors(errors, str(index), about(error, item))
        if errors:
            # All errors together: what could be cast is judged as well.
            for position, item in items.items():
                self.base_field.collect_errors(item, str(position), errors, None)
            raise ValidationError(errors)
        return TrackedList.wrap(items.values(), self.base_field)

    def from_db_inside(self, value: Any, parent: Any) -> Any:
        """Wrap a stored list whose embedded documents are to know their parent."""
        if value.__class__ is not list:
            return value
        return TrackedList.load_inside(value, self.base_field, parent)

    def from_db(self, value: Any) -> Any:
        """Wrap a stored list."""
        return TrackedList.load(value, self.base_field) if value.__class__ is list else value

    def validate(self, value: Any, document: Any = None) -> None:
        """Check type, null and the number of items."""
        super().validate(value, document)
        if isinstance(value, list):
            count = len(value)
            # Of a list that was loaded in part nobody knows how many there are.
            is_whole = not getattr(value, "is_incomplete", False)
            if self.min_items is not None and count < self.min_items and is_whole:
                raise self.error("min_items", limit=self.min_items, count=count)
            if self.max_items is not None and count > self.max_items:
                raise self.error("max_items", limit=self.max_items, count=count)
            if self.unique_items:
                self._refuse_repeated(value)

    def _refuse_repeated(self, items: list[Any]) -> None:
        encode = self.base_field.get_prep_value
        seen: dict[Any, int] = {}
        for index, item in enumerate(items):
            encoded = encode(item)
            # Python finds 1 == True, and dicts have no hash.
            key = encoded if encoded.__class__ in {int, float, str} else bson.encode({"": encoded})
            first = seen.setdefault(key, index)
            if first != index:
                raise self.error("unique_items", index=index, first=first, value=item)

    def get_display(self, value: Any) -> Any:
        """Return the labels of the elements."""
        if not isinstance(value, list):
            return value
        return [self.base_field.get_display(item) for item in value]

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the list and each element at its own path."""
        super().collect_errors(value, path, errors, document)
        if isinstance(value, list):
            collect = self.base_field.collect_errors
            for index, item in enumerate(value):
                collect(item, join_path(path, str(index)), errors, document)

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the elements as their field does."""
        if not (isinstance(stored, list) and isinstance(value, list)):
            return super().same(stored, value)
        return len(stored) == len(value) and all(
            same_item(self.base_field, *pair) for pair in zip(stored, value, strict=True)
        )

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep the types of the elements by their position."""
        if isinstance(stored, list) and isinstance(value, TrackedList):
            for index, old in enumerate(stored[: len(value)]):
                if old is not None and value[index] is not None:
                    kept = self.base_field.keep_type(old, value[index])
                    list.__setitem__(value, index, kept)
        return value

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the element's field for an index, else ask the element."""
        return self.base_field if part.isdecimal() else self.base_field.get_inner(part)

    def prepare_lookup_value(self, value: Any) -> Any:
        """Compare a scalar with the elements, a list with the whole."""
        if isinstance(value, (list, tuple)):
            return super().prepare_lookup_value(value)
        return self.base_field.prepare_lookup_value(value)


class MapField(HoldsReferences, Field[TrackedDict[Value], Mapping[str, Any], Null, Blank, Default]):
    """A map from text keys to values of `base_field` (anything by default)."""

    description: ClassVar[str] = "a map"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})
    python_types: ClassVar[tuple[type, ...]] = (dict,)
    converted_types: ClassVar[tuple[type, ...]] = (dict,)
    #: As with lists, `{}` is a value: `default=dict` needs no `blank=True`.
    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        base_field: Part[Value] | None = None,
        verbose_name: str | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        """Take the field of one value; without it values are anything."""
        super().__init__(verbose_name, **options)
        self.base_field: Field[Any] = part_of(self, base_field) or AnyField(blank=True)
        self.embeds = self.base_field.embeds

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Bind the field of the values as well."""
        super().contribute_to_class(cls, name)
        bind_inner(self.base_field, cls, f"{name}.[]")
        self.add_view(cls)

    def clone(self) -> Self:
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
            self.check_key(key)
            try:
                items[key] = self.base_field.to_python(item)
            except ValidationError as error:
                add_errors(errors, key, about(error, item))
        if errors:
            raise ValidationError(errors)
        return TrackedDict.wrap(items, self.base_field)

    def from_db_inside(self, value: Any, parent: Any) -> Any:
        """Wrap a stored dict whose embedded documents are to know their parent."""
        loaded = self.from_db(value)
        if isinstance(loaded, TrackedDict):
            loaded.adopt(parent)
        return loaded

    def from_db(self, value: Any) -> Any:
        """Wrap a stored dict."""
        return TrackedDict.load(value, self.base_field) if value.__class__ is dict else value

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the map, and each value at its own path."""
        super().collect_errors(value, path, errors, document)
        if isinstance(value, dict):
            for key, item in value.items():
                self.base_field.collect_errors(item, join_path(path, key), errors, document)

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the values as their field does, in whatever order."""
        if not (isinstance(stored, dict) and isinstance(value, dict)):
            return super().same(stored, value)
        return stored.keys() == value.keys() and all(
            same_item(self.base_field, stored[key], value[key]) for key in stored
        )

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep the types of the values by their key."""
        if isinstance(stored, dict) and isinstance(value, TrackedDict):
            for key in stored.keys() & value.keys():
                if stored[key] is not None and value[key] is not None:
                    kept = self.base_field.keep_type(stored[key], value[key])
                    dict.__setitem__(value, key, kept)
        return value

    def get_inner(self, part: str) -> Field[Any]:
        """Return the field of the values, whatever the key."""
        return self.base_field


def bind_inner(field: Field[Any], cls: Any, name: str) -> None:
    """Name the field of an element, so that messages and pickles find it."""
    if field.getters:
        # A list that shows other elements than it holds would store what it shows.
        raise TypeError(
            f"{cls.__name__}.{name}: get of an element, expected get of the whole field: a "
            f"function of the list or the map. A set of an element is fine."
        )
    field.set_attributes_from_name(name)
    field.model = cls
    base = getattr(field, "base_field", None)
    if base is not None:
        bind_inner(base, cls, f"{name}.[]")
    bind = getattr(field, "bind_target", None)
    if bind is not None:
        bind(cls)


def same_item(field: Field[Any], stored: Any, value: Any) -> bool:
    """Tell whether two BSON values inside a container are the same to `field`."""
    if stored is None or value is None:
        return stored is value
    return field.same(stored, value)
