"""
What every load, save and query asks of a class, found once.

A new question about the fields of a class that is asked for each document
belongs here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import cached_property

from docmodels.constants import ATOMS, DEFAULT_ALIAS
from docmodels.documents.bare import make_bare
from docmodels.documents.copying import copiers, copying, fillers
from docmodels.documents.encoding import Encode, make_encoder
from docmodels.documents.filling import Fill, make_filler
from docmodels.documents.judging import Judge, make_judge
from docmodels.documents.loading import make_loader
from docmodels.documents.settling import Settle, make_settler
from docmodels.documents.validation import is_plain
from docmodels.fields import Field, ObjectIdField
from docmodels.fields.quick import make_is_right


class Prepared:
    """The part of `_meta` that sorts the fields by what is to be done with them."""

    _fields: dict[str, Field[Any]]
    abstract: bool
    collection_options: dict[str, Any]
    db_alias: str | None
    has_creation: bool
    object_name: str
    children: dict[str, Any]
    collation: Any
    discriminator: Any
    query_hooks: dict[str, Any]
    hooks: dict[str, Any]
    load: Callable[[dict[str, Any], Any], Any]
    model: Any
    optimistic_concurrency: Any
    schema_version: int | None
    skip_versioning: tuple[str, ...]
    timeseries: Any
    pk: Any
    resolve: Callable[[str], Any]

    @cached_property
    def alias(self) -> str:
        """Return the alias where neither a router nor an object has a say."""
        return self.db_alias or DEFAULT_ALIAS

    @cached_property
    def has_plain_collection(self) -> bool:
        """Return whether the collection is any, made and used without options."""
        return not (self.has_creation or self.collection_options)

    @cached_property
    def fields(self) -> tuple[Field[Any], ...]:
        """Return all fields, in order of declaration, an automatic key first."""
        return tuple(self._fields.values())

    @cached_property
    def attributes(self) -> dict[str, Field[Any]]:
        """Return the fields by the attribute that holds their value."""
        return {field.attname: field for field in self.fields}

    @cached_property
    def by_name(self) -> dict[str, Field[Any]]:
        """Return the fields by name, by attname and, for the key, by `pk`."""
        found = {field.attname: field for field in self.fields}
        found |= {field.name: field for field in self.fields}
        if self.pk is not None:
            found["pk"] = self.pk
        return found

    @cached_property
    def by_key(self) -> dict[str, Field[Any]]:
        """Return the fields by their key in MongoDB."""
        return {field.db_field: field for field in self.fields}

    @cached_property
    def hidden_names(self) -> frozenset[str]:
        """Return the names of the fields that are left out unless asked for."""
        return frozenset(field.name for field in self.fields if field.hidden)

    @cached_property
    def automatic_fields(self) -> tuple[Field[Any], ...]:
        """Return the fields that may set a value right before a save."""
        return tuple(
            field
            for field in self.fields
            if type(field).pre_save is not Field.pre_save
            # Of times, those with one of the options.
            and (getattr(field, "auto_now", True) or getattr(field, "auto_now_add", True))
        )

    @cached_property
    def updates_automatic(self) -> bool:
        """Return whether a save of a stored document may set values itself."""
        fields = [field for field in self.automatic_fields if not field.primary_key]
        return bool(fields) or self.embeds_automatic

    @cached_property
    def companion_fields(self) -> tuple[Any, ...]:
        """Return the fields that store something besides the document."""
        own = Field.store_companions
        found = tuple(f for f in self.fields if type(f).store_companions is not own)
        # One that fills copies stands for the field that it is in.
        return (*found, *fillers(self.model))

    @cached_property
    def gets_plainly(self) -> bool:
        """Return whether a read of one document is a `find` and nothing around it."""
        return not (self.hidden_names or self.query_hooks)

    @cached_property
    def begins_plainly(self) -> bool:
        """Return whether the same is so, and a query of the class begins with nothing."""
        return self.gets_plainly and self.discriminator is None and not self.collation

    @cached_property
    def container_slots(self) -> tuple[Callable[[Any], Any], ...]:
        """Return what reads the slots in which there may be tracked values."""
        kinds = {dict, list}
        return tuple(
            field.slot_get  # type: ignore[attr-defined]
            for field in self.fields
            if not kinds.isdisjoint(field.converted_types)
        )

    @cached_property
    def assigned_plainly(self) -> dict[str, tuple[str, Any, Any, Callable[[Any], Any]]]:
        """
        Return what assigns a value of the fields that just cast it, by attribute.

        That is the name, what reads and fills the slot, and the cast.
        """
        return {
            attribute: (
                field.name,
                field.slot_get,  # type: ignore[attr-defined]
                field.slot_set,  # type: ignore[attr-defined]
                field.to_python,
            )
            for attribute, field in self.attributes.items()
            if not (field.immutable or field.setters)
        }

    @cached_property
    def scalars(self) -> dict[str, tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None]]:
        """
        Return what sends an assigned value of the fields that hold no containers, by name.

        That is the key, what reads the slot, and what makes the BSON value, if
        it is not the value itself. A key of a document is never assigned.
        """
        plain = Field.get_prep_value
        return {
            field.name: (
                field.db_field,
                field.slot_get,  # type: ignore[attr-defined]
                None if type(field).get_prep_value is plain else field.get_prep_value,
            )
            for field in self.fields
            if not field.primary_key and {dict, list}.isdisjoint(field.converted_types)
        }

    @cached_property
    def prepares_key(self) -> bool:
        """Return whether the key may be stored as another value than it is read as."""
        own = type(self.pk).get_prep_value
        return own is not Field.get_prep_value or bool(self.pk.converted_types)

    @cached_property
    def saves_plainly(self) -> bool:
        """Return whether nothing of the class runs around the save of a stored document."""
        around = self.hooks or self.embeds_hooks or self.updates_automatic or self.companion_fields
        return self.is_plainly_updated and not (around or self.is_copied)

    @cached_property
    def is_copied(self) -> bool:
        """Return whether other documents hold copies of fields of these."""
        return bool(copiers(self.model))

    @cached_property
    def has_copies(self) -> bool:
        """Return whether updates have copies to look after, here or elsewhere."""
        return self.is_copied or bool(copying(self.model))

    @cached_property
    def is_plainly_updated(self) -> bool:
        """Return whether an assigned scalar is just set, whatever else was loaded."""
        return not (self.optimistic_concurrency or self.timeseries or self.schema_version)

    @cached_property
    def converted_fields(self) -> tuple[Field[Any], ...]:
        """Return the fields whose values are not as the driver decodes them."""
        return tuple(field for field in self.fields if field.converted_types)

    @cached_property
    def fill(self) -> Fill:
        """Return the function that gives a new object its values."""
        if self.abstract:
            raise TypeError(
                f"{self.object_name}: abstract, expected an object of a subclass of it."
            )
        return make_filler(self.model)

    @cached_property
    def bare(self) -> type[Any] | None:
        """Return the class as one of which loaded objects are filled, None if that cannot be."""
        return make_bare(self.model)

    @cached_property
    def load_alone(self) -> Callable[[dict[str, Any], Any], Any]:
        """
        Return the loader of single documents, which are often changed and saved.

        It fills what the others leave empty, which takes less time than finding
        it empty later.
        """
        if self.children:
            return self.load
        return make_loader(self.model, self.model._fill_loaded)

    @cached_property
    def fields_with_default(self) -> tuple[Field[Any], ...]:
        """Return the fields that may give a new document a value."""
        return tuple(
            field
            for field in self.fields
            if field.has_default() or type(field).get_default is not Field.get_default
        )

    @cached_property
    def encoding(self) -> tuple[tuple[Any, ...], ...]:
        """
        Return what is asked of each field whenever documents are encoded.

        That is the field, its key, what reads its slot, the classes of values
        that are stored as they are, and of those that are not converted yet.
        """
        return tuple(
            (
                field,
                field.db_field,
                field.slot_get,  # type: ignore[attr-defined]
                ATOMS if type(field).get_prep_value is Field.get_prep_value else frozenset(),
                frozenset(field.converted_types),
            )
            for field in self.fields
        )

    @cached_property
    def encode(self) -> Encode:
        """Return the function that turns a document into what is stored."""
        return make_encoder(self)

    @cached_property
    def judge(self) -> Judge | None:
        """Return the function that judges and encodes a new document, if there is one."""
        return make_judge(self.model)

    @cached_property
    def is_right(self) -> Callable[[Any], int] | None:
        """Return the function that tells at once that a document has no errors, if there is one."""
        return make_is_right(self.model, is_plain)

    @cached_property
    def settle(self) -> Settle:
        """Return the function that takes a new document, as it is, as what is stored."""
        return make_settler(self.model)

    @cached_property
    def embeds_automatic(self) -> bool:
        """Return whether an embedded document at any depth may set values itself."""
        return any(embedded._meta.automatic_fields for embedded in _embedded_classes(self, set()))

    @cached_property
    def makes_only_keys(self) -> bool:
        """Return whether nothing but an ObjectId as the key is set before an insert."""
        return (
            self.automatic_fields == (self.pk,)
            and type(self.pk) is ObjectIdField
            and not self.embeds_automatic
        )

    @cached_property
    def inserts_plainly(self) -> bool:
        """Return whether nothing of the class runs around the insert of a new document."""
        around = self.hooks or self.embeds_hooks or self.companion_fields
        return self.makes_only_keys and not around

    @cached_property
    def embeds_hooks(self) -> bool:
        """Return whether an embedded document at any depth may have hooks."""
        return any(embedded._meta.hooks for embedded in _embedded_classes(self, set()))

    @cached_property
    def skipped_paths(self) -> tuple[str, ...]:
        """Return the paths of `skip_versioning`, in MongoDB's keys."""
        return tuple(self.resolve(path).db_path for path in self.skip_versioning)


def _embedded_classes(options: Any, seen: set[Any]) -> set[Any]:
    for field in options.fields:
        inner: Any = field
        while hasattr(inner, "base_field"):
            inner = inner.base_field
        embedded = getattr(inner, "embedded_model", None)
        if embedded is not None and embedded not in seen:
            seen.update({embedded, *embedded._meta.children.values()})
            for cls in (embedded, *embedded._meta.children.values()):
                _embedded_classes(cls._meta, seen)
    return seen
