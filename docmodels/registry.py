"""Know every document class, by label, also ones that are declared later."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any


class Registry:
    """Document classes by `app_label.model_name`, as `django.apps` for models."""

    def __init__(self) -> None:
        self._documents: dict[str, type[Any]] = {}
        self._embedded: dict[str, type[Any]] = {}
        self._waiting: dict[str, list[Callable[[type[Any]], None]]] = {}

    def register(self, document: type[Any], *, embedded: bool = False) -> None:
        """Add a class; a class of the same label and module replaces it."""
        label = document._meta.label_lower
        store = self._embedded if embedded else self._documents
        known = store.get(label)
        if known is not None and not embedded and not _is_reload(known, document):
            raise RuntimeError(
                f"Conflicting documents {label!r}: {known.__module__}.{known.__qualname__} and "
                f"{document.__module__}.{document.__qualname__}. Give one of them another name "
                f"or Meta.app_label."
            )
        store[label] = document
        for callback in self._waiting.pop(label, ()):
            callback(document)

    def documents(self) -> list[type[Any]]:
        """Return all concrete document classes, in order of declaration."""
        return list(self._documents.values())

    def get(self, label: str) -> type[Any]:
        """Return the class of `"app_label.Name"`; raise LookupError."""
        found = self._documents.get(label.lower())
        if found is None:
            raise LookupError(f"No document {label!r} is declared.{self._hint(label)}")
        return found

    def _hint(self, label: str) -> str:
        # By the name alone, as the app's label makes all look alike; in the same app first.
        app, _dot, name = label.lower().rpartition(".")
        metas = [cls._meta for cls in self.documents()]
        for near in ([meta for meta in metas if meta.app_label.lower() == app], metas):
            labels = {meta.model_name: meta.label for meta in near}
            found = difflib.get_close_matches(name, labels, n=1)
            if found:
                return f" Did you mean {labels[found[0]]!r}?"
        return ""

    def when_declared(self, label: str, callback: Callable[[type[Any]], None]) -> None:
        """Call `callback` with the class of `label`, now or when it is made."""
        found = self._documents.get(label.lower())
        if found is not None:
            callback(found)
        else:
            self._waiting.setdefault(label.lower(), []).append(callback)

    def waiting(self) -> list[str]:
        """Return the labels that something refers to and nobody declared."""
        return sorted(self._waiting)


def _is_reload(known: type[Any], document: type[Any]) -> bool:
    # A module that is run again (autoreload, doctest, a shell) declares anew.
    return known.__module__ == document.__module__ and known.__qualname__ == document.__qualname__


#: The registry of this process.
registry = Registry()
