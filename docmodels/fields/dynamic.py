"""References whose class is told by the document: by a field of it, or by a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from bson import ObjectId
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.fields.anything import AnyField
from docmodels.fields.base import Field
from docmodels.fields.references import ReferenceAttribute, ReferenceField
from docmodels.fields.scalars import ObjectIdField, UUIDField
from docmodels.fields.typed import Blank, Default, Null, Value
from docmodels.registry import registry

if TYPE_CHECKING:
    from docmodels.fields.typed import Options

#: The rule that leaves a reference as it is.
_LEFT = "DO_NOTHING"


class ByField:
    """Tell the class of a reference by another field of the document that holds it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, document: Any) -> Any:
        """Return what the field holds."""
        return getattr(document, self.name)

    def __repr__(self) -> str:
        return f"by_field({self.name!r})"


def by_field(name: str) -> ByField:
    """
    Return what tells the class of a ReferenceField by the field `name` beside it.

    The field holds the label of the class, `"app_label.Name"`, or `"Name"` in
    the same app, or a key of `targets` where that is a dict.
    """
    return ByField(name)


class AnyKey(AnyField[Any, Any, Any]):
    """The key, or the `to_field`, of any of the classes that a reference may be to."""

    description: ClassVar[str] = "a key"

    def __init__(self, reference: Any) -> None:
        super().__init__(primary_key=True)
        self._reference = reference
        self.set_attributes_from_name("pk")
        self.db_field = "_id"

    def to_python(self, value: Any) -> Any:
        """Cast by the first class whose key it may be; a text of 24 digits may be an ObjectId."""
        targets = map(self._reference.toward, self._reference.declared_targets())
        fields = [reference.target_field for reference in targets]
        if not isinstance(value, str) and any(field.accepts(value) for field in fields):
            # Another class could make a text of a number.
            return value
        for field in fields:
            try:
                return field.to_python(value)
            except ValidationError:
                continue
        if isinstance(value, str) and ObjectId.is_valid(value):
            return ObjectId(value)
        return super().to_python(value)


class DynamicReferenceAttribute(ReferenceAttribute):
    """`comment.target`: a document of the class that the comment tells."""

    @staticmethod
    def make_reader(field: Any) -> Callable[[Any], Any]:
        """Return the function that gives the document, of the class that is told now."""

        def read(instance: Any) -> Any:
            key = getattr(instance, field.attname)
            known = instance._related.get(field.name)
            if known is not None and known[0] == key and _is_current(field, instance, known):
                return known[1]
            return instance._load_reference(field)

        return read


def _is_current(field: Any, instance: Any, known: Any) -> bool:
    """Return whether a document is of the class that is told now, or was chosen otherwise."""
    if known[1] is None or len(known) > 2:
        return True
    return isinstance(known[1], field.target_of(instance) or ())


