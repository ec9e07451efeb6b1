"""
Revisions: what each save and deletion of a document changed, and by whom.

`Historic` is an abstract base, and a plugin for `Meta.plugins` or
`DOCMODELS["PLUGINS"]`. Revisions are documents in `<collection>_history`,
written right after what they tell of, in the same transaction where there is
one. Updates of querysets and bulk writes are not recorded, nor are hidden
fields.

Who did it is what `set_actor()` said, or `acting()` for a block; with
`ActorMiddleware` it is the user of the request.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.dispatch import receiver
from django.utils import timezone

from docmodels import documents, signals
from docmodels.connections import connections
from docmodels.connections.twins import twin
from docmodels.documents.metaclass import DocumentMetaclass
from docmodels.exceptions import DuplicateKey
from docmodels.fields import ANY
from docmodels.tracking import MISSING, UNKNOWN, is_safe_key, same, stored_value
from docmodels.transaction import current_session, in_transaction

Raw = dict[str, Any]

#: How often a number is tried again that somebody else was faster to take.
ATTEMPTS = 5

_actor: ContextVar[Any] = ContextVar("docmodels_actor", default=None)

# What a document carries between the two signals of one write.
_BEFORE = "_history_before"
_ACTION = "_history_action"


def set_actor(actor: Any) -> Token[Any]:
    """Say who writes from now on, in this thread or task: a user or a name."""
    return _actor.set(actor)


def get_actor() -> Any:
    """Return the name of who writes, None where nobody said."""
    actor = _actor.get()
    if callable(actor):
        actor = actor()
    if hasattr(actor, "get_username"):
        return actor.get_username() or None
    return actor


@contextlib.contextmanager
def acting(actor: Any) -> Iterator[None]:
    """Say who writes inside of the block."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


