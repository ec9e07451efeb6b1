"""`pick()`: an embedded class with copies of fields of a document."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, Self

from docmodels.documents.copying import CopyField
from docmodels.documents.embedded import EmbeddedDocument
from docmodels.documents.metaclass import DocumentMetaclass
from docmodels.fields import Field, IntegerField, ReferenceField, SequenceField
from docmodels.tracking import MISSING, NEW


class _Picked:
    """What a picked class has besides its fields."""

    __slots__ = ()

    @classmethod
    def from_document(cls, document: Any) -> Self:
        """
        Return a copy of what `document` holds now, of the class that was picked from.

        Raise TypeError for another one.
        """
        made: Any = cls
        source = made.picked_from
        if not isinstance(document, source):
            raise TypeError(
                f"{cls.__name__}.from_document(): {document!r}, expected a {source.__name__}."
            )
        raw = {}
        for copied in made._meta.fields:
            field = source._meta.get_field(copied.name)
            if document.is_set(field.name):
                value = document._slot_value(field)
                if value is not MISSING:
                    raw[copied.db_field] = field.get_prep_value(value)
        loaded: Self = made._meta.load(raw, NEW)
        return loaded


if TYPE_CHECKING:

    class PickedDocument(_Picked, EmbeddedDocument):
        """What `pick()` makes; its fields are known when it is made."""


def pick(document: type[Any], *names: str, name: str = "") -> type[PickedDocument]:
    """
    Return an EmbeddedDocument class with copies of these fields.

    It is for denormalised copies: `from_document(doc)` makes one. The copies
    keep their keys and validators, and are neither keys, unique, immutable
    nor set by themselves. `name` is the name of the class, which must be that
    of the variable for its objects to be pickled.
    """
    meta = getattr(document, "_meta", None)
    if meta is None or meta.embedded or meta.abstract:
        raise TypeError(f"pick(): {document!r}, expected a document class.")
    if not names:
        raise TypeError(f"pick({document.__name__}): no names, expected those of the fields.")
    if not all(isinstance(one, str) for one in names):
        raise TypeError(f"pick({document.__name__}): {names!r}, expected names one by one.")
    fields = [meta.pk if one == "pk" else meta.get_field(one) for one in names]
    made: Any = DocumentMetaclass(
        name or f"{document.__name__}Copy",
        (_Picked, EmbeddedDocument),
        {
            "__module__": sys._getframe(1).f_globals.get("__name__", document.__module__),
            "__doc__": f"A copy of some fields of {document.__name__}.",
            "picked_from": document,
            **{field.name: _copy(field) for field in fields},
        },
    )
    return made


def _copy(field: Field[Any]) -> Field[Any]:
    copied: Any = field.clone()
    copied.primary_key = copied.unique = copied.immutable = False
    copied.db_index = copied.required_if = None
    # The key of a document stays `_id` in its copies.
    copied._db_field = field.db_field
    if isinstance(field, ReferenceField):
        copied.copies = ()
    if isinstance(field, SequenceField):
        copied.__class__ = IntegerField
    elif type(field).pre_save is not Field.pre_save:
        copied.__class__ = _still(copied.__class__)
    return copied


CopyField.make_class = staticmethod(pick)


@functools.cache
def _still(cls: Any) -> Any:
    """Return the field class without what sets a value by itself."""
    return type(cls.__name__, (cls,), {"pre_save": Field.pre_save, "__module__": cls.__module__})