class DynamicReferenceField(ReferenceField[Value, Null, Blank, Default]):
    """
    The key of a document of a class that the document itself tells.

    `to` is `by_field("kind")`, or a function that takes the document that the
    field is in, embedded or not, and returns a class, its label, or None. Of a
    list all elements are of that class. `targets` names the classes that are
    allowed, or is a dict of them by what the field of `by_field` stores.
    """

    description: ClassVar[str] = "a reference to one of several classes"
    is_dynamic = True
    default_error_messages: ClassVar[dict[str, Any]] = {
        "no_class": _("Nothing tells the class of the document; expected %(by)s to do so."),
        "key": _("%(got)s as the key of %(model)s, expected %(expected)s."),
    }

    def __init__(
        self,
        to: Any,
        on_delete: Any = None,
        verbose_name: str | None = None,
        *,
        to_field: str | None = None,
        copies: Iterable[str] = (),
        targets: Iterable[Any] | Mapping[Any, Any] | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__("self", on_delete, verbose_name, to_field=to_field, **options)
        if targets is None and on_delete is not None and on_delete.name != _LEFT:
            raise TypeError(
                f"ReferenceField: on_delete={on_delete!r} of a reference whose class the document "
                f"tells, expected DO_NOTHING, or targets= that name the classes it may be."
            )
        if targets is None and to_field is not None:
            raise TypeError(
                f"ReferenceField: to_field={to_field!r} of a reference whose class the document "
                f"tells, expected targets= that name the classes it may be, all with that field."
            )
        if copies:
            raise TypeError(
                f"ReferenceField: copies={copies!r} of a reference whose class the document tells, "
                f"expected none: nothing tells the fields of the copies."
            )
        self.to = to
        self._by_value: dict[Any, Any] = dict(targets) if isinstance(targets, Mapping) else {}
        given = targets.values() if isinstance(targets, Mapping) else targets
        #: The classes that are allowed, or their labels; None for all.
        self.targets: tuple[Any, ...] | None = None if given is None else tuple(given)
        self._key = AnyKey(self)
        self._static: dict[Any, ReferenceField[Any]] = {}

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Install the attribute that loads the document."""
        super().contribute_to_class(cls, name)
        setattr(cls, name, DynamicReferenceAttribute(self))

    def bind_target(self, cls: Any) -> None:
        """Know the class that the field is in: for short names, also as the element of a list."""
        self.model = self.model or cls
        for target in self.targets or ():
            if hasattr(target, "_meta") and (problem := self.problem_with(target)):
                raise TypeError(problem)

    def clone(self) -> Any:
        """Return a copy that another class can install."""
        field = super().clone()
        field._key, field._static = AnyKey(field), {}
        return field

    # Classes

    @property
    def kind_field(self) -> str | None:
        """Return the name of the field that tells the class, None for a function."""
        return self.to.name if isinstance(self.to, ByField) else None

    @property
    def related_model(self) -> Any:
        """Raise LookupError: each document tells its own."""
        raise LookupError(f"{self} refers to documents of several classes.")

    @property
    def target_field(self) -> Field[Any]:
        """Return the field of the keys of all classes."""
        return self._key

    def declared_targets(self) -> Iterator[Any]:
        """Yield the classes that are allowed, as far as they are declared by now."""
        for target in self.targets or ():
            try:
                yield self.class_of(target)
            except LookupError:
                continue

    def problem_with(self, model: Any) -> str | None:
        """Return why a class cannot be one of the targets, None where it can."""
        meta = model._meta
        if self.to_field and self.to_field not in meta.by_name:
            return (
                f"{self}: to_field={self.to_field!r}, expected a field of {meta.label}, which is "
                f"one of the targets."
            )
        field = self.toward(model).target_field
        if not (field.primary_key or field.unique or _has_unique_index(meta, field)):
            return (
                f"{self}: to_field={self.to_field!r}, but {meta.label}.{field.name} is not unique; "
                f"expected unique=True."
            )
        is_left = self.on_delete is None or self.on_delete.name == _LEFT
        if is_left or self.kind_field is not None or len(self.targets or ()) < 2:
            return None
        if isinstance(field, (ObjectIdField, UUIDField)):
            return None
        return (
            f"{self}: on_delete={self.on_delete!r}, where a function tells the class and "
            f"{meta.label}.{field.name} holds {field.description}, which another target may have "
            f"as well; expected by_field(), or ObjectIds or UUIDs in all targets."
        )

    def stored_kinds(self, models: Iterable[Any]) -> tuple[str, list[Any]]:
        """Return the key of the field that tells the class, and what it stores for `models`."""
        kind = self.model._meta.get_field(self.kind_field)
        found: list[Any] = []
        for name in self._names_of(models):
            try:
                value = kind.get_prep_value(kind.to_python(name))
            except ValidationError:
                continue
            if value not in found:
                found.append(value)
        return kind.db_field, found

    def _names_of(self, models: Iterable[Any]) -> Iterator[Any]:
        """Yield all that tells one of some classes."""
        wanted = set(models)
        if self._by_value:
            for name, target in self._by_value.items():
                try:
                    model = self.class_of(target)
                except LookupError:
                    continue
                if model in wanted:
                    yield name
            return
        for model in wanted:
            meta = model._meta
            yield from (meta.label, meta.label_lower)
            if meta.app_label == self.model._meta.app_label:
                yield from (meta.object_name, meta.object_name.lower())

    def target_of(self, document: Any) -> Any:
        """Return the class that a document tells, or None; raise LookupError for no class."""
        return self._told_class(self.to(document))

    def toward_stored(self, stored: Mapping[str, Any]) -> Any:
        """Return the reference to the class that a stored document tells, else itself."""
        kind = None if self.kind_field is None else self.model._meta.by_name.get(self.kind_field)
        try:
            model = None if kind is None else self._told_class(stored.get(kind.db_field))
        except (LookupError, TypeError):
            # It tells nothing that is a class.
            model = None
        return self if model is None else self.toward(model)

    def _told_class(self, told: Any) -> Any:
        told = getattr(told, "value", told)
        if told is None or told == "":
            return None
        if self._by_value:
            if told not in self._by_value:
                choices = ", ".join(map(repr, self._by_value))
                raise LookupError(f"{self}: {told!r} names no class. Choices are: {choices}.")
            return self.class_of(self._by_value[told])
        model = self.class_of(told)
        if self.targets is not None and not issubclass(model, tuple(self.declared_targets())):
            raise LookupError(
                f"{self}: {model._meta.label}, expected one of: {self._named_targets()}."
            )
        return model

    def class_of(self, target: Any) -> Any:
        """Return a class, also by its label; raise LookupError."""
        if hasattr(target, "_meta"):
            return target
        if not isinstance(target, str):
            raise LookupError(f"{self}: {target!r}, expected a document class or its label.")
        if "." not in target and self.model is not None:
            target = f"{self.model._meta.app_label}.{target}"
        return registry.get(target)

    def _named_targets(self) -> str:
        return ", ".join(model._meta.label for model in self.declared_targets())

    def note_assigned(self, holder: Any, document: Any) -> None:
        """Store the class of an assigned document in the field that tells it."""
        if self.kind_field is None:
            return
        try:
            is_told = isinstance(document, self.target_of(holder) or ())
        except LookupError:
            is_told = False
        if not is_told:
            setattr(holder, self.kind_field, self._value_of(type(document)))

    def _value_of(self, model: Any) -> Any:
        """Return what tells a class: the key of `targets`, else its label."""
        for value, target in self._by_value.items():
            if issubclass(model, self.class_of(target)):
                return value
        return model._meta.label

    def toward(self, model: Any) -> ReferenceField[Any]:
        """Return the reference that it is for documents that tell this class."""
        found = self._static.get(model)
        if found is None:
            found = ReferenceField(model, self.on_delete, to_field=self.to_field)
            found.set_attributes_from_name(self.name)
            found.model, found.null, found.default = self.model, self.null, self.default
            self._static[model] = found
        return found

    # Values

    def is_document(self, value: Any) -> bool:
        """Return whether `value` is a document that the field may refer to."""
        if not hasattr(value, "_meta") or value._meta.embedded:
            return False
        return self.targets is None or isinstance(value, tuple(self.declared_targets()))

    def to_python(self, value: Any) -> Any:
        """Return the key of an instance, or cast a key."""
        if value is None or value == "":
            return None
        if hasattr(value, "_meta"):
            if not self.is_document(value):
                expected = self._named_targets() or "a document with a collection"
                raise self.error("other_class", got=value._meta.label, expected=expected)
            key = getattr(value, self.toward(type(value)).target_field.attname)
            if key is None:
                raise self.error("unsaved", value=value._meta.object_name)
            return key
        return self._key.to_python(value)

    def validate(self, value: Any, document: Any = None) -> None:
        """Refuse a key that is none of the class that the document tells."""
        super().validate(value, document)
        if value is None or document is None:
            return
        try:
            model = self.target_of(document)
        except LookupError as error:
            raise ValidationError(str(error.args[0]), code="unknown_class") from error
        if model is None:
            raise self.error("no_class", by=repr(self.kind_field or self.to))
        target = self.toward(model).target_field
        if not target.accepts(value):
            raise self.error(
                "key", got=type(value).__name__, model=model._meta.label,
                expected=target.description,
            )  # fmt: skip
        known = document._related.get(self.name)
        is_assigned = known is not None and len(known) == 2 and known[0] == value
        if is_assigned and known[1] is not None and not isinstance(known[1], model):
            got = known[1]._meta.label
            raise self.error("other_class", got=got, expected=model._meta.label)

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the key's own field for its name."""
        return self._key if part == (self.to_field or "pk") else None


def _has_unique_index(meta: Any, field: Field[Any]) -> bool:
    return any(
        index.unique
        and not index.partial
        and [name.lstrip("+-") for name in index.fields] == [field.name]
        for index in meta.indexes
    )


ReferenceField.dynamic_class = DynamicReferenceField
