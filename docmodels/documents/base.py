"""
What documents and embedded documents share: attributes, errors, changes.

An instance has one slot for each field. A filled slot is read at C speed; an
empty one makes Python call `__getattr__`, which answers with the default, or
loads a field that a projection left out. `_changed` holds the old values of
the fields that were assigned to since the object was loaded or saved.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self
from weakref import ref

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from docmodels.documents.assigning import EMPTY, Assigned, assign_plainly
from docmodels.documents.changes import KnownChanges
from docmodels.documents.discriminators import class_of
from docmodels.documents.fetching import Refers
from docmodels.documents.filling import install_init, replaceable
from docmodels.documents.metaclass import DocumentMetaclass
from docmodels.documents.options import Options
from docmodels.documents.resolution import nearest
from docmodels.documents.serializing import Shown, by_names
from docmodels.documents.validation import Judged
from docmodels.exceptions import UnknownField
from docmodels.fields import ANY, Field
from docmodels.fields.errors import ErrorMap
from docmodels.fields.transforms import apply
from docmodels.fields.undeclared import undeclared_of
from docmodels.tracking import (
    MISSING,
    NEW,
    STORED,
    UNKNOWN,
    Source,
    Tracked,
    TrackedDict,
)

_PRIVATE: dict[str, Any] = {
    "_changed": EMPTY,
    "_errors": EMPTY,
    "_increments": EMPTY,
    "_defaulted": EMPTY,
    "_related": EMPTY,
    "_version": MISSING,
    "_undeclared": EMPTY,
    "_kind": MISSING,
    "_parent": None,
    "_source": NEW,
    "_status": None,
}


class _NoMeta:
    """`_meta` of the bases, which are no documents themselves."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        name = owner.__name__
        if instance is None:
            raise AttributeError(f"type object {name!r} has no attribute '_meta'")
        raise TypeError(f"{name}: abstract, expected an object of a subclass of it.")


