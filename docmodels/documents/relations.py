"""Load what references lead to, for documents that are there already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from docmodels.connections.twins import function_twin
from docmodels.query.relations import Populate, plan
from docmodels.queryset.populating import run

D = TypeVar("D")


def populate(objects: Iterable[D], *paths: str | Populate) -> list[D]:
    """
    Load what references of `objects` lead to; return them as a list.

    `paths` are those of a queryset's `populate()`; one query is sent for each
    path, level and class of documents. Raise FieldError for a path that leads
    to no reference.
    """
    if hasattr(objects, "_meta"):
        raise TypeError(
            f"populate(): {objects!r}, expected a list of documents; one has a populate() of its "
            f"own."
        )
    found: list[Any] = list(objects)
    for document in found:
        if not hasattr(document, "_meta"):
            raise TypeError(f"populate(): {document!r}, expected a document.")
    models = list(dict.fromkeys(document._meta.root.model for document in found))
    for model in models:
        own = [document for document in found if document._meta.root.model is model]
        run(own, plan(model, paths))
    return found


apopulate = function_twin(populate)
