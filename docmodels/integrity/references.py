"""Find references that lead nowhere, and mend them by their rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, cast

from bson import Decimal128
from django.db.models import ProtectedError, RestrictedError

from docmodels.conf import docmodels_settings
from docmodels.connections import connections, router
from docmodels.connections.collections import collection_of
from docmodels.constants import ATOMS
from docmodels.documents.deletion import delete_queryset
from docmodels.documents.referrers import (
    REWRITING,
    OnDelete,
    Referrer,
    references,
    target_of,
)
from docmodels.documents.rewriting import change_of, send
from docmodels.integrity.running import Check, Finding
from docmodels.integrity.scanning import encoded
from docmodels.query.keypaths import values_at


class ReferenceCheck(Check):
    """All the references of one document class."""

    kind = "references"

    def __init__(
        self,
        model: Any,
        using: str | None = None,
        *,
        mend: bool = False,
        rule: OnDelete | None = None,
    ) -> None:
        super().__init__(model, using, mend=mend)
        #: What is done with broken ones in place of what each field declares.
        self.rule = rule
        #: The paths, each with the references to the classes that its keys may be of.
        self.paths = [(r, list(_toward_targets(r))) for r in references(model)]
        self.paths = [(referrer, toward) for referrer, toward in self.paths if toward]
        #: Those whose class a field beside them tells.
        self.told = [r for r in references(model) if r.field.is_dynamic and r.field.kind_field]
        self.keys = {referrer.steps[0] for referrer in (*(r for r, _t in self.paths), *self.told)}
        for referrer in self.told:
            kind = referrer.field.model._meta.by_name.get(referrer.field.kind_field)
            if kind is not None and referrer.inside == referrer.steps:
                self.keys.add(kind.db_field)

    def __bool__(self) -> bool:
        return bool(self.paths or self.told)

    def rule_of(self, referrer: Referrer) -> OnDelete:
        """Return what mending does with broken references of a path."""
        return self.rule or referrer.rule

    def look(self, raws: list[dict[str, Any]]) -> Iterable[Finding]:
        """Yield what is broken in some stored documents."""
        for referrer, toward in self.paths:
            missing: dict[Any, Any] = {}
            for raw in raws:
                missing |= {identity(key): key for key in values_at(raw, referrer.steps)}
            for one in toward:
                missing = self._missing(one, missing)
            if not missing:
                continue
            broken = [
                raw["_id"]
                for raw in raws
                if any(identity(key) in missing for key in values_at(raw, referrer.steps))
            ]
            finding = Finding(referrer.label, self.rule_of(referrer).name, broken)
            if self.mend:
                self._mend(toward[0], finding, list(missing.values()))
            yield finding
        for referrer in self.told:
            yield from self._look_by_class(referrer, raws)

    def _look_by_class(self, referrer: Referrer, raws: list[dict[str, Any]]) -> Iterable[Finding]:
        """Yield what is broken where each document tells the class."""
        held: dict[Any, dict[Any, Any]] = {}
        for raw in raws:
            for field, key in _told_keys(referrer, raw):
                held.setdefault(field, {})[identity(key)] = key
        missing = {
            field: self._missing(referrer._replace(field=field), keys)
            for field, keys in held.items()
        }
        broken = [
            raw["_id"]
            for raw in raws
            if any(identity(key) in missing[field] for field, key in _told_keys(referrer, raw))
        ]
        if not broken:
            return
        finding = Finding(referrer.label, self.rule_of(referrer).name, broken)
        if self.mend:
            for field, keys in missing.items():
                if keys:
                    model = field.related_model
                    self._mend(referrer.toward(model, [model]), finding, list(keys.values()))
        yield finding

    def _missing(self, referrer: Referrer, held: dict[Any, Any]) -> dict[Any, Any]:
        """Return those of the keys that lead to no document, by identity."""
        target = target_of(referrer.field)
        is_beside = router.db_for_write(self.model) == router.db_for_write(target)
        alias = self.alias if is_beside else router.db_for_read(target)
        missing = self._not_found(referrer, held, alias)
        writing = self.writing_alias if is_beside else router.db_for_write(target)
        if missing and writing != alias:
            # A replica may be behind; what was just stored is not broken.
            missing = self._not_found(referrer, missing, writing)
        return missing

    def _not_found(self, referrer: Referrer, held: dict[Any, Any], alias: str) -> dict[Any, Any]:
        target, field = target_of(referrer.field)._meta, referrer.field.target_field
        connection = connections[alias]
        collection = collection_of(target, connection, fresh=alias == self.writing_alias)
        missing = dict(held)
        keys, size = list(held.values()), docmodels_settings.POPULATE_BATCH
        for start in range(0, len(keys), size):
            where = {field.db_field: {"$in": keys[start : start + size]}}
            with connection.wrap_errors:
                found = collection.find(
                    {**where, **target.discriminator_filter}, {"_id": 0, field.db_field: 1}
                )
                for raw in found:
                    missing.pop(identity(raw.get(field.db_field)), None)
        return missing

    def _mend(self, referrer: Referrer, finding: Finding, keys: list[Any]) -> None:
        rule, ids = self.rule_of(referrer), {"_id": {"$in": finding.ids}}
        alias = self.writing_alias
        if rule in REWRITING:
            change = change_of(referrer, keys, rule)
            where = {"$and": [ids, change.where]}
            finding.mended += send(referrer, change._replace(where=where), alias)
        elif rule is OnDelete.CASCADE:
            manager = referrer.model._base_manager.using(alias).without_hooks()
            queryset = manager.raw_filter({"$and": [ids, referrer.condition(keys)]})
            try:
                count, labels = delete_queryset(queryset, alias)
            except (ProtectedError, RestrictedError) as error:
                finding.refusal = str(error.args[0])
            else:
                finding.mended += labels.get(referrer.model._meta.label, count)
        # One that is broken in several ways is one.
        finding.mended = min(finding.mended, len(finding.ids))


def _toward_targets(referrer: Referrer) -> Iterator[Referrer]:
    """Yield the reference to each class that a key may be of, where nothing beside it tells."""
    field: Any = referrer.field
    if not field.is_dynamic:
        if target_of(field) is not None:
            yield referrer
    elif field.kind_field is None:
        for model in field.declared_targets():
            yield referrer.toward(model, [model])


def _told_keys(referrer: Referrer, raw: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the keys of a stored document, each with the reference to the class that is told."""
    inside, field = referrer.inside, cast("Any", referrer.field)
    around = referrer.steps[: len(referrer.steps) - len(inside)]
    for holder in values_at(raw, around) if around else (raw,):
        if isinstance(holder, dict):
            toward = field.toward_stored(holder)
            if not toward.is_dynamic:
                for key in values_at(holder, inside):
                    yield toward, key


def identity(key: Any) -> Any:
    """Return what two keys have in common that are equal to the server."""
    if isinstance(key, Decimal128):
        decimal: Decimal = key.to_decimal()
        return decimal
    if key.__class__ is bool:
        # Python finds True == 1.
        return bool, key
    return key if key.__class__ in ATOMS else encoded(key)
