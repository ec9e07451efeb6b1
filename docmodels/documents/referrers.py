"""Which paths of which documents refer to a class, and what becomes of it when it goes."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.dispatch import receiver

from docmodels.connections import router
from docmodels.fields import EmbeddedField, Field, ListField, MapField, ReferenceField
from docmodels.query.keypaths import LIST, MAP, Told, condition
from docmodels.registry import registry
from docmodels.signals import class_prepared


class OnDelete(enum.Enum):
    """What becomes of a reference when its document is deleted."""

    CASCADE = "delete the referring document"
    PROTECT = "refuse the deletion"
    RESTRICT = "refuse the deletion, unless what refers is deleted with it"
    SET_NULL = "store null"
    SET_DEFAULT = "store the default"
    PULL = "take it out of its list"
    DO_NOTHING = "leave it"

    def __repr__(self) -> str:
        return self.name


#: The rules that change the referring document.
REWRITING = frozenset({OnDelete.SET_NULL, OnDelete.SET_DEFAULT, OnDelete.PULL})


class Referrer(NamedTuple):
    """A path that refers to a document class."""

    model: Any
    field: ReferenceField[Any]
    #: Keys in MongoDB along the path, `LIST` and `MAP` for the steps into containers.
    steps: tuple[str, ...]
    #: The same in dotted names, for people.
    path: str
    #: What is beside a key that leads to the class, where another field tells that.
    told: Told | None = None

    @property
    def db_path(self) -> str:
        """Return the path to filter by; none leads into a map."""
        return ".".join(step for step in self.steps if step != LIST)

    @property
    def in_map(self) -> bool:
        """Return whether only a look at every document finds what refers."""
        return MAP in self.steps

    @property
    def rule(self) -> OnDelete:
        """Return what becomes of the reference."""
        return self.field.on_delete or OnDelete.DO_NOTHING

    @property
    def label(self) -> str:
        """Return the class and the path, as messages name them."""
        return f"{self.model._meta.object_name}.{self.path}"

    def condition(self, keys: Sequence[Any]) -> dict[str, Any]:
        """Return what finds the documents that refer by one of `keys`."""
        return condition(self.steps, keys, self.told)

    @property
    def inside(self) -> tuple[str, ...]:
        """Return the steps from the field on, which may be a list or a map."""
        last = max(n for n, step in enumerate(self.steps) if step not in {LIST, MAP})
        return self.steps[last:]

    def toward(self, model: Any, told: Sequence[Any]) -> Referrer:
        """Return it for documents of one class, of a dynamic one that tells one of `told`."""
        field: Any = self.field
        beside = None
        if field.kind_field is not None:
            name, values = field.stored_kinds(told)
            beside = Told(name, values, len(self.inside))
        return self._replace(field=field.toward(model), told=beside)

    def alias_beside(self, target: Any, alias: str) -> str:
        """
        Return the alias of the documents that refer to those of `target` on `alias`.

        It is the same one where both classes usually have the same.
        """
        usual = router.db_for_write(self.model)
        return alias if usual == router.db_for_write(target) else usual


@functools.cache
def referrers(model: Any) -> tuple[Referrer, ...]:
    """Return every declared path that refers to documents of `model`, or of a parent of it."""
    found: list[Referrer] = []
    declared: list[Any] = registry.documents()
    for document in declared:
        for referrer in references(document):
            if referrer.field.is_dynamic:
                found += _told(referrer, model)
                continue
            target = target_of(referrer.field)
            if target is not None and issubclass(model, target):
                found.append(referrer)
    return tuple(found)


def _told(referrer: Referrer, model: Any) -> Iterator[Referrer]:
    """Yield a dynamic reference as one to `model`, where that is among its targets."""
    field: Any = referrer.field
    targets = tuple(field.declared_targets())
    # What tells a parent of the class leads to its documents as well.
    told = [cls for cls in model.__mro__ if issubclass(cls, targets) and not cls._meta.abstract]
    if told:
        yield referrer.toward(model, told)


@functools.cache
def references(document: Any) -> tuple[Referrer, ...]:
    """
    Return every path of a class at which it refers to documents.

    Those that its parent has too are the parent's, which finds documents of
    both. Inside of a union nothing is a reference for certain.
    """
    meta = document._meta
    inherited = {} if meta.parent is None else meta.parent.by_name
    found: dict[tuple[str, ...], Referrer] = {}
    for field in meta.fields:
        parent = inherited.get(field.name)
        if parent is None or parent.creation_counter != field.creation_counter:
            for reference, steps, names in _inside(field, (field.db_field,), (), frozenset()):
                path = ".".join(names)
                found.setdefault(steps, Referrer(document, reference, steps, path))
    return tuple(found.values())


def _inside(
    field: Field[Any], steps: tuple[str, ...], names: tuple[str, ...], around: frozenset[Any]
) -> Iterator[tuple[ReferenceField[Any], tuple[str, ...], tuple[str, ...]]]:
    """Yield the references in a field, with keys and with names along the path."""
    if field.is_copy:
        # What is copied refers from where it is copied from.
        return
    if steps[-1] not in {LIST, MAP}:
        names = (*names, field.name)
    if isinstance(field, ReferenceField):
        yield field, steps, names
    elif isinstance(field, (ListField, MapField)):
        step = LIST if isinstance(field, ListField) else MAP
        yield from _inside(field.base_field, (*steps, step), names, around)
    elif isinstance(field, EmbeddedField) and field.embedded_model not in around:
        # One that is inside of itself is entered once.
        within = around | {field.embedded_model}
        for cls in (field.embedded_model, *field.embedded_model._meta.children.values()):
            for inner in cls._meta.fields:
                yield from _inside(inner, (*steps, inner.db_field), names, within)


def target_of(field: ReferenceField[Any]) -> Any:
    """Return the class that a field refers to, None while nobody declared it."""
    try:
        return field.related_model
    except LookupError:
        return None


def stored_keys(referrer: Referrer, documents: Sequence[Any]) -> list[Any]:
    """Return the keys by which others refer to `documents`; null refers to nothing."""
    target = referrer.field.target_field
    found = (_stored_key(document, target) for document in documents)
    return [key for key in found if key is not None]


def _stored_key(document: Any, target: Field[Any]) -> Any:
    if target.primary_key:
        return document._stored_pk()
    is_changed = target.name in document._changed
    value = document.previous(target.name) if is_changed else getattr(document, target.attname)
    return None if value is None else target.get_prep_value(value)


@receiver(class_prepared)
def _forget(**about: Any) -> None:
    """Look anew: a class that was declared may refer, or be referred to by its name."""
    referrers.cache_clear()
    references.cache_clear()
