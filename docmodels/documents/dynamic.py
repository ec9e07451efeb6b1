"""Documents that keep what nobody declared."""

from __future__ import annotations

from docmodels.documents.document import Document


class DynamicDocument(Document):
    """A document whose undeclared names are attributes, kept and saved."""

    class Meta:
        abstract = True
        strict = False
