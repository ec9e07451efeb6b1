"""What Django's own forms, admin and serializers ask any field."""

from __future__ import annotations

from typing import Any

from docmodels.fields.choices import flatten_choices


class DjangoFace:
    """Answers of a field to code that was written for fields of models."""

    attname: str
    is_relation = False
    #: The reference that it is, or that the elements of a list or a map are.
    reference: Any = None
    #: Whether saving fills it, beside a reference.
    is_copy = False
    remote_field = None
    many_to_one = False
    many_to_many = False
    one_to_many = False
    one_to_one = False
    auto_created = False
    concrete = True
    max_length: int | None = None
    choices: Any
    creation_counter: int

    def __lt__(self, other: Any) -> bool:
        if isinstance(other, DjangoFace):
            return self.creation_counter < other.creation_counter
        return NotImplemented

    @property
    def flatchoices(self) -> list[tuple[Any, Any]]:
        """Return the choices without their groups."""
        return flatten_choices(self.choices or ())

    def get_internal_type(self) -> str:
        """Return the name of the class, as Django's fields do."""
        return type(self).__name__

    def value_from_object(self, document: Any) -> Any:
        """Return the attribute's value."""
        return getattr(document, self.attname)

    def value_to_string(self, document: Any) -> str:
        """Return the attribute's value as text."""
        value = self.value_from_object(document)
        return "" if value is None else str(value)
