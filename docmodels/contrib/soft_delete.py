"""
Documents that are marked as deleted instead of being removed.

`SoftDelete` is an abstract base, and a plugin for `Meta.plugins` or
`DOCMODELS["PLUGINS"]`. Whatever begins at `objects` leaves the deleted ones
out: finds, counts, aggregates, references that are followed.

A unique index knows nothing of it: where a value may be used again, give the
index `partial=Q(deleted_at=None)`.

Of the rules of `on_delete`, `delete()` keeps those that can be taken back:
PROTECT and RESTRICT refuse it, CASCADE marks what refers to the document, where
that is a SoftDelete as well, and `restore()` brings it back. All the others,
such as SET_NULL, wait for `hard_delete()`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.dispatch import receiver
from django.utils import timezone

from docmodels import documents
from docmodels.connections import connections, router
from docmodels.connections.twins import twin
from docmodels.documents import ops
from docmodels.documents.hooks import Run
from docmodels.documents.protection import (
    BATCH,
    cascade_of,
    identity_of,
    protect,
    referring,
)
from docmodels.documents.referrers import OnDelete, Referrer, referrers
from docmodels.queryset.guarded import narrowed, total_deleted
from docmodels.queryset.hooking import hooked
from docmodels.signals import class_prepared

D = TypeVar("D")


class SoftDeleteQuerySet(documents.QuerySet[D]):
    """A queryset whose `delete()` marks; `restore()` and `hard_delete()`."""

    @hooked("delete")
    @narrowed(combine=total_deleted)
    def delete(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """
        Mark what matches as deleted; return the number, also by label.

        One by one, read in batches, only where the class has hooks of deletion, or is referred
        to with a rule.
        """
        self._refuse_cut("delete")
        self._refuse_all("delete", allow_all)
        meta = self.model._meta
        live: Any = self.filter(deleted_at=None)
        if "delete" in meta.hooks or meta.embeds_hooks or any(_rules(self.model)):
            if cascade_of(self.model).is_guarded:
                protect(live.iterator(BATCH), using=self.db, live=True)
            marking = _Marking()
            for document in live.iterator(BATCH):
                marking.run(document, self._db)
            self._result_cache = None
            return marking.counts.total(), dict(marking.counts)
        count = live.without_hooks().update(deleted_at=timezone.now(), allow_all=True)
        self._result_cache = None
        return count, {meta.label: count} if count else {}

    def _delete_by_rules(self, action: str) -> Any:
        meta = self.model._meta
        live: Any = self.filter(deleted_at=None)
        if "delete" in meta.hooks or meta.embeds_hooks or any(_rules(self.model)):
            return super(SoftDeleteQuerySet, live)._delete_by_rules(action)
        # In one command, so that of several who take at once each gets another document.
        return live.without_hooks().find_one_and_update(deleted_at=timezone.now())

    def restore(self, *, allow_all: bool = False) -> int:
        """Take the marks away from what matches; return the number."""
        self._refuse_all("restore", allow_all)
        marked: Any = self.filter(deleted_at__isnull=False)
        if any(_rules(self.model)):
            restoring = _Restoring()
            for document in marked.iterator(BATCH):
                restoring.run(document, self._db)
            return restoring.count
        count: int = marked.update(deleted_at=ops.Unset(), allow_all=True)
        return count

    def hard_delete(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """Remove what matches, with the rules of references to it."""
        return super().delete(allow_all=allow_all)

    arestore = twin(restore)
    ahard_delete = twin(hard_delete)


class SoftDeleteManager(documents.Manager.from_queryset(SoftDeleteQuerySet)):  # type: ignore[misc]
    """A manager that leaves deleted documents out unless asked for them."""

    def get_queryset(self) -> Any:
        """Return what is not deleted."""
        return self._narrowed(deleted_at=None)

    def with_deleted(self) -> Any:
        """Return all documents, deleted or not."""
        return super().get_queryset()

    def only_deleted(self) -> Any:
        """Return the deleted documents."""
        return self._narrowed(deleted_at__isnull=False)

    def _narrowed(self, **conditions: Any) -> Any:
        queryset = super().get_queryset().filter(**conditions)
        # It is no filter that anybody gave: an update of all still has to say so.
        queryset.query.unfiltered = queryset.query.where
        return queryset


class SoftDelete(documents.Document):
    """A document that `delete()` marks as deleted."""

    deleted_at = documents.DateTimeField(blank=True, null=True, editable=False)

    objects = SoftDeleteManager()

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        """Return whether the document is marked."""
        return self.deleted_at is not None

    def delete(self, using: str | None = None, *, hooks: bool = True) -> tuple[int, dict[str, int]]:
        """
        Mark the document as deleted, with its hooks; return the number, also by label.

        What refers to it by CASCADE is marked too, with the same moment; one that
        refers to it by PROTECT raises Django's ProtectedError. Other changes are not
        saved. It is a save of one field to signals: what cleans up after a deletion
        waits for `hard_delete()`.
        """
        if self._state.adding:
            return super().delete(using, hooks=hooks)
        if self.is_deleted:
            return 0, {}
        protect([self], using=using, live=True)
        marking = _Marking(hooks=hooks)
        marking.run(self, using)
        return marking.counts.total(), dict(marking.counts)

    def _mark(self, alias: str, moment: Any) -> None:
        self.deleted_at = moment
        try:
            self.save(update_fields=["deleted_at"], using=alias, validate=False, hooks=False)
        except Exception:
            del self.deleted_at
            raise

    def restore(self, using: str | None = None) -> int:
        """
        Take the mark away, and those that CASCADE made; return the number of documents.

        Other changes are not saved.
        """
        restoring = _Restoring()
        restoring.run(self, using)
        return restoring.count

    def _unmark(self, using: str | None) -> None:
        before = self.deleted_at
        del self.deleted_at
        try:
            self.save(update_fields=["deleted_at"], using=using, validate=False, hooks=False)
        except Exception:
            self.deleted_at = before
            raise

    def hard_delete(
        self, using: str | None = None, *, hooks: bool = True
    ) -> tuple[int, dict[str, int]]:
        """Remove the document, with the rules of references to it."""
        return super().delete(using, hooks=hooks)

    arestore = twin(restore)
    ahard_delete = twin(hard_delete)


class _Walk(ABC):
    """A walk from documents to those that refer to them by CASCADE."""

    def __init__(self) -> None:
        #: What was met, where classes refer to each other in a circle.
        self._met: set[Any] = set()

    def run(self, document: Any, using: str | None) -> None:
        """Do it to a document and all behind it, unless it was met before."""
        # A stack in place of a recursion, which a long chain of documents would end.
        stack = [self._steps(document, using)]
        while stack:
            reached = next(stack[-1], None)
            if reached is None:
                stack.pop()
            else:
                stack.append(self._steps(reached, None))

    def _is_new(self, document: Any) -> bool:
        model: Any = type(document)
        if not cascade_of(model).is_circular:
            return True
        identity = identity_of(document)
        if identity in self._met:
            return False
        self._met.add(identity)
        return True

    @abstractmethod
    def _steps(self, document: Any, using: str | None) -> Iterator[Any]:
        """Do it to one document; yield those that are to follow."""


class _Marking(_Walk):
    """Mark documents as deleted, all with the same moment."""

    def __init__(self, *, hooks: bool = True) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._moment = timezone.now()
        self._hooks = hooks

    def _steps(self, document: Any, using: str | None) -> Iterator[Any]:
        if not self._is_new(document):
            return
        cls = type(document)
        alias = using or router.db_for_write(cls, instance=document)
        connections[alias].require_writable(f"{cls._meta.label}.delete()")
        run = Run(document, enabled=self._hooks)
        try:
            run.pre("delete")
            document._mark(alias, self._moment)
        except Exception as error:
            run.error("delete", error)
            raise
        self.counts[cls._meta.label] += 1
        for referrer in _cascades(cls):
            yield from referring(referrer, [document], using=alias, live=True).iterator(BATCH)
        run.post("delete")


class _Restoring(_Walk):
    """Take marks away, and those that were made in the same moment behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def _steps(self, document: Any, using: str | None) -> Iterator[Any]:
        before = document.deleted_at
        if before is None or not self._is_new(document):
            return
        document._unmark(using)
        self.count += 1
        for referrer in _cascades(type(document)):
            for found in referring(referrer, [document], using=using).iterator(BATCH):
                if found.deleted_at == before:
                    yield found


def _rules(model: Any) -> Iterator[Referrer]:
    """Yield the references that a soft deletion has to look at."""
    for member in (model, *model._meta.children.values()):
        for referrer in referrers(member):
            if referrer.rule in {OnDelete.PROTECT, OnDelete.RESTRICT}:
                yield referrer
        yield from _cascades(member)


def _cascades(model: Any) -> Iterator[Referrer]:
    for referrer in referrers(model):
        if referrer.rule is OnDelete.CASCADE and issubclass(referrer.model, SoftDelete):
            yield referrer


@receiver(class_prepared)
def check_manager(sender: Any, **kwargs: Any) -> None:
    """Refuse a default manager that would show deleted documents."""
    if issubclass(sender, SoftDelete) and not isinstance(
        sender._default_manager, SoftDeleteManager
    ):
        manager = sender._default_manager
        raise ImproperlyConfigured(
            f"{sender.__name__}.{manager.name}: a {type(manager).__name__}, expected a subclass of "
            f"SoftDeleteManager as the default manager."
        )
