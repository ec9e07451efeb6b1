"""`manage.py remove_stale_contenttypes`: Django's, which also knows documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.management.commands import remove_stale_contenttypes
from django.contrib.contenttypes.models import ContentType

from docmodels.registry import registry


class Command(remove_stale_contenttypes.Command):
    """
    Delete content types of models and documents that are no longer declared.

    Django's command looks for models alone, so it would take the content type
    of each document for stale: its permissions would go, and its log entries
    would name no document. This one replaces it where `docmodels` stands in front of
    `django.contrib.contenttypes` in INSTALLED_APPS.
    """

    def handle(self, **options: Any) -> None:
        """Run Django's command while documents count as declared."""
        with documents_count_as_declared():
            super().handle(**options)


@contextmanager
def documents_count_as_declared() -> Iterator[None]:
    """Let `ContentType.model_class()` find documents, for as long as the block runs."""
    # The command asks nothing else to tell what is stale, and has no hook for it.
    documents = {document._meta.label_lower: document for document in registry.documents()}
    original = ContentType.model_class

    def model_class(content_type: ContentType) -> Any:
        label = f"{content_type.app_label}.{content_type.model}".lower()
        return original(content_type) or documents.get(label)

    ContentType.model_class = model_class  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ContentType.model_class = original  # type: ignore[method-assign]
