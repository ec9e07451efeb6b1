"""Serializer fields for files in GridFS."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class FileField(serializers.FileField):
    """A file: uploaded as a form's part, shown as its address, or as its key where it has none."""

    def to_representation(self, value: Any) -> Any:
        """Return the address or the key."""
        if not value:
            return None
        return super().to_representation(value) or str(getattr(value, "id", value))


class ImageField(FileField, serializers.ImageField):
    """An image."""
