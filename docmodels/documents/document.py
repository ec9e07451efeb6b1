"""The document: a row of a collection, with Django's life cycle."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.core.exceptions import ValidationError

from docmodels import signals
from docmodels.connections.twins import twin
from docmodels.documents import earlier, paths, pending, refreshing, writing
from docmodels.documents.asked import Asked
from docmodels.documents.base import BaseDocument
from docmodels.documents.deletion import delete_document
from docmodels.documents.embedded import get_state, restore
from docmodels.documents.plain import save_plainly
from docmodels.documents.relations import populate
from docmodels.exceptions import UnknownField
from docmodels.query.changes import UpdateBuilder
from docmodels.query.naming import path_name
from docmodels.query.relations import Populate
from docmodels.tracking import MISSING, NEW, DocumentState, Source

if TYPE_CHECKING:
    from docmodels.queryset.manager import Manager, ManagerOfClass


class Document(Asked, BaseDocument):
    """
    The base of documents that have a collection.

    Declare fields as on a Django model; see `Meta` in the reference for the
    options. A key `id`, an ObjectId stored as `_id`, is added where no field
    has `primary_key=True`.
    """

    __root__ = True
    __slots__ = ("_status", "_version")

    #: The `_state`, None until somebody asks for it.
    _status: DocumentState | None
    _version: Any
    if TYPE_CHECKING:
        objects = ManagerOfClass()
        _default_manager: ClassVar[Manager[Self]]
    DoesNotExist: ClassVar[type[Exception]]
    MultipleObjectsReturned: ClassVar[type[Exception]]

    def _init_closely(self, args: tuple[Any, ...], values: dict[str, Any]) -> None:
        if signals.pre_init.receivers:
            signals.pre_init.send(sender=type(self), args=args, kwargs=values)
        super()._init_closely(args, values)
        if signals.post_init.receivers:
            signals.post_init.send(sender=type(self), instance=self)

    @classmethod
    def from_mongo(cls, raw: dict[str, Any], using: str | None = None) -> Self:
        """
        Make a loaded object from `raw`, a stored dict, which it takes over.

        `using` is the alias that it is from, for its later reads and saves.
        """
        return cls._meta.load(raw, Source(using))

    # Identity

    @property
    def pk(self) -> Any:
        """The primary key's value, whatever its field is called."""
        return getattr(self, self._meta.pk.attname)

    @pk.setter
    def pk(self, value: Any) -> None:
        setattr(self, self._meta.pk.attname, value)

    @property
    def _state(self) -> DocumentState:
        """Whether the document is new, and the alias that it is from, as Django's."""
        state = self._status
        if state is None:
            state = self._source.make_state()
            _set_status(self, state)
        return state

    def _is_adding(self) -> bool:
        """Return `_state.adding`."""
        state = self._status
        return not self._source.stored if state is None else state.adding

    def _stored_alias(self) -> str | None:
        """Return `_state.db`."""
        state = self._status
        return self._source.alias if state is None else state.db

    def _stored_pk(self) -> Any:
        """Return the BSON value that finds the stored document."""
        field, changed = self._meta.pk, self._changed
        value = changed.get(field.name, MISSING)
        if value is MISSING:
            value = getattr(self, field.attname)
        return field.get_prep_value(value) if self._meta.prepares_key else value

    def _forget_stored(self) -> None:
        """Become a new document again, after a deletion."""
        self._source = NEW
        self._state.adding = True
        if self._meta.pk.get_internal_type() == "ObjectIdField":
            self._meta.pk.slot_set(self, None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        if type(self) is not type(other):
            return False
        return self is other if self.pk is None else bool(self.pk == other.pk)

    def __hash__(self) -> int:
        if self.pk is None:
            raise TypeError("Document instances without primary key value are unhashable")
        try:
            return hash(self.pk)
        except TypeError:
            return hash(repr(self.pk))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def __str__(self) -> str:
        return f"{type(self).__name__} object ({self.pk})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (restore, (type(self), get_state(self)))

    def __copy__(self) -> Any:
        return restore(type(self), get_state(self))

    # Validation

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        """Judge all fields but those named in `exclude`; raise ValidationError by path."""
        self.full_clean(exclude=exclude)

    def full_clean(
        self,
        exclude: Iterable[str] | None = None,
        validate_unique: bool = True,
        validate_constraints: bool = True,
    ) -> None:
        """
        Judge the whole document; raise one ValidationError with all paths.

        Fields named in `exclude` are left out. Uniqueness is judged by the index
        when the document is saved: `validate_unique` and `validate_constraints`
        change nothing, they are there for Django's own callers.
        """
        errors = self.collect_errors(exclude=set(exclude or ()))
        if errors:
            raise ValidationError(errors)

    # Life in the database

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        using: str | None = None,
        validate: bool | str = True,
        force_insert: bool = False,
        guard: bool = False,
        hooks: bool = True,
        timestamps: bool = True,
        on_conflict: str = "raise",
    ) -> None:
        """
        Insert a new document, or write the changed paths of a loaded one.

        `update_fields` narrows the write to these names; `using` is the alias, that
        of the document unless given; with `force_insert` a document with a key is
        inserted, too, never updated; `validate` is True,
        False, or "changed" to judge only what was changed; with `guard` the
        write also demands that every changed path still holds the value that
        was loaded; `on_conflict="merge"` demands it, too, and keeps what others
        stored meanwhile at other paths; `hooks=False` runs no hooks, `timestamps=False` leaves the
        times of creation and change alone. Raise ValidationError,
        `DoesNotExist` where the stored document is gone, VersionConflict
        where somebody else changed it.
        """
        asks_for_more = guard or update_fields is not None or on_conflict != "raise"
        # `hooks` and `timestamps` change nothing where there are none.
        is_usual = validate is True and not asks_for_more
        if is_usual and save_plainly(self, using, force_insert=force_insert):
            return
        writing.save(
            self,
            update_fields=update_fields,
            using=using,
            validate=validate,
            force_insert=force_insert,
            guard=guard,
            hooks=hooks,
            timestamps=timestamps,
            on_conflict=on_conflict,
        )

    def delete(self, using: str | None = None, *, hooks: bool = True) -> tuple[int, dict[str, int]]:
        """
        Delete the document, with the rules of references to it.

        `using` is the alias, that of the document unless given; `hooks=False`
        runs no hooks. Return how many documents were deleted, and a dict of the
        numbers by label. Raise ProtectedError or RestrictedError where a
        reference forbids it (PROTECT, RESTRICT); nothing is deleted then.
        """
        return delete_document(self, using, hooks=hooks)

    #: What a class has that deletes as docmodels does.
    _plain_delete = delete

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None
    ) -> None:
        """
        Read the document, or the named `fields`, again; drop their changes.

        `using` is the alias, that of the document unless given. Raise
        DoesNotExist where the stored document is gone.
        """
        refreshing.refresh(self, using=using, fields=fields)

    def populate(self, *paths: str | Populate) -> Self:
        """
        Load what references of this document lead to; return the document.

        `paths` are those of a queryset's `populate()`. For several documents
        `documents.populate()` sends fewer queries.
        """
        populate([self], *paths)
        return self

    asave = twin(save)
    adelete = twin(delete)
    arefresh_from_db = twin(refresh_from_db)
    apopulate = twin(populate)

    # Changes

    def _changes(self, names: Container[str] | None = None) -> UpdateBuilder:
        builder = UpdateBuilder(self._meta.skipped_paths)
        self._collect_fields("", builder, names)
        return builder

    def is_modified(self, path: str | None = None) -> bool:
        """Return whether the document, or what is at `path`, was changed."""
        if path is None:
            return self._state.adding or self._is_changed()
        wanted = self._meta.resolve(path).db_path
        return any(
            changed == wanted
            or changed.startswith(f"{wanted}.")
            or wanted.startswith(f"{changed}.")
            for changed in self._changes().paths()
        )

    def modified_paths(self) -> list[str]:
        """Return the changed paths of a loaded document, in dotted names."""
        return [path_name(self._meta, path) for path in self._changes().paths()]

    def pending_update(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the filter and the update that `save()` would send for a stored document."""
        if self._state.adding:
            raise ValueError(
                f"{self._meta.object_name}.pending_update(): the document is not stored, save() "
                f"inserts it; expected a stored one. See to_mongo()."
            )
        return pending.make_update(self, self._changes(), guard=False)

    def increment(self, path: str, amount: Any = 1) -> None:
        """
        Add `amount` to the number at a dotted path of names.

        It is sent as `$inc`, so that nothing is lost where others count at the
        same time; the number here is as if nobody did.
        """
        paths.increment(self, path, amount)

    def previous(self, path: str) -> Any:
        """
        Return what was loaded at a dotted path of names, None if missing.

        Raise ValueError for a field that was assigned without being loaded.
        """
        return earlier.previous(self, path)

    def rollback(self) -> None:
        """Put back what was loaded, in place of every change since."""
        earlier.rollback(self)

    def get_path(self, path: str) -> Any:
        """Return what is at a dotted path of names (`lines.0.price`), None where nothing is."""
        return paths.get_path(self, path)

    def set_path(self, path: str, value: Any) -> None:
        """
        Assign `value` at a dotted path of names, cast by the field that is there.

        The index behind the last element appends. Raise ValidationError, keyed
        by the path, for a value that cannot be cast or a path that leads nowhere.
        """
        paths.set_path(self, path, value)

    def unset_path(self, path: str) -> None:
        """Remove what is at a dotted path of names; an element is taken out of its list."""
        paths.unset_path(self, path)

    # References and deferred fields

    def _load_deferred(self, field: Any) -> Any:
        return refreshing.load_deferred(self, field)

    # Other shapes

    def to_mongo(self) -> dict[str, Any]:
        """Return what an insert would store, undeclared data included."""
        raw = self._meta.encode(self, self._meta.minimize)
        if self._meta.discriminator is not None:
            raw[self._meta.discriminator_key] = self._meta.discriminator
        if self._meta.version_key and self._version is not MISSING:
            raw[self._meta.version_key] = self._version
        if self._meta.schema_version is not None:
            raw[self._meta.schema_key] = self._meta.schema_version
        return raw

    #: What a class has that encodes itself as docmodels does.
    _plain_to_mongo = to_mongo

    def serializable_value(self, field_name: str) -> Any:
        """
        Return the stored value of the field `field_name`, of a reference the key.

        Raise UnknownField for another name.
        """
        field = self._meta.by_name.get(field_name)
        if field is None:
            raise UnknownField(f"{self._meta.object_name}.{field_name}: no such field.")
        return getattr(self, field.attname)


_set_status = Document.__dict__["_status"].__set__
Document._fill = (
    *BaseDocument._fill,
    (Document.__dict__["_version"].__set__, MISSING),
    (_set_status, None),
)
Document._fill_loaded = (*BaseDocument._fill_loaded, (Document.__dict__["_status"], None))
