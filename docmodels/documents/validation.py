"""What is wrong with a document: by its declaration, and as it was read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from docmodels.fields import ANY
from docmodels.fields.errors import ErrorMap, about, add_errors
from docmodels.fields.quick import Suspects, make_suspects
from docmodels.tracking import MISSING, Tracked


class Judged:
    """The part of documents and embedded documents that finds errors."""

    __slots__ = ()

    def clean(self: Any) -> None:
        """Check what concerns several fields; override it, as in Django."""

    def collect_errors(
        self: Any,
        exclude: Any = None,
        only: Any = None,
        concerns: Callable[[str], bool] | None = None,
    ) -> ErrorMap:
        """
        Return all errors by dotted path of names.

        `exclude` are names of fields to leave out, `only` the names of the
        fields to look at (None for all that were loaded), `concerns` tells of a
        path whether its errors count.
        """
        errors: ErrorMap = {}
        uncast = self._errors
        for path, found in uncast.items():
            name = path.partition(".")[0]
            if not (exclude and name in exclude) and (only is None or name in only):
                errors[path] = list(found)
        for field in self._meta.fields if uncast else suspects_of(self.__class__)(self):
            name = field.name
            if (exclude and name in exclude) or (only is not None and name not in only):
                continue
            if not self._is_loaded(field) or any(
                path == name or path.startswith(f"{name}.") for path in uncast
            ):
                continue
            value = self._slot_value(field)
            if value is MISSING:
                if field.is_required(self):
                    errors[name] = about(field.error("required"), None).error_list
            elif field.immutable and self._is_edited_in_place(field, value):
                errors[name] = [field.error("immutable")]
            elif not (value is None and field.primary_key):
                field.collect_errors(value, name, errors, self)
        if concerns is not None:
            errors = {path: found for path, found in errors.items() if concerns(path)}
        # An embedded document is written whole then.
        for key in () if self._meta.embedded else self._unnamable():
            errors[key] = [ANY.error("unnamable", key=key)]
        try:
            self.clean()
        except ValidationError as error:
            add_errors(errors, "" if hasattr(error, "error_dict") else NON_FIELD_ERRORS, error)
        return errors

    def _is_edited_in_place(self: Any, field: Any, value: Any) -> bool:
        return (
            self._source.stored
            and isinstance(value, Tracked)
            and field.name not in self._defaulted
            and value.is_changed()
        )

    @property
    def read_errors(self: Any) -> dict[str, str]:
        """Stored values of another type than declared, by dotted path."""
        found: dict[str, str] = {}
        _find_read_errors(self, "", found)
        for error in self._errors.get(self._meta.schema_key, ()) if self._errors else ():
            found[self._meta.schema_key] = " ".join(error.messages)
        return found


@functools.cache
def suspects_of(cls: Any) -> Suspects:
    """Return the function that finds the fields of a document that may have errors."""
    return make_suspects(cls, is_plain)


def is_plain(cls: Any) -> bool:
    """Return whether a class judges its documents by their fields alone."""
    return cls.clean is Judged.clean and cls.collect_errors is Judged.collect_errors


def _find_read_errors(document: Any, prefix: str, found: dict[str, str]) -> None:
    for field in document._meta.fields:
        if field.name not in document._changed and document._is_loaded(field):
            value = document._slot_value(field)
            if value is not MISSING:
                _find_wrong_type(field, value, f"{prefix}{field.name}", found)


def _find_wrong_type(field: Any, value: Any, path: str, found: dict[str, str]) -> None:
    if value is not None and not field.accepts(value):
        expected = getattr(field, "_expected", lambda: field.description)()
        found[path] = f"Stored as {type(value).__name__}, expected {expected}."
    elif isinstance(value, Judged):
        _find_read_errors(value, f"{path}.", found)
    elif isinstance(value, list) and hasattr(field, "base_field"):
        for index, item in enumerate(value):
            _find_wrong_type(field.base_field, item, f"{path}.{index}", found)
    elif isinstance(value, dict) and hasattr(field, "base_field"):
        for key, item in value.items():
            _find_wrong_type(field.base_field, item, f"{path}.{key}", found)
