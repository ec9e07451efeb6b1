"""Form fields for files in GridFS."""

from __future__ import annotations

from typing import Any

from django import forms

from docmodels.fields import StoredFile


class FileInput(forms.ClearableFileInput):
    """Django's input with its box that clears, also for files without an address."""

    template_name = "docmodels/forms/file.html"

    def is_initial(self, value: Any) -> bool:
        """Return whether a file is stored."""
        return isinstance(value, StoredFile) and bool(value)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add name and address of the stored file."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if self.is_initial(value):
            context["widget"]["file"] = describe(value)
        return context


def describe(file: StoredFile) -> dict[str, Any]:
    """Return name and address, of a file that is gone its key."""
    url = getattr(file, "url", None)
    try:
        return {"name": file.name, "url": url}
    except FileNotFoundError:
        return {"name": str(file.id), "url": None}


class FileField(forms.FileField):
    """A file; the box that clears it gives None."""

    widget = FileInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the new file, the stored one, or None."""
        return super().clean(data, initial) or None


class ImageField(FileField, forms.ImageField):
    """An image."""
