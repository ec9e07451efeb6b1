"""
Copies of fields of a document beside the reference to it: `copies=` of a ReferenceField.

They are an embedded document next to the reference, named `<name>_copy`, which
a save fills when the reference changes and nobody assigns.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar
from weakref import ref

from django.core.exceptions import FieldDoesNotExist
from django.dispatch import receiver
from django.utils.functional import cached_property

from docmodels.connections import connections, router
from docmodels.connections.collections import collection_of
from docmodels.documents.referrers import Referrer, references, referrers
from docmodels.fields import EmbeddedField, Field, ReferenceField
from docmodels.queryset.populating import identify, reach
from docmodels.registry import registry
from docmodels.signals import class_prepared
from docmodels.tracking import MISSING, NEW
from docmodels.transaction import current_session, on_rollback

#: What the name of a reference and that of its copies differ by.
SUFFIX = "_copy"


class CopyField(EmbeddedField[Any, Any, Any, Any]):
    """The copies beside a reference, which only a save stores."""

    description: ClassVar[str] = "copies of fields of a referenced document"
    #: Makes the class of the copies from that of the document and the names.
    make_class: ClassVar[Callable[..., Any]]
    is_copy = True

    def __init__(self, reference_name: str, names: Iterable[str]) -> None:
        # Without the class of EmbeddedField: the target may not be declared yet.
        Field.__init__(self, blank=True, null=True, editable=False)
        self.reference_name = reference_name
        self.names = tuple(names)
        self.embeds = True

    @cached_property
    def embedded_model(self) -> Any:
        """Return the class of the copies."""
        target = self.of.related_model
        meta = target._meta
        for name in self.names:
            if name not in meta.by_name:
                raise FieldDoesNotExist(
                    f"{self.model._meta.object_name}.{self.reference_name}: copies={name!r}, "
                    f"expected a field of {meta.object_name}. Choices are: "
                    f"{', '.join(field.name for field in meta.fields if not field.hidden)}."
                )
        made = type(self).make_class(
            target, *self.names, name=f"{self.model.__name__}{target.__name__}Copy"
        )
        for field in made._meta.fields:
            field.immutable = True
        return made

    def clone(self) -> Any:
        """Return a copy for another class, whose reference may lead elsewhere."""
        copied = super().clone()
        copied.__dict__.pop("embedded_model", None)
        return copied

    @property
    def of(self) -> ReferenceField[Any]:
        """Return the reference."""
        found: ReferenceField[Any] = self.model._meta.by_name[self.reference_name]
        return found

    def to_python(self, value: Any) -> Any:
        """Refuse every value."""
        if value is None:
            return None
        raise self.error("copied", reference=self.reference_name)

    default_error_messages: ClassVar[dict[str, Any]] = {
        "copied": "A copy that saving fills, expected a change of %(reference)s.",
    }


def make_fields(name: str, fields: dict[str, Any]) -> dict[str, CopyField]:
    """Return the fields of the copies that the references of a class ask for."""
    made = {}
    for attribute, field in fields.items():
        if isinstance(field, ReferenceField) and field.copies:
            if getattr(field, "is_dynamic", False):
                raise TypeError(
                    f"{name}.{attribute}: copies= of a reference whose class the document tells, "
                    f"expected a class."
                )
            copy = f"{attribute}{SUFFIX}"
            if copy in fields and not isinstance(fields[copy], CopyField):
                raise TypeError(
                    f"{name}.{copy}: a field, but {name}.{attribute} stores its copies there; "
                    f"expected another name."
                )
            made[copy] = CopyField(attribute, field.copies)
    return made


def copy_of(referrer: Referrer) -> CopyField:
    """Return the field of the copies beside a reference."""
    found: CopyField = referrer.field.model._meta.by_name[f"{referrer.field.name}{SUFFIX}"]
    return found


def copiers(model: Any) -> list[Referrer]:
    """Return the references that hold copies of documents of `model`."""
    return [referrer for referrer in referrers(model) if referrer.field.copies]


#: What `_meta` found out by asking the functions below.
_ASKED = ("companion_fields", "has_copies", "inserts_plainly", "is_copied", "saves_plainly")


@receiver(class_prepared)
def _forget(**about: Any) -> None:
    """Look anew who copies from whom, as a class that was declared may."""
    declared: list[Any] = registry.documents()
    for document in declared:
        for name in _ASKED:
            document._meta.__dict__.pop(name, None)
    copying.cache_clear()


@functools.cache
def copying(model: Any) -> tuple[Referrer, ...]:
    """Return the references of `model`, inherited ones too, that hold copies."""
    family = [*(base for base in model.__mro__ if hasattr(base, "_meta")), model]
    found: dict[tuple[str, ...], Referrer] = {}
    for cls in family:
        if not cls._meta.abstract:
            found |= {r.steps: r for r in references(cls) if r.field.copies}
    return tuple(found.values())


def copied_values(referrer: Referrer, keys: Sequence[Any], alias: str) -> dict[Any, dict[str, Any]]:
    """
    Return what is to be stored beside each key, by the identity of the key.

    `alias` is that of the documents that refer; keys that lead nowhere are left out.
    """
    if not keys:
        return {}
    field, target = referrer.field, referrer.field.target_field
    model: Any = field.related_model
    usual = router.db_for_write(model)
    beside = alias if usual == router.db_for_write(referrer.model) else usual
    copied = [inner.db_field for inner in copy_of(referrer).embedded_model._meta.fields]
    connection = connections[beside]
    with connection.wrap_errors:
        raws = collection_of(model._meta, connection, fresh=True).find(
            {target.db_field: {"$in": list(keys)}, **model._meta.discriminator_filter},
            dict.fromkeys(copied, 1) | {"_id": 1, target.db_field: 1},
            session=current_session(beside),
        )
        return {
            identify(field, raw[target.db_field]): {key: raw[key] for key in copied if key in raw}
            for raw in raws
        }


class Filler:
    """Fills the copies of one path of a class, right before documents are written."""

    def __init__(self, referrer: Referrer) -> None:
        self.referrer = referrer
        names = referrer.path.split(".")
        self.around, self.last = names[:-1], names[-1]
        #: The field of the document itself that it is in, or is.
        self.name = names[0]

    def store_companions(self, documents: Sequence[Any], alias: str) -> Callable[[], None]:
        """Fill the copies whose references changed; return what takes them back."""
        changes = list(self._changes(documents))
        keys = [key for _holder, _field, key in changes if key is not None]
        found = copied_values(self.referrer, keys, alias) if keys else {}
        undo: list[tuple[Any, Any, Any, Any]] = []
        for holder, field, key in changes:
            raw = None if key is None else found.get(identify(self.referrer.field, key))
            old = holder._slot_value(field)
            if _is_same(old, raw):
                continue
            undo.append((holder, field, old, dict(holder._changed)))
            holder._note_change(field, old)
            if raw is None:
                field.slot_set(holder, None)
            else:
                value = field.embedded_model._meta.load(raw, NEW)
                value.adopt(ref(holder))
                field.slot_set(holder, value)

        def take_back() -> None:
            for holder, field, old, known in reversed(undo):
                changed = {k: v for k, v in holder._changed.items() if k != field.name}
                before = {field.name: known[field.name]} if field.name in known else {}
                holder._changed = changed | before
                if old is MISSING:
                    field.slot_delete(holder)
                else:
                    field.slot_set(holder, old)

        on_rollback(take_back, alias)
        return take_back

    def _changes(self, documents: Sequence[Any]) -> Iterable[tuple[Any, Any, Any]]:
        """Yield the documents whose reference changed, the field of the copies, and the key."""
        loaded = [d for d in documents if d._is_loaded(d._meta.by_name[self.name])]
        for holder in reach(loaded, self.around):
            meta = holder._meta
            field, copied = meta.by_name.get(self.last), meta.by_name.get(f"{self.last}{SUFFIX}")
            if field is None or not isinstance(copied, CopyField):
                continue
            if not holder._source.stored or field.name in holder._changed:
                value = holder._slot_value(field)
                yield holder, copied, None if value is MISSING else field.get_prep_value(value)


def _is_same(old: Any, raw: dict[str, Any] | None) -> bool:
    if old is MISSING or old is None or raw is None:
        return raw is None and (old is MISSING or old is None)
    return bool(old.encode() == raw)


def fillers(model: Any) -> tuple[Filler, ...]:
    """Return what fills the copies of a class."""
    return tuple(Filler(referrer) for referrer in copying(model))
