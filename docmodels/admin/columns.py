"""The columns of a list: paths of the document, methods, callables."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import FieldError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from docmodels.admin.cells import (
    ArrayCell,
    BooleanCell,
    Cell,
    ErrorCell,
    MethodCell,
    NullCell,
    cell_for,
)
from docmodels.constants import LOOKUP_SEP
from docmodels.documents.resolution import ResolvedPath, nearest
from docmodels.fields import AnyField, EmbeddedField, Field, ListField, MapField, ReferenceField
from docmodels.tracking import MISSING, Tracked

#: Stands between the names along a path.
ARROW = " \u203a "

logger = logging.getLogger("docmodels.admin")


class Column:
    """One column; `name` is what addresses call it."""

    #: What the column is called in addresses.
    name: str
    #: The heading.
    title: Any
    #: The path that the column is sorted by, None if it cannot be.
    sort_path: str | None = None
    #: The path that a click on a value filters by, None for no such clicks.
    filter_path: str | None = None
    #: Whether it needs the whole document, not only one path.
    needs_document: bool = False
    #: A class of the heading and the cells.
    css: str = ""

    @abstractmethod
    def cell(self, document: Any, references: Any) -> Cell:
        """Return the cell for a document."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class PathColumn(Column):
    """A declared path, such as `"number"` or `"address__city"`."""

    def __init__(self, model: Any, path: str) -> None:
        resolved = model._meta.resolve(path)
        self.name = path
        self.path = resolved
        self.field: Field[Any] = resolved.field
        self.keys: list[str] = resolved.db_path.split(".")
        self.title = path_title(resolved.fields) or path
        element = element_of(self.field)
        #: The reference that is stored at the path, or in the list at it; None for no reference.
        self.reference = element if isinstance(element, ReferenceField) else None
        in_list = resolved.in_list or isinstance(self.field, ListField)
        container = isinstance(self.field, (AnyField, EmbeddedField, MapField))
        if not in_list and not isinstance(self.field, (EmbeddedField, MapField)):
            self.sort_path = path
        if not in_list and not container:
            self.filter_path = path
        if {"int", "long", "double", "decimal"} & self.field.bson_types and not container:
            self.css = "number"

    def stored(self, document: Any) -> Any:
        """Return what is stored at the path, MISSING where nothing is."""
        first = self.path.fields[0]
        if first.model is None:
            value = document._undeclared.get(self.keys[0], MISSING)
        else:
            try:
                value = first.slot_get(document)
            except AttributeError:
                value = MISSING
        # A receiver of `post_init` may have looked at the value, which unpacks it.
        if isinstance(value, Tracked):
            value = value.encode()
        return walk(value, self.keys[1:])

    def reference_at(self, document: Any) -> Any:
        """Return the reference, toward the class that the document tells where it is dynamic."""
        reference: Any = self.reference
        if not reference.is_dynamic:
            return reference
        holder = document
        for field in self.path.fields[:-1]:
            holder = getattr(holder, field.name, None)
            if not hasattr(holder, "_meta"):
                return reference
        try:
            model = reference.target_of(holder)
        except LookupError:
            return reference
        return reference if model is None else reference.toward(model)

    def reference_keys(self, document: Any) -> list[Any]:
        """Return the keys of the documents that are referred to."""
        value = self.stored(document)
        return value if isinstance(value, list) else [value]

    def cell(self, document: Any, references: Any) -> Cell:
        """Return the cell of the stored value."""
        value = self.stored(document)
        if self.reference is not None and not isinstance(value, list):
            label = references.get(self.reference_at(document), value)
            return cell_for(value, self.field, self, label)
        if self.reference is not None and isinstance(self.field, ListField):
            reference = self.reference_at(document)
            labels = [references.get(reference, key) for key in value]
            return ArrayCell(value, self.field, self, labels)
        # Beyond a list there are several values; the cell shows them as a list.
        field = AnyField() if self.path.in_list and isinstance(value, list) else self.field
        return cell_for(value, field, self)


def element_of(field: Any) -> Any:
    """Return the field of the elements of a list, else the field."""
    while isinstance(field, ListField):
        field = field.base_field
    return field


