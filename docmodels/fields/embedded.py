"""Fields that hold embedded documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from django.utils.functional import cached_property

from docmodels.exceptions import UnknownField
from docmodels.fields.anything import ANY
from docmodels.fields.base import Field
from docmodels.fields.containers import ListField, same_item
from docmodels.fields.errors import ErrorMap, join_path
from docmodels.fields.typed import Blank, Default, Null, Value
from docmodels.tracking import MISSING, STORED

if TYPE_CHECKING:
    from docmodels.fields.typed import ListOptions, Options


class EmbeddedField(Field[Value, Value | Mapping[str, Any], Null, Blank, Default]):
    """One embedded document; it is None until one is assigned."""

    description: ClassVar[str] = "an embedded document"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})
    python_types: ClassVar[tuple[type, ...]] = ()
    converted_types: ClassVar[tuple[type, ...]] = (dict,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        embedded_model: type[Value],
        verbose_name: str | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        """Take `embedded_model`, a subclass of EmbeddedDocument."""
        super().__init__(verbose_name, **options)
        if not (isinstance(embedded_model, type) and hasattr(embedded_model, "from_mongo")):
            raise TypeError(
                f"{type(self).__name__}: {embedded_model!r}, expected a subclass of "
                f"EmbeddedDocument."
            )
        self.embedded_model: Any = embedded_model
        self.embeds = True

    def accepts(self, value: Any) -> bool:
        """Accept instances of the class."""
        return isinstance(value, self.embedded_model) or (
            value is None and (self.null or self.blank)
        )

    def to_python(self, value: Any) -> Any:
        """Take an instance, or make one from a dict by field names."""
        if value.__class__ is self.embedded_model:
            return value
        if isinstance(value, Mapping):
            value = self.embedded_model.from_dict(value)
        elif not isinstance(value, self.embedded_model):
            if value is None:
                return None
            raise self.error("invalid", value=repr(value), expected=self._expected())
        if value.__class__ is not self.embedded_model:
            # The stored key must tell what the field does not.
            value._kind = value._meta.discriminator
        return value

    def _expected(self) -> str:
        return f"{self.embedded_model.__name__} or a dict"

    def validate(self, value: Any, document: Any = None) -> None:
        """Name the expected class in the error of another type."""
        if value is not None and not self.accepts(value):
            raise self.error("stored_type", got=type(value).__name__, expected=self._expected())
        super().validate(value, document)

    @cached_property
    def identity(self) -> str | None:
        """Return the key that tells one document from the others of a list."""
        fields = self.embedded_model._meta.fields
        for field in fields:
            if field.db_field == "_id":
                return "_id"
        return next((field.db_field for field in fields if field.name == "id"), None)

    def from_db_inside(self, value: Any, parent: Any) -> Any:
        """Wrap a stored dict; the document is to know its parent."""
        if value.__class__ is not dict:
            return value
        document = self.embedded_model._meta.load(value, STORED)
        self.embedded_model._set_parent(document, parent)
        return document

    def load_items(self, raw: list[Any], parent: Any) -> list[Any]:
        """Wrap the elements of a stored list."""
        load, set_parent = self.embedded_model._meta.load, self.embedded_model._set_parent
        items = []
        for item in raw:
            if item.__class__ is dict:
                item = load(item, STORED)
                set_parent(item, parent)
            items.append(item)
        return items

    def make_test(self, conditions: dict[str, Any]) -> Callable[[Any], bool]:
        """Return the function that compares a document's values by name."""
        meta = self.embedded_model._meta
        wanted = []
        for name, value in conditions.items():
            field = meta.by_name.get(name)
            if field is None:
                raise UnknownField(
                    f"{meta.object_name}.{name}: no such field, expected one of its own. Choices "
                    f"are: {', '.join(field.name for field in meta.fields)}."
                )
            wanted.append((field.attname, field.to_python(value)))

        def matches(item: Any) -> bool:
            return isinstance(item, self.embedded_model) and all(
                getattr(item, name, MISSING) == value for name, value in wanted
            )

        return matches

    def from_db(self, value: Any) -> Any:
        """Wrap a stored dict."""
        return self.embedded_model._meta.load(value, STORED) if value.__class__ is dict else value

    def get_prep_value(self, value: Any) -> Any:
        """Return a fresh dict of BSON values."""
        if value.__class__ is self.embedded_model:
            return value.encode()
        return super().get_prep_value(value)

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the document at the paths below `path`."""
        super().collect_errors(value, path, errors, document)
        if isinstance(value, self.embedded_model):
            for inner, found in value.collect_errors().items():
                errors.setdefault(join_path(path, inner), []).extend(found)

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the values as their fields do, in whatever order."""
        if not (isinstance(stored, dict) and isinstance(value, dict)):
            return super().same(stored, value)
        by_key = self.embedded_model._meta.by_key
        return stored.keys() == value.keys() and all(
            same_item(by_key.get(key, ANY), stored[key], value[key]) for key in stored
        )

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep the types of the values of a new document in the stored one's place."""
        if isinstance(stored, dict) and not value._source.stored:
            value.keep_types(stored)
        return value

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the field of the embedded class."""
        return self.embedded_model._meta.find_field(part)


class EmbeddedListField(ListField[Value, Null]):
    """A list of embedded documents of one class."""

    def __init__(
        self,
        embedded_model: type[Value],
        verbose_name: str | None = None,
        *,
        min_items: int | None = None,
        max_items: int | None = None,
        unique_items: bool = False,
        **options: Unpack[ListOptions[Null]],
    ) -> None:
        """
        Take `embedded_model`, a subclass of EmbeddedDocument.

        `min_items`, `max_items` and `unique_items` are those of ListField.
        """
        super().__init__(
            EmbeddedField(embedded_model),
            verbose_name,
            min_items=min_items,
            max_items=max_items,
            unique_items=unique_items,
            **options,
        )
        self.embedded_model: Any = embedded_model