class ActorMiddleware:
    """Say that the user of the request writes; put it behind Django's authentication."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        # Asked for when something is written: most requests need no user.
        with acting(lambda: getattr(request, "user", None)):
            return self.get_response(request)


class Change(documents.EmbeddedDocument):
    """One changed path, in stored keys; what was missing has no value."""

    path = documents.CharField()
    old = documents.AnyField(blank=True, null=True)
    new = documents.AnyField(blank=True, null=True)


class Revision(documents.Document):
    """One write of a document."""

    document = documents.AnyField()
    number = documents.IntegerField()
    #: "create", "change", "revert" or "delete".
    action = documents.CharField(max_length=10)
    at = documents.DateTimeField()
    by = documents.AnyField(blank=True, null=True)
    changes = documents.EmbeddedListField(Change)

    class Meta:
        abstract = True
        ordering = ["-number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.number} ({self.action})"


class Historic(documents.Document):
    """A document whose changes are recorded."""

    #: The class of the revisions.
    history_model: ClassVar[Any]

    class Meta:
        abstract = True

    def history(self, using: str | None = None) -> Any:
        """Return the revisions of the document, the newest first."""
        return _revisions(self, using or self._state.db)

    def revert(self, to: Any, using: str | None = None) -> None:
        """
        Save the document as it was after a revision, given by object or number.

        Only what changed since is written; hidden and immutable fields stay.
        """
        number = to.number if isinstance(to, Revision) else to
        revisions = self.history(using)
        if not revisions.filter(number=number).exists():
            raise self.history_model.DoesNotExist(
                f"{self._meta.object_name}.revert(): no revision {number!r} of this document."
            )
        self.refresh_from_db(using=using)
        raw = self.to_mongo()
        for revision in revisions.filter(number__gt=number):
            for change in reversed(revision.changes):
                _put_back(raw, change)
        _assign(self, raw)
        self.__dict__[_ACTION] = "revert"
        try:
            self.save(using=using)
        finally:
            self.__dict__.pop(_ACTION, None)

    arevert = twin(revert)


def diff(before: Raw, after: Raw) -> list[Raw]:
    """Return what differs between two stored forms, by dotted path of keys."""
    found: list[Raw] = []
    _diff(before, after, "", found)
    return found


def _diff(old: Any, new: Any, path: str, found: list[Raw]) -> None:
    if same(old, new):
        return
    prefix = f"{path}." if path else ""
    # Without a path there is nothing to replace as a whole.
    named = not path or all(map(is_safe_key, (*old, *new))) if _both(dict, old, new) else False
    if named and (not path or (old and new)):
        for key in dict.fromkeys((*old, *new)):
            _diff(old.get(key, MISSING), new.get(key, MISSING), f"{prefix}{key}", found)
    elif _both(list, old, new) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            _diff(one, other, f"{prefix}{index}", found)
    else:
        change = {"path": path}
        if old is not MISSING:
            change["old"] = old
        if new is not MISSING:
            change["new"] = new
        found.append(change)


def _both(kind: type, old: Any, new: Any) -> bool:
    return isinstance(old, kind) and isinstance(new, kind)


def _put_back(raw: Raw, change: Change) -> None:
    """Undo one change in a stored form."""
    *parents, last = change.path.split(".")
    place: Any = raw
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    if change.is_set("old"):
        place[int(last) if isinstance(place, list) else last] = ANY.get_prep_value(change.old)
    else:
        place.pop(last, None)


def _assign(document: Any, raw: Raw) -> None:
    wanted = type(document).from_mongo(raw)
    for field in document._meta.fields:
        if field.primary_key or field.immutable or field.hidden:
            continue
        value = wanted._slot_value(field)
        if value is not MISSING:
            setattr(document, field.attname, value)
        elif document.is_set(field.name):
            delattr(document, field.attname)
    kept = dict(wanted.undeclared)
    for key in document.undeclared.keys() - kept:
        del document.undeclared[key]
    document.undeclared.update(
        {k: v for k, v in kept.items() if not same(document.undeclared.get(k, MISSING), v)}
    )


# Recording


def _revisions(document: Any, using: str | None) -> Any:
    model = document.history_model
    queryset = model._default_manager.using(using) if using else model._default_manager.all()
    return queryset.filter(document=document._meta.pk.get_prep_value(document.pk))


def _visible(document: Any, raw: Raw) -> Raw:
    meta = document._meta
    left_out = {field.db_field for field in meta.fields if field.hidden}
    left_out |= {"_id", meta.version_key, meta.schema_key}
    return {key: value for key, value in raw.items() if key not in left_out}


def _original(document: Any) -> Raw:
    """Return the stored form as far as it was loaded."""
    raw: Raw = {}
    for field in document._meta.fields:
        value = document._changed.get(field.name, MISSING)
        if field.name not in document._changed:
            value = MISSING if field.name in document._defaulted else document._slot_value(field)
        if value is not MISSING and value is not UNKNOWN:
            stored = stored_value(value, field)
            if stored is not MISSING:
                raw[field.db_field] = stored
    undeclared = document.undeclared.original()
    return raw | ({} if undeclared is MISSING else undeclared)


def _read_unknown(document: Any, using: str) -> Raw:
    """Read what was assigned to without having been loaded."""
    meta = document._meta
    keys = [
        meta.get_field(name).db_field for name, old in document._changed.items() if old is UNKNOWN
    ]
    if not keys:
        return {}
    connection = connections[using]
    with connection.wrap_errors:
        found = connection.collection(meta.collection).find_one(
            {"_id": document._stored_pk()}, keys, session=current_session(using)
        )
    return found or {}


def _remember(sender: Any, instance: Any, using: str, **kwargs: Any) -> None:
    before: Raw = {}
    if not instance._state.adding:
        before = _original(instance) | _read_unknown(instance, using)
    instance.__dict__[_BEFORE] = _visible(instance, before)


def _record_save(sender: Any, instance: Any, created: bool, using: str, **kwargs: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, {})
    after = _visible(instance, instance.to_mongo())
    names = kwargs.get("update_fields")
    if names is not None:
        # What was changed and not saved is no part of it.
        keys = {f.db_field for f in instance._meta.fields if f.name in names}
        after = {k: v for k, v in {**before, **after}.items() if k in keys} | {
            k: v for k, v in before.items() if k not in keys
        }
    changes = diff(before, after)
    if changes or created:
        action = "create" if created else instance.__dict__.get(_ACTION, "change")
        _record(instance, action, changes, using)


def _record_delete(sender: Any, instance: Any, using: str, **kwargs: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, {})
    _record(instance, "delete", diff(before, {}), using)


def _record(document: Any, action: str, changes: list[Raw], using: str) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        last = _revisions(document, using).values_list("number", flat=True).first()
        revision = document.history_model(
            document=document.pk,
            number=(last or 0) + 1,
            action=action,
            at=timezone.now(),
            by=get_actor(),
        )
        # Taken as they are stored: keys that nobody may give are among them.
        revision.changes = [Change.from_mongo(change) for change in changes]
        try:
            revision.save(using=using, validate=False, force_insert=True)
        except ValidationError as error:
            taken = isinstance(error.__cause__, DuplicateKey)
            if not taken or attempt == ATTEMPTS or in_transaction(using):
                raise
        else:
            return


@receiver(signals.class_prepared)
def prepare(sender: Any, **kwargs: Any) -> None:
    """Give a historic class the class of its revisions, and listen to it."""
    if not issubclass(sender, Historic):
        return
    if issubclass(sender, Revision):
        return
    if sender._meta.parent is None:
        sender.history_model = _make_model(sender)
    for signal in (signals.pre_save, signals.pre_delete):
        signal.connect(_remember, sender=sender, dispatch_uid="docmodels.history")
    signals.post_save.connect(_record_save, sender=sender, dispatch_uid="docmodels.history")
    signals.post_delete.connect(_record_delete, sender=sender, dispatch_uid="docmodels.history")


def _make_model(cls: Any) -> Any:
    meta = cls._meta
    if meta.timeseries or meta.capped:
        raise ImproperlyConfigured(
            f"{meta.object_name}: a history of measurements or of a capped collection, expected a "
            f"collection whose documents change."
        )
    options = {
        "app_label": meta.app_label,
        "collection": f"{meta.collection}_history",
        "db_alias": meta.db_alias,
        "indexes": [documents.Index(fields=["document", "-number"], unique=True)],
        "verbose_name": f"revision of {meta.verbose_name_raw}",
        "verbose_name_plural": f"revisions of {meta.verbose_name_raw}",
    }
    return DocumentMetaclass(
        f"{cls.__name__}Revision",
        (Revision,),
        {
            "__module__": cls.__module__,
            "__doc__": f"One write of a {cls.__name__}.",
            "Meta": type("Meta", (Revision.Meta,), options),
        },
    )
