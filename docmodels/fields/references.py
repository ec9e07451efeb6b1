"""A field that holds the key of another document."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Unpack, overload

from django.utils.translation import gettext_lazy as _

from docmodels.fields.base import Field
from docmodels.fields.errors import ErrorMap
from docmodels.fields.typed import Blank, Default, Null, Value
from docmodels.registry import registry

if TYPE_CHECKING:
    from docmodels.fields.typed import Options


class ReferenceAttribute(property):
    """
    `order.customer`: load the document on access, keep it, assign it.

    A property, because Python calls its functions without a detour.
    """

    def __init__(self, field: Any) -> None:
        super().__init__(self.make_reader(field), _make_writer(field), _make_remover(field))
        self.field = field

    @staticmethod
    def make_reader(field: Any) -> Callable[[Any], Any]:
        """Return the function that gives the document."""
        name, read_key = field.name, attrgetter(field.attname)

        def read(instance: Any) -> Any:
            known = instance._related.get(name)
            if known is not None:
                key = read_key(instance)
                if known[0] is key or known[0] == key:
                    return known[1]
            return instance._load_reference(field)

        return read

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.field}>"


def _make_writer(field: Any) -> Callable[[Any, Any], None]:
    attname = field.attname

    def write(instance: Any, value: Any) -> None:
        setattr(instance, attname, value)
        instance._remember_assigned(field, value)

    return write


def _make_remover(field: Any) -> Callable[[Any], None]:
    attname = field.attname

    def remove(instance: Any) -> None:
        delattr(instance, attname)

    return remove


class ReferenceField(Field[Value, Any, Null, Blank, Default]):
    """
    The key of a document of another collection.

    `order.customer_id` is the stored key and never queries; `order.customer`
    loads the document. `to` is a class, `"app_label.Name"`, `"Name"` (of the
    same app), `"self"`, or what tells the class by the document: `by_field("kind")`
    or a function; then `targets` may name the classes that are allowed.
    `on_delete` says what becomes of the reference when the document is deleted;
    `to_field` names another unique field than the primary key; `copies` names
    fields of the document whose values are kept beside the reference, in
    `<name>_copy`.
    """

    description: ClassVar[str] = "a reference"
    python_types: ClassVar[tuple[type, ...]] = (object,)
    is_relation = True
    many_to_one = True
    #: Whether the document tells the class, by a field or a function.
    is_dynamic = False
    #: The class of such fields.
    dynamic_class: ClassVar[Any] = None

    if not TYPE_CHECKING:

        def __new__(cls, to=None, *args, **options):
            """Make a field of the class for what `to` is."""
            is_told = callable(to) and not isinstance(to, type) and cls is ReferenceField
            return object.__new__(cls.dynamic_class if is_told else cls)

    @overload
    def __init__(
        self,
        to: type[Value],
        on_delete: Any = None,
        verbose_name: str | None = None,
        *,
        to_field: str | None = None,
        copies: Iterable[str] = (),
        targets: Iterable[Any] | Mapping[Any, Any] | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None: ...
    @overload
    def __init__(
        self: ReferenceField[Any, Null, Blank, Default],
        to: str | Callable[[Any], Any],
        on_delete: Any = None,
        verbose_name: str | None = None,
        *,
        to_field: str | None = None,
        copies: Iterable[str] = (),
        targets: Iterable[Any] | Mapping[Any, Any] | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None: ...
    def __init__(
        self,
        to: type[Value] | str | Callable[[Any], Any],
        on_delete: Any = None,
        verbose_name: str | None = None,
        *,
        to_field: str | None = None,
        copies: Iterable[str] = (),
        targets: Iterable[Any] | Mapping[Any, Any] | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        if not (isinstance(to, str) or hasattr(to, "_meta")):
            raise TypeError(
                f"{type(self).__name__}: {to!r}, expected a document class, or its name as in "
                f"'app_label.Name'."
            )
        if targets is not None:
            raise TypeError(
                f"{type(self).__name__}: targets= beside the class {to!r}, expected by_field() or "
                f"a function that tells the class."
            )
        if on_delete is not None and not isinstance(on_delete, enum.Enum):
            raise TypeError(
                f"{type(self).__name__}: on_delete={on_delete!r}, expected a rule of docmodels, "
                f"such as documents.PROTECT."
            )
        self.to: Any = to
        self.on_delete = on_delete
        self.to_field = to_field
        if isinstance(copies, str):
            raise TypeError(
                f"{type(self).__name__}: copies={copies!r}, expected a list of names of fields."
            )
        self.copies = tuple(copies)

    def get_attname(self) -> str:
        """Return `<name>_id`, except for the element of a list or map."""
        return self.name if self.name.endswith("]") else f"{self.name}_id"

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Install the attribute that loads the document."""
        super().contribute_to_class(cls, name)
        setattr(cls, name, ReferenceAttribute(self))
        self.bind_target(cls)

    def bind_target(self, cls: Any) -> None:
        """Complete `"self"` and `"Name"` by the class that the field is in."""
        if self.copies and self.name.endswith("]"):
            raise TypeError(
                f"{cls.__name__}.{self.name.partition('.')[0]}: copies= of references in a list or "
                f"a map, which have no place for them; expected embedded documents with a "
                f"reference."
            )
        if cls._meta.abstract:
            return
        if self.to == "self":
            self.to = cls
        elif isinstance(self.to, str) and "." not in self.to:
            self.to = f"{cls._meta.app_label}.{self.to}"

    @property
    def reference(self) -> Any:
        """Return the field itself; that of a list is the one of its elements."""
        return self

    def is_document(self, value: Any) -> bool:
        """Return whether `value` is a document that the field may refer to."""
        return hasattr(value, "_meta") and isinstance(value, self.related_model)

    def note_assigned(self, holder: Any, document: Any) -> None:
        """Be told of a document that was assigned."""

    @property
    def related_model(self) -> Any:
        """Return the class that is referred to; raise LookupError."""
        return registry.get(self.to) if isinstance(self.to, str) else self.to

    @property
    def target_field(self) -> Field[Any]:
        """Return the field whose value is stored."""
        meta = self.related_model._meta
        return meta.get_field(self.to_field) if self.to_field else meta.pk

    def to_python(self, value: Any) -> Any:
        """Return the key of an instance, or cast a key."""
        if value is None or value == "":
            return None
        target = self.target_field
        if isinstance(value, self.related_model):
            value = getattr(value, target.attname)
            if value is None:
                raise self.error("unsaved", value=self.related_model._meta.object_name)
        elif hasattr(value, "_meta") and not value._meta.embedded:
            expected = self.related_model._meta.label
            raise self.error("other_class", got=value._meta.label, expected=expected)
        return target.to_python(value)

    default_error_messages: ClassVar[dict[str, Any]] = {
        "other_class": _("A document of %(got)s, expected one of %(expected)s."),
        "unsaved": "%(value)s has no key yet; save it first.",
    }

    def accepts(self, value: Any) -> bool:
        """Accept what the target's key accepts."""
        if value is None or self.target_field.accepts(value):
            return True
        return bool(self.target_field.accepts(self.load_key(value)))

    def load_key(self, value: Any) -> Any:
        """Return the target's key of the stored one, which the slot holds."""
        # An embedded document takes over the dict that it is loaded from.
        return self.target_field.from_db(dict(value) if value.__class__ is dict else value)

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Judge the key as a value of the target's field."""
        super().collect_errors(value, path, errors, document)

    def get_prep_value(self, value: Any) -> Any:
        """Return the key as the target stores it."""
        return value if value is None else self.target_field.get_prep_value(value)

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the key's own field for its name, and for `pk` where it is that."""
        target = self.target_field
        names = {target.name, target.attname, *(("pk",) if target.primary_key else ())}
        return target if part in names else None
