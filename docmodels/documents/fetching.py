"""Load what a reference leads to when it is read without having been populated."""

from __future__ import annotations

from typing import Any

from docmodels.queryset.populating import fetch_reference


class Refers:
    """The part of documents and embedded documents that follows references."""

    __slots__ = ()

    def _load_reference(self: Any, field: Any) -> Any:
        """Return the document that `field` refers to; raise its `DoesNotExist`."""
        key = getattr(self, field.attname)
        if key is None:
            return None
        found = fetch_reference(self, field, key)
        self._remember_reference(field, key, found)
        return found

    def _remember_reference(self: Any, field: Any, key: Any, document: Any) -> None:
        self._set_related(self, {**self._related, field.name: (key, document)})

    def _remember_assigned(self: Any, field: Any, value: Any) -> None:
        """Keep the document that was assigned, so that reading it sends nothing."""
        if field.name not in self._errors and field.is_document(value):
            self._remember_reference(field, getattr(self, field.attname), value)
