"""Lists of documents, as answers and as fields."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from docmodels.rest.errors import errors_as_dict


class DocumentListSerializer(serializers.ListSerializer):
    """A list of documents, or a field that holds a list of embedded ones."""

    represents_documents = True

    def to_representation(self, data: Any) -> list[Any]:
        """Return the dicts of documents, through the child's function."""
        child: Any = self.child
        if not getattr(child, "represents_document", False) or child.overrides_representation():
            return super().to_representation(data)
        represent, model = child.get_representer(), child.Meta.model
        return [
            represent(item) if isinstance(item, model) else child.to_representation(item)
            for item in data
        ]

    def to_internal_value(self, data: Any) -> list[Any]:
        """Validate every item; errors are nested by index."""
        self._item_errors: dict[int, Any] = {}
        self._item_index = -1
        items = super().to_internal_value(data)
        if self._item_errors:
            errors: Any = self._item_errors
            if not errors_as_dict():
                errors = [errors.get(index, {}) for index in range(len(items))]
            raise serializers.ValidationError(errors)
        return items

    def run_child_validation(self, data: Any) -> Any:
        """Validate one item, keeping its errors until all were looked at."""
        self._item_index += 1
        try:
            return super().run_child_validation(data)
        except serializers.ValidationError as error:
            self._item_errors[self._item_index] = error.detail
            return None
