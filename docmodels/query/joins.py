"""Documents of another collection inside of a row."""

from __future__ import annotations

from typing import Any, ClassVar

from docmodels.fields import Field


class JoinedField(Field[Any]):
    """A whole document of another class, which a `$lookup` put into the row."""

    description: ClassVar[str] = "a document"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})

    def __init__(self, document: type[Any], query: Any) -> None:
        super().__init__(blank=True, null=True)
        #: The class, under the name that paths inside of documents are followed by.
        self.embedded_model: Any = document
        #: What was asked of the documents: fields that are there, annotations.
        self.query = query

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the field of the class."""
        found: Field[Any] | None = self.embedded_model._meta.find_field(part)
        return found
