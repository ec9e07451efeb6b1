"""Find copies that are not in step with what they were copied from, and bring them in step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docmodels.conf import docmodels_settings
from docmodels.connections import connections
from docmodels.connections.collections import collection_of
from docmodels.documents.copying import copied_values, copy_of
from docmodels.documents.referrers import Referrer, references, target_of
from docmodels.documents.spreading import place
from docmodels.integrity.running import Check, Finding
from docmodels.query.keypaths import pairs_at
from docmodels.queryset.populating import identify


class CopyCheck(Check):
    """
    All the copies beside references of one document class.

    Copies of a document that is not there any more are left as they are.
    """

    kind = "copies"

    def __init__(self, model: Any, using: str | None = None, *, mend: bool = False) -> None:
        super().__init__(model, using, mend=mend)
        self.referrers = [
            referrer
            for referrer in references(model)
            if referrer.field.copies and target_of(referrer.field) is not None
        ]
        self.keys = {referrer.steps[0] for referrer in self.referrers}
        # Beside a reference of the document itself they are a field of their own.
        self.keys |= {copy_of(r).db_field for r in self.referrers if len(r.steps) == 1}

    def __bool__(self) -> bool:
        return bool(self.referrers)

    def look(self, raws: list[dict[str, Any]]) -> Iterable[Finding]:
        """Yield what is behind in some stored documents."""
        for referrer in self.referrers:
            stale = self._stale(referrer, raws, self.alias)
            if stale and self.alias != self.writing_alias:
                # A replica may be behind; what is stored by now counts.
                stale = self._stale(referrer, self._read(stale), self.writing_alias)
            if stale:
                finding = Finding(f"{referrer.label}, copies", "COPY", list(stale))
                if self.mend:
                    self._mend(referrer, stale)
                    finding.mended = len(stale)
                yield finding

    def _stale(
        self, referrer: Referrer, raws: list[dict[str, Any]], alias: str
    ) -> dict[Any, list[tuple[Any, dict[str, Any]]]]:
        """Return the keys whose copies are behind, with the values, by the documents' `_id`."""
        name, field = copy_of(referrer).db_field, referrer.field
        held = {
            identify(field, key): key
            for raw in raws
            for key, _copy in pairs_at(raw, referrer.steps, name)
        }
        values: dict[Any, dict[str, Any]] = {}
        keys, size = list(held.values()), docmodels_settings.POPULATE_BATCH
        for start in range(0, len(keys), size):
            values |= copied_values(referrer, keys[start : start + size], alias)
        stale: dict[Any, list[tuple[Any, dict[str, Any]]]] = {}
        for raw in raws:
            for key, copy in pairs_at(raw, referrer.steps, name):
                value = values.get(identify(field, key))
                if value is not None and copy != value:
                    stale.setdefault(raw["_id"], []).append((key, value))
        return stale

    def _read(self, ids: Iterable[Any]) -> list[dict[str, Any]]:
        connection = connections[self.writing_alias]
        with connection.wrap_errors:
            return list(
                collection_of(self.model._meta, connection, fresh=True).find(
                    {"_id": {"$in": list(ids)}}, dict.fromkeys(self.keys, 1)
                )
            )

    def _mend(self, referrer: Referrer, stale: dict[Any, list[tuple[Any, dict[str, Any]]]]) -> None:
        by_key: dict[Any, tuple[Any, dict[str, Any], list[Any]]] = {}
        for pk, pairs in stale.items():
            for key, value in pairs:
                identity = identify(referrer.field, key)
                by_key.setdefault(identity, (key, value, []))[2].append(pk)
        for key, value, ids in by_key.values():
            place(referrer, [key], value, self.writing_alias, ids)
