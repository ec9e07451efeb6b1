"""Conditions on whole documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from docmodels.documents.document import Document
from docmodels.documents.schemas import json_schema as schema_of
from docmodels.lookups import trusted


def json_schema(schema: Mapping[str, Any] | type[Document]) -> Q:
    """
    Return a Q for the documents that fit a `$jsonSchema`.

    A document class stands for the schema of what it declares: `exclude()`
    finds what is stored otherwise. Keys are the stored ones. Raise TypeError
    for anything but a dict or a document class.
    """
    if isinstance(schema, type) and issubclass(schema, Document):
        schema = schema_of(schema._meta)
    if not isinstance(schema, Mapping):
        raise TypeError(f"json_schema(): {schema!r}, expected a dict or a document class.")
    return Q(trusted({"$jsonSchema": dict(schema)}))