class BaseDocument(Assigned, KnownChanges, Judged, Shown, Refers, metaclass=DocumentMetaclass):
    """Attributes with casts, defaults, errors and known changes."""

    __root__ = True
    __slots__ = (
        "__dict__",
        "__weakref__",
        "_changed",
        "_defaulted",
        "_errors",
        "_increments",
        "_related",
        "_source",
        "_undeclared",
    )

    _meta: Options = _NoMeta()  # type: ignore[assignment]
    _source: Source
    #: Old values of assigned fields, by name.
    _changed: dict[str, Any]
    #: Amounts that were added to numbers, by name.
    _increments: dict[str, Any]
    #: Errors of assignments that could not be cast, by path.
    _errors: ErrorMap
    #: Encoded defaults that stand in a slot without being stored, by name.
    _defaulted: dict[str, Any]
    _undeclared: Any
    #: What relations led to, by name: of a reference its key and the document. Never changed in
    #: place, because documents with the same reference share it.
    _related: Mapping[str, Any]
    #: The setter of that slot, which knows nothing of the document's `__setattr__`.
    _set_related: ClassVar[Any]
    #: Setters of private slots, with what they hold in a new object.
    _fill: ClassVar[tuple[tuple[Callable[[Any, Any], None], Any], ...]]
    #: Slots that a loaded object leaves empty, to be smaller, with what they hold in a new one.
    _fill_loaded: ClassVar[tuple[tuple[Any, Any], ...]]

    @replaceable
    def __init__(self, /, *args: Any, **values: Any) -> None:
        """
        Set fields by `values` of their names, or by position in order of declaration.

        What cannot be cast is an error of the first save; an unknown name raises
        UnknownField, a field given twice TypeError.
        """
        self._init_closely(args, values)

    def _init_closely(self, args: tuple[Any, ...], values: dict[str, Any]) -> None:
        """Do what `__init__` does, the first time, and with values by position."""
        meta = self._meta
        fill = meta.fill
        install_init(type(self))
        if len(args) > len(meta.fields):
            raise TypeError(
                f"{meta.object_name}: {len(args)} positional values, expected at most "
                f"{len(meta.fields)}."
            )
        for field, value in zip(meta.fields, args, strict=False):
            if field.name in values:
                raise TypeError(f"{meta.object_name}.{field.name}: given twice.")
            values[field.name] = value
        fill(self, **values)

    def _assign_named(self, name: str, value: Any) -> None:
        field = self._meta.by_name.get(name)
        if field is not None:
            self._assign(field, value)
            if field.is_relation:
                self._remember_assigned(field, value)
        else:
            self._assign_other(name, value)

    def _assign_other(self, name: str, value: Any) -> None:
        """Assign what is no field: a property, or undeclared data."""
        attribute = getattr(type(self), name, None)
        if isinstance(attribute, property):
            if attribute.fset is None:
                raise UnknownField(
                    f"{self._meta.object_name}.{name}: computed, expected a name that can be set."
                )
            setattr(self, name, value)
        elif self._meta.strict is False and not name.startswith("_"):
            self.undeclared[name] = value
        elif self._meta.strict == "raise" or name.startswith("_"):
            raise UnknownField(
                f"{self._meta.object_name}.{name}: no such field."
                f"{nearest(name, self._meta.by_name)}"
            )

    @classmethod
    @replaceable
    def from_dict(cls, values: Mapping[str, Any], *, by_alias: bool = False) -> Self:
        """
        Make a new object from values by field name; raise ValidationError.

        `by_alias` takes the stored keys, at every depth, for the names. The
        discriminator key, where there is one, chooses the class.
        """
        if not isinstance(values, Mapping):
            message = _("%(got)s given, expected a dict by field name.")
            raise ValidationError(message, "invalid", {"got": type(values).__name__})
        if by_alias:
            values = by_names(cls._meta, values)
        key = cls._meta.discriminator_key
        chosen = class_of(cls._meta, values)
        if key in values and (chosen is not cls or cls._meta.discriminator is not None):
            values = {name: value for name, value in values.items() if name != key}
        try:
            document = chosen(**values)
        except UnknownField as error:
            raise ValidationError(str(error), code="unknown_field") from error
        except TypeError as error:
            raise ValidationError(str(error), code="invalid") from error
        if document._errors:
            # All errors together: what could be cast is judged as well.
            raise ValidationError(document.collect_errors())
        return document

    @classmethod
    def from_mongo(cls, raw: dict[str, Any]) -> Self:
        """Make a loaded object from `raw`, a stored dict, which it takes over."""
        return cls._meta.load(raw, STORED)

    # Attributes

    def __getattr__(self, name: str) -> Any:
        # Asked most often: every save reads most of them several times.
        if name in _PRIVATE:
            return _PRIVATE[name]
        field = self._meta.attributes.get(name)
        if field is not None:
            return self._absent(field)
        if name == "_state":
            state = self._source.make_state()
            object.__setattr__(self, name, state)
            return state
        if self._meta.strict is False and name in self._undeclared:
            return self.undeclared[name]
        hint = difflib.get_close_matches(name, self._meta.by_name, n=1)
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}."
            + (f" Did you mean {hint[0]!r}?" if hint else ""),
            name=name,
            obj=self,
        )

    def _absent(self, field: Any) -> Any:
        """Answer for an empty slot: the default, which is not stored."""
        if not self._is_loaded(field):
            return self._load_deferred(field)
        default = field.get_default(self)
        if default is MISSING or default is None:
            return None
        if isinstance(default, Tracked) or callable(field.default):
            # The same object at each read, without counting as set.
            if self._defaulted is EMPTY:
                self._defaulted = {}
            self._defaulted[field.name] = field.get_prep_value(default)
            if field.embeds and isinstance(default, Tracked):
                default.adopt(ref(self))
            field.slot_set(self, default)
        return apply(field.getters, default)

    def _is_loaded(self, field: Any) -> bool:
        loaded = self._source.loaded
        return loaded is None or field.name in loaded or field.name in self._changed

    def _load_deferred(self, field: Any) -> Any:
        return None

    def __setattr__(self, name: str, value: Any) -> None:
        meta = self._meta
        if name in meta.attributes:
            try:
                _get_changed(self)
            except AttributeError:
                _fill_loaded(self)
            if not assign_plainly(self, meta.assigned_plainly.get(name), value):
                self._assign(meta.attributes[name], value)
        elif (
            name.startswith("_")
            or meta.strict is not False
            or name in self.__dict__
            or hasattr(type(self), name)
        ):
            object.__setattr__(self, name, value)
        else:
            self.undeclared[name] = value

    def __delattr__(self, name: str) -> None:
        field = self._meta.attributes.get(name)
        if field is None:
            if self._meta.strict is False and name in self._undeclared:
                del self.undeclared[name]
            else:
                object.__delattr__(self, name)
            return
        self._forget_error(field.name)
        old = self._slot_value(field)
        is_there = old is not MISSING or not self._is_loaded(field)
        if field.immutable and self._source.stored and is_there:
            raise ValidationError({field.name: [field.error("immutable")]})
        if old is not MISSING:
            self._note_change(field, old)
            field.slot_delete(self)  # type: ignore[attr-defined]
            if self._changed.get(field.name) is MISSING:
                del self._changed[field.name]
        elif not self._is_loaded(field):
            self._note_change(field, UNKNOWN)

    def is_set(self, name: str) -> bool:
        """Return whether the field `name` is there, with a value or with null."""
        field = self._field(name)
        if not self._is_loaded(field):
            self._load_deferred(field)
        try:
            value = field.slot_get(self)
        except AttributeError:
            return False
        return field.name not in self._defaulted or (
            field.get_prep_value(value) != self._defaulted[field.name]
        )

    def _field(self, name: str) -> Any:
        field = self._meta.by_name.get(name)
        if field is None:
            raise UnknownField(
                f"{self._meta.object_name}.{name}: no such field."
                f"{nearest(name, self._meta.by_name)}"
            )
        return field

    @property
    def undeclared(self) -> TrackedDict[Any]:
        """Stored keys that the class does not declare; changes are saved."""
        found = self._undeclared
        if not isinstance(found, TrackedDict):
            found = TrackedDict.load(dict(found), undeclared_of(type(self)))
            self._undeclared = found
        return found

    def _get_display(self, field: Field[Any]) -> Any:
        value = getattr(self, field.attname)
        return field.get_display(value)

    def _encode_fields(self, *, minimize: bool) -> dict[str, Any]:
        """Return a fresh dict of BSON values by key, undeclared data last."""
        return self._meta.encode(self, minimize)

    def _encode_closely(self, *, minimize: bool) -> dict[str, Any]:
        """Do so where there are undeclared data, or defaults that are not stored."""
        raw: dict[str, Any] = {}
        defaulted = self._defaulted
        for field, key, get, plain, converted in self._meta.encoding:
            if defaulted and field.name in defaulted and not self.is_set(field.name):
                continue
            try:
                value = get(self)
            except AttributeError:
                continue
            cls = value.__class__
            if cls not in plain:
                if cls in converted:
                    value = self._slot_value(field)
                encoded = field.get_prep_value(value)
                if minimize and encoded == {} and isinstance(value, BaseDocument):
                    continue
                value = encoded
            raw[key] = value
        for key, value in self.undeclared.items() if self._undeclared else ():
            raw[key] = ANY.get_prep_value(value)
        return raw


BaseDocument._fill = tuple(
    (BaseDocument.__dict__[name].__set__, _PRIVATE[name])
    for name in ("_source", "_changed", "_errors", "_defaulted", "_undeclared")
)
BaseDocument._set_related = BaseDocument.__dict__["_related"].__set__
#: The setters of these slots, which know nothing of `__setattr__`.
set_changed = BaseDocument.__dict__["_changed"].__set__
set_source = BaseDocument.__dict__["_source"].__set__
_get_changed = BaseDocument.__dict__["_changed"].__get__


def _fill_loaded(document: Any) -> None:
    """Fill the private slots of a loaded object that is about to be changed and saved."""
    # Each read of an empty one would ask `__getattr__`.
    for slot in _EMPTY_SLOTS:
        try:
            slot.__get__(document)
        except AttributeError:
            slot.__set__(document, EMPTY)


_EMPTY_SLOTS = tuple(
    BaseDocument.__dict__[name]
    for name in ("_changed", "_errors", "_defaulted", "_increments", "_undeclared")
)
BaseDocument._fill_loaded = tuple((slot, EMPTY) for slot in _EMPTY_SLOTS)