class MethodColumn(Column):
    """A method of the admin or of the document, or any callable; `@display` describes it."""

    needs_document = True

    def __init__(self, name: str, function: Callable[[Any], Any], empty_value: Any) -> None:
        self.name = name
        self.function = function
        self.title = getattr(function, "short_description", None) or capfirst(
            name.strip("_").replace("_", " ")
        )
        self.boolean = getattr(function, "boolean", False)
        self.empty_value = getattr(function, "empty_value_display", empty_value)
        ordering = getattr(function, "admin_order_field", None)
        self.sort_path = ordering if isinstance(ordering, str) else None
        #: Whether it was logged already that the function fails.
        self.has_failed = False

    def cell(self, document: Any, references: Any) -> Cell:
        """Return the cell of what the function returns; its failure is a cell too."""
        try:
            value = self.function(document)
        except Exception as error:
            # Stored data may be anything; one document must not take the list away.
            if not self.has_failed:
                self.has_failed = True
                logger.exception("The column %r failed for %r.", self.name, document.pk)
            return ErrorCell(None, extra=type(error).__name__)
        if self.boolean:
            return NullCell(None) if value is None else BooleanCell(value)
        return MethodCell(self.empty_value if value is None or value == "" else value)


def walk(value: Any, keys: list[str]) -> Any:
    """Return what is at a path of keys; MISSING where nothing is, a list beyond a list."""
    for position, key in enumerate(keys):
        if isinstance(value, list):
            if key.isdecimal():
                value = value[int(key)] if int(key) < len(value) else MISSING
                continue
            found = [walk(item, keys[position:]) for item in value]
            return [item for item in found if item is not MISSING]
        if not isinstance(value, dict):
            return MISSING
        value = value.get(key, MISSING)
    return value


def make_column(document_admin: Any, item: Any) -> Column:
    """Return the column of an item of `list_display`; raise FieldError."""
    model = document_admin.model
    empty_value = document_admin.get_empty_value_display()
    if callable(item):
        return MethodColumn(getattr(item, "__name__", "column"), item, empty_value)
    if item == "__str__":
        column = MethodColumn(item, str, empty_value)
        column.title = capfirst(model._meta.verbose_name)
        return column
    if item.split(LOOKUP_SEP)[0].split(".")[0] not in model._meta.by_name:
        for owner in (document_admin, model):
            function = getattr(owner, item, None)
            if function is None:
                continue
            if callable(function):
                return MethodColumn(item, function, empty_value)
            return MethodColumn(item, _Property(item, function), empty_value)
    return PathColumn(model, item)


class _Property:
    """Reads a property of the document; its getter may carry what `@display` says."""

    def __init__(self, name: str, descriptor: Any) -> None:
        self.name = name
        getter = getattr(descriptor, "fget", None)
        for option in ("short_description", "boolean", "admin_order_field", "empty_value_display"):
            if hasattr(getter, option):
                setattr(self, option, getattr(getter, option))

    def __call__(self, document: Any) -> Any:
        return getattr(document, self.name)


def make_columns(document_admin: Any, items: Iterable[Any]) -> list[Column]:
    """Return the columns of `list_display`; a FieldError names the admin class."""
    columns = []
    for item in items:
        try:
            columns.append(make_column(document_admin, item))
        except FieldError as error:
            raise FieldError(f"{type(document_admin).__name__}.list_display: {error}") from error
    return columns


def available_paths(model: Any) -> list[tuple[str, str]]:
    """Return paths and titles that a person may choose columns from."""
    found: list[tuple[str, str]] = []
    for field in model._meta.fields:
        if field.hidden:
            continue
        title = capfirst(field.verbose_name or field.name)
        found.append((field.name, title))
        if isinstance(field, EmbeddedField):
            found += [
                (f"{field.name}{LOOKUP_SEP}{inner.name}", path_title((field, inner)))
                for inner in field.embedded_model._meta.fields
                if not inner.hidden
            ]
    return found


def path_title(fields: Iterable[Field[Any]]) -> str:
    """Return the verbose names along a path."""
    names = (str(field.verbose_name or field.name) for field in fields)
    return capfirst(ARROW.join(name for name in names if name))


def visible_path(model: Any, path: str) -> ResolvedPath:
    """
    Return where a path of a stranger leads; raise FieldError where it must not.

    A hidden field is told from one that does not exist by nothing.
    """
    try:
        resolved: ResolvedPath = model._meta.resolve(path)
    except FieldError:
        resolved = None  # type: ignore[assignment]
    if resolved is None or path[:1] == "_" or any(field.hidden for field in resolved.fields):
        raise FieldError(
            _("%(model)s has no field “%(path)s”.%(hint)s")
            % {
                "model": model.__name__,
                "path": path[:60],
                "hint": nearest(path, dict(available_paths(model))),
            }
        )
    return resolved
