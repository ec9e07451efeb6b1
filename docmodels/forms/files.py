"""Form fields for files in GridFS."""

from __future__ import annotations

from typing import Any

from django import forms


class FileField(forms.FileField):
    """A file; the box that clears it gives None."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the new file, the stored one, or None."""
        return super().clean(data, initial) or None


class ImageField(FileField, forms.ImageField):
    """An image."""
