"""
Refuse a deletion that PROTECT or RESTRICT forbid, before anything is written.

The documents that CASCADE would delete are walked through batch by batch.
Keys are kept only where they are needed: where classes refer to each other in
a circle, and where RESTRICT has to know what is deleted as well.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import ProtectedError, RestrictedError
from django.dispatch import receiver

from docmodels.connections import router
from docmodels.constants import FetchMode
from docmodels.documents.referrers import OnDelete, Referrer, referrers, stored_keys
from docmodels.query.keypaths import values_at
from docmodels.signals import class_prepared

#: How many documents are deleted, or looked at, at a time.
BATCH = 1000
#: How many of the documents that forbid it an error holds.
NAMED = 10


class Cascade:
    """What a deletion of documents of a class may reach by CASCADE."""

    def __init__(self, model: Any) -> None:
        self.is_circular = False
        #: The rules at all of its ends.
        self.rules: set[OnDelete] = set()
        self._visit(model, (), set())

    def _visit(self, model: Any, around: tuple[Any, ...], seen: set[Any]) -> None:
        for member in (model, *model._meta.children.values()):
            for referrer in referrers(member):
                self.rules.add(referrer.rule)
                if referrer.rule is not OnDelete.CASCADE:
                    continue
                root = referrer.model._meta.root.model
                self.is_circular |= root in {*around, member._meta.root.model}
                if root not in seen:
                    seen.add(root)
                    self._visit(root, (*around, member._meta.root.model), seen)

    @property
    def is_guarded(self) -> bool:
        """Return whether something may refuse the deletion."""
        return not self.rules.isdisjoint({OnDelete.PROTECT, OnDelete.RESTRICT})


@functools.cache
def cascade_of(model: Any) -> Cascade:
    """Return what a deletion of documents of `model`, or of its children, may reach."""
    return Cascade(model)


@receiver(class_prepared)
def _forget(**about: Any) -> None:
    cascade_of.cache_clear()


def identity_of(document: Any) -> Any:
    """Return what tells a stored document from all others."""
    key = document._stored_pk()
    # Python finds True == 1; a key that is a dict has no hash.
    found = key if key.__class__.__hash__ else repr(key)
    return document._meta.root.label, key.__class__, found


def protect(documents: Iterable[Any], *, using: str | None = None, live: bool = False) -> None:
    """
    Raise ProtectedError or RestrictedError before anything is written, cascades included.

    `using` is the alias of the documents, their own unless given. With `live`,
    what the default manager leaves out protects nothing.
    """
    guard = _Guard(live=live)
    for batch in batched(documents):
        guard.walk(batch, using or alias_of(batch[0]))
    guard.finish()


def alias_of(document: Any) -> str:
    """Return the alias that a document is written to."""
    return router.db_for_write(type(document), instance=document)


def batched(documents: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the documents in lists of bounded length."""
    batch: list[Any] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def by_class(documents: Iterable[Any]) -> dict[Any, list[Any]]:
    """Return the documents by their class."""
    found: dict[Any, list[Any]] = {}
    for document in documents:
        found.setdefault(type(document), []).append(document)
    return found


def referring(
    referrer: Referrer, documents: list[Any], *, using: str | None = None, live: bool = False
) -> Any:
    """
    Return the documents that refer to some of one class.

    `using` is the alias of these; with `live`, those of the default manager.
    """
    keys = stored_keys(referrer, documents)
    manager = referrer.model._default_manager if live else referrer.model._base_manager
    origin = using or alias_of(documents[0])
    queryset = manager.using(referrer.alias_beside(type(documents[0]), origin))
    # What a message shows of one of them is not to be read for all of them.
    queryset = queryset.without_hooks().order_by().fetch_mode(FetchMode.ONE)
    return queryset.raw_filter(referrer.condition(keys)) if keys else queryset.none()


def only_keys(queryset: Any) -> Any:
    """Return the queryset of documents with no more than what others refer to them by."""
    model = queryset.model
    names = {model._meta.pk.name}
    for member in (model, *model._meta.children.values()):
        names |= {referrer.field.target_field.name for referrer in referrers(member)}
    return queryset.only(*sorted(names))


class _Restricted(NamedTuple):
    """A document that refers by RESTRICT, by its key and alias, to one of a group."""

    referrer: Referrer
    key: Any
    alias: str
    group: list[Any]


