"""Find the documents that the arguments of a command name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError

from docmodels.registry import registry


def find_documents(labels: Iterable[str]) -> list[Any]:
    """Return the classes of `app_label` and `app_label.Document`, all of them without any."""
    documents: list[Any] = registry.documents()
    labels = list(labels)
    if not labels:
        return documents
    chosen: list[Any] = []
    for label in labels:
        found = [
            document
            for document in documents
            if label.lower() in {document._meta.label_lower, document._meta.app_label}
        ]
        if not found:
            choices = ", ".join(sorted(document._meta.label for document in documents))
            raise CommandError(f"No document {label!r} is declared. Choices are: {choices}.")
        chosen += found
    return chosen
