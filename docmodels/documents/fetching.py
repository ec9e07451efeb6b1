"""Load what a reference leads to when it is read without having been populated."""

from __future__ import annotations

from typing import Any

from docmodels.connections.bridging import arun
from docmodels.constants import PATH_SEP
from docmodels.queryset.accessing import fetch_reference


class Refers:
    """The part of documents and embedded documents that follows references."""

    __slots__ = ()

    async def afetch(self: Any, path: str) -> Any:
        """
        Return what is at a dotted path of names, None where nothing is.

        What is not loaded yet is loaded: the document of a reference (for all
        the documents of the result, as their fetch mode says), those of a
        reverse relation, a field that the query left out.
        """
        return await arun(_follow, self, path)

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
            field.note_assigned(self, value)
            self._remember_reference(field, getattr(self, field.attname), value)


def _follow(document: Any, path: str) -> Any:
    """Read the attributes, elements and values of a path, one after the other."""
    found = document
    for part in path.split(PATH_SEP):
        if hasattr(found, "_meta"):
            found = getattr(found, part)
        elif isinstance(found, list):
            found = found[int(part)] if part.isdecimal() and int(part) < len(found) else None
        elif found is not None:
            found = found.get(part)
    return found
