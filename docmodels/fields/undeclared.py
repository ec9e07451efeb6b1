"""What is stored beside the declared fields of a class."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from docmodels.fields.anything import ANY, AnyField


class UndeclaredField(AnyField):
    """Values under any key that is neither a declared field's nor kept by docmodels."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "declared": _("The key %(key)r is that of a declared field, or kept by the library."),
    }

    def __init__(self, owner: Any) -> None:
        """Take the document class."""
        super().__init__(blank=True)
        self.owner = owner

    def to_python(self, value: Any) -> Any:
        """Cast deeply: inside of a value there are no declared keys."""
        return ANY.to_python(value)

    def check_key(self, key: Any) -> None:
        """Refuse keys that another place of the document stands for."""
        super().check_key(key)
        meta = self.owner._meta
        kept = set() if meta.embedded else {"_id", meta.version_key}
        if meta.schema_version is not None:
            kept.add(meta.schema_key)
        if key in meta.by_key or key in kept:
            raise self.error("declared", key=key)

    def __reduce__(self) -> Any:
        return (undeclared_of, (self.owner,))


@functools.cache
def undeclared_of(owner: Any) -> UndeclaredField:
    """Return the field of a class's undeclared values."""
    return UndeclaredField(owner)