#: Documents of one or several classes, and the alias that they are on.
Reached = tuple[list[Any], str]


class _Guard:
    """One walk through all that a deletion reaches."""

    def __init__(self, *, live: bool) -> None:
        self.live = live
        self.keeps_keys = False
        #: What is deleted, by identity, where that has to be known.
        self.seen: set[Any] = set()
        #: What refers by RESTRICT and was not seen before, by identity.
        self.restricted: dict[Any, _Restricted] = {}

    def walk(self, documents: list[Any], alias: str) -> None:
        """Look at some of the documents that are to be deleted, and at what goes with them."""
        cascades = [cascade_of(model) for model in by_class(documents)]
        if not any(cascade.is_guarded for cascade in cascades):
            return
        self.keeps_keys |= any(
            cascade.is_circular or OnDelete.RESTRICT in cascade.rules for cascade in cascades
        )
        # A stack in place of a recursion, which a long chain of documents would end.
        stack = [self._steps(self._new(documents), alias)]
        while stack:
            reached = next(stack[-1], None)
            if reached is None:
                stack.pop()
            else:
                stack.append(self._steps(*reached))

    def finish(self) -> None:
        """Raise RestrictedError if something refers by RESTRICT and is not deleted as well."""
        left = [found for identity, found in self.restricted.items() if identity not in self.seen]
        if not left:
            return
        first = left[0]
        referrer = first.referrer
        keys = [found.key for found in left if found.referrer is referrer][:NAMED]
        queryset = referrer.model._base_manager.using(first.alias).without_hooks()
        blocking = list(queryset.raw_filter({"_id": {"$in": keys}}))
        document = _referred(referrer, first.group, blocking[0]) if blocking else first.group[0]
        raise RestrictedError(_message(referrer, document, "restricted"), set(blocking))

    def _steps(self, documents: list[Any], alias: str) -> Iterator[Reached]:
        """Look at what refers to `documents`; yield those that would be deleted with them."""
        for model, group in by_class(documents).items():
            for referrer in referrers(model):
                if referrer.rule is OnDelete.PROTECT:
                    self._refuse(referrer, group, alias)
                elif referrer.rule is OnDelete.RESTRICT:
                    self._note(referrer, group, alias)
                elif referrer.rule is OnDelete.CASCADE:
                    yield from self._follow(referrer, group, alias)

    def _follow(self, referrer: Referrer, group: list[Any], alias: str) -> Iterator[Reached]:
        if not (self.keeps_keys or cascade_of(referrer.model).is_guarded):
            return
        found = only_keys(referring(referrer, group, using=alias, live=self.live))
        for batch in batched(found.iterator(BATCH)):
            if new := self._new(batch):
                yield new, referrer.alias_beside(type(group[0]), alias)

    def _new(self, documents: list[Any]) -> list[Any]:
        """Return those that were not met before."""
        if not self.keeps_keys:
            return documents
        new = [document for document in documents if identity_of(document) not in self.seen]
        self.seen.update(map(identity_of, new))
        return new

    def _refuse(self, referrer: Referrer, group: list[Any], alias: str) -> None:
        blocking = list(referring(referrer, group, using=alias, live=self.live)[:NAMED])
        if blocking:
            document = _referred(referrer, group, blocking[0])
            raise ProtectedError(_message(referrer, document, "protected"), set(blocking))

    def _note(self, referrer: Referrer, group: list[Any], alias: str) -> None:
        beside = referrer.alias_beside(type(group[0]), alias)
        found = only_keys(referring(referrer, group, using=alias, live=self.live))
        for document in found.iterator(BATCH):
            identity = identity_of(document)
            if identity not in self.seen:
                key = document._stored_pk()
                self.restricted[identity] = _Restricted(referrer, key, beside, group)


def _referred(referrer: Referrer, group: list[Any], blocking: Any) -> Any:
    """Return which of `group` it is that a document refers to."""
    held = list(values_at(blocking.to_mongo(), referrer.steps))
    is_held = (d for d in group if any(key in held for key in stored_keys(referrer, [d])))
    return next(is_held, group[0])


def _message(referrer: Referrer, document: Any, kind: str) -> str:
    return (
        f"Cannot delete {document._meta.verbose_name} {document}: it is referenced "
        f"through the {kind} field {referrer.label}."
    )
