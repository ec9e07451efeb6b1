"""Operations of `bulk_write()`: what one of them is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.query.updates import Pipeline


class Operation:
    """One write of `bulk_write()`."""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items() if value)
        return f"{type(self).__name__}({shown})"


class InsertOne(Operation):
    """Insert an object of the class, or the document of values by field name."""

    def __init__(self, document: Any = None, /, **values: Any) -> None:
        if (document is None) == (not values):
            raise TypeError("InsertOne(): expected either a document or values by name.")
        self.document = values if document is None else document


class Filtered(Operation):
    """An operation on what matches a Q, or conditions in a dict as `filter()` takes them."""

    #: Whether one document is meant, whichever of those that match.
    single = True

    def __init__(self, conditions: Q | Mapping[str, Any], *, allow_all: bool) -> None:
        if isinstance(conditions, Mapping):
            conditions = Q(**conditions)
        if not isinstance(conditions, Q):
            raise FieldError(
                f"{type(self).__name__}(): {conditions!r}, expected a Q or conditions in a dict."
            )
        self.conditions = conditions
        self.allow_all = allow_all


class UpdateOne(Filtered):
    """Update one match; values, `upsert` and `array_filters` are those of `update()`."""

    def __init__(
        self,
        conditions: Q | Mapping[str, Any],
        values: Mapping[str, Any] | Pipeline | None = None,
        /,
        *,
        upsert: bool = False,
        array_filters: Mapping[str, Any] | None = None,
        allow_all: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(conditions, allow_all=allow_all)
        self.values, self.more = values, more
        self.upsert, self.array_filters = upsert, array_filters


class UpdateMany(UpdateOne):
    """Update every match; without conditions `allow_all=True` is needed."""

    single = False


class ReplaceOne(Filtered):
    """Store an object of the class, or a dict by field names, in place of one match."""

    def __init__(
        self,
        conditions: Q | Mapping[str, Any],
        replacement: Any,
        /,
        *,
        upsert: bool = False,
        allow_all: bool = False,
    ) -> None:
        super().__init__(conditions, allow_all=allow_all)
        self.replacement, self.upsert = replacement, upsert


class DeleteOne(Filtered):
    """Delete one match."""

    def __init__(self, conditions: Q | Mapping[str, Any], /, *, allow_all: bool = False) -> None:
        super().__init__(conditions, allow_all=allow_all)


class DeleteMany(DeleteOne):
    """Delete every match; without conditions `allow_all=True` is needed."""

    single = False
