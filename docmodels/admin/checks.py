"""System checks of admin classes: what would fail on the page fails at the start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from django.contrib.admin import ListFilter
from django.core import checks
from django.core.exceptions import FieldError

from docmodels.admin.columns import make_column
from docmodels.admin.fieldsets import group_names
from docmodels.admin.filters import PathFilter
from docmodels.admin.inlines import LAYOUTS, STACKED, TABULAR, EmbeddedInline
from docmodels.admin.search import PREFIXES
from docmodels.fields import EmbeddedField, ListField
from docmodels.query.across import fields_along

_VALIDATE = "Validate in the document's clean(), or raise ValidationError in save_model()."
_INPUTS = "Inputs follow from the fields of the document: choose another field class there."

#: Options of Django's ModelAdmin that need a form, with what to use instead.
FORM_OPTIONS = {
    "form": _VALIDATE,
    "get_form": _VALIDATE,
    "formfield_overrides": _INPUTS,
    "formfield_for_dbfield": _INPUTS,
    "formfield_for_choice_field": _INPUTS,
    "formfield_for_foreignkey": _INPUTS,
    "formfield_for_manytomany": _INPUTS,
    "radio_fields": _INPUTS,
    "filter_horizontal": _INPUTS,
    "filter_vertical": _INPUTS,
    "prepopulated_fields": "Fill the value in the document's clean().",
    "list_editable": "Values are changed on the edit page, or by an action.",
}


def check_document_admin(document_admin: Any) -> list[checks.CheckMessage]:
    """Return what is wrong with the options of a DocumentAdmin."""
    return [error for check in _CHECKS for error in check(document_admin)]


def _error(document_admin: Any, option: str, message: Any, number: int) -> checks.Error:
    return checks.Error(
        f"{type(document_admin).__name__}.{option}: {message}",
        obj=type(document_admin),
        id=f"docmodels.E{number}",
    )


def _check_list_display(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for item in document_admin.list_display:
        try:
            make_column(document_admin, item)
        except FieldError as error:
            yield _error(document_admin, "list_display", error, 301)


def _check_list_display_links(document_admin: Any) -> Iterator[checks.CheckMessage]:
    shown = [*document_admin.list_display]
    for item in document_admin.list_display_links or ():
        if shown and item not in shown:
            message = f"{item!r}, expected a column of list_display."
            yield _error(document_admin, "list_display_links", message, 302)


def _check_list_filter(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for item in document_admin.list_filter:
        if isinstance(item, type):
            if not issubclass(item, ListFilter):
                message = f"{item.__name__}, expected a path or a subclass of SimpleListFilter."
                yield _error(document_admin, "list_filter", message, 303)
            continue
        path, filter_class = item if isinstance(item, (tuple, list)) else (item, PathFilter)
        if not (isinstance(filter_class, type) and issubclass(filter_class, PathFilter)):
            message = f"{filter_class!r}, expected a subclass of PathFilter beside {path!r}."
            yield _error(document_admin, "list_filter", message, 303)
        yield from _check_crossing_path(document_admin, "list_filter", path, 303)


def _check_search_fields(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for name in document_admin.search_fields:
        path = name[1:] if name[:1] in PREFIXES else name
        yield from _check_crossing_path(document_admin, "search_fields", path, 304)


def _check_ordering(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for name in document_admin.ordering or ():
        yield from _check_path(document_admin, "ordering", name.lstrip("-"), 305)


def _check_sizes(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for option in ("list_per_page", "list_max_per_page"):
        value = getattr(document_admin, option)
        if not isinstance(value, int) or value < 1:
            message = f"{value!r}, expected a number of rows."
            yield _error(document_admin, option, message, 306)


def _check_actions(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for item in document_admin.actions or ():
        known = hasattr(document_admin, item) if isinstance(item, str) else callable(item)
        if not known and item not in dict(document_admin.admin_site.actions):
            message = f"{item!r}, expected a method, an action of the site or a function."
            yield _error(document_admin, "actions", message, 307)


def _check_field_names(document_admin: Any) -> Iterator[checks.CheckMessage]:
    known = {field.name for field in document_admin.opts.fields}
    for option in ("fields", "exclude", "readonly_fields"):
        for name in group_names(getattr(document_admin, option) or ()):
            if name not in known:
                yield _unknown_field(document_admin, option, name, known)


def _check_fieldsets(document_admin: Any) -> Iterator[checks.CheckMessage]:
    known = {field.name for field in document_admin.opts.fields}
    seen: set[str] = set()
    if document_admin.fieldsets and document_admin.fields is not None:
        message = "given beside fields, expected one of the two."
        yield _error(document_admin, "fieldsets", message, 310)
    for item in document_admin.fieldsets or ():
        if not (isinstance(item, (tuple, list)) and len(item) == 2 and "fields" in item[1]):
            message = f'{item!r}, expected (title, {{"fields": […]}}).'
            yield _error(document_admin, "fieldsets", message, 310)
            continue
        for name in group_names(item[1]["fields"]):
            if name not in known:
                yield _unknown_field(document_admin, "fieldsets", name, known)
            elif name in seen:
                message = f"{name!r} stands in two places, expected one."
                yield _error(document_admin, "fieldsets", message, 310)
            seen.add(name)


def _unknown_field(
    document_admin: Any, option: str, name: Any, known: Iterable[str]
) -> checks.CheckMessage:
    nearest = get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    label = document_admin.model.__name__
    return _error(document_admin, option, f"{name!r}, expected a field of {label}.{hint}", 309)


def _check_inlines(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for inline in document_admin.inlines:
        for message in _inline_mistakes(document_admin.opts, inline):
            yield _error(document_admin, "inlines", f"{inline.__name__}.{message}", 311)


def _inline_mistakes(opts: Any, inline: type[EmbeddedInline]) -> Iterator[str]:
    try:
        field = opts.resolve(inline.path).field
    except FieldError as error:
        yield f"path: {error}"
        return
    is_list = isinstance(field, ListField)
    inner = field.base_field if is_list else field
    if not isinstance(inner, EmbeddedField):
        yield f"path: {inline.path!r}, expected an embedded document or a list of them."
        return
    known = {inside.name for inside in inner.embedded_model._meta.fields}
    for option in ("fields", "exclude", "readonly_fields"):
        for name in getattr(inline, option) or ():
            if name not in known:
                label = inner.embedded_model.__name__
                yield f"{option}: {name!r}, expected a field of {label}."
    if inline.layout not in LAYOUTS:
        yield f"layout: {inline.layout!r}. Choices are: {', '.join(LAYOUTS)}."
    if inline.layout == TABULAR and not is_list:
        yield f"layout: {TABULAR!r} for {inline.path!r}, which is no list; expected {STACKED!r}."
    if (inline.min_num or 0) > (inline.min_num or 0 if inline.max_num is None else inline.max_num):
        yield f"min_num: {inline.min_num}, expected at most max_num, which is {inline.max_num}."


def _check_form_options(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for option, remedy in FORM_OPTIONS.items():
        if hasattr(document_admin, option):
            message = f"is not used: the edit page is a tree of stored values, no form. {remedy}"
            yield _error(document_admin, option, message, 308)


def _check_path(
    document_admin: Any, option: str, path: str, number: int
) -> Iterator[checks.CheckMessage]:
    try:
        document_admin.opts.resolve(path)
    except FieldError as error:
        yield _error(document_admin, option, error, number)


def _check_crossing_path(
    document_admin: Any, option: str, path: str, number: int
) -> Iterator[checks.CheckMessage]:
    try:
        fields_along(document_admin.opts, path)
    except FieldError as error:
        yield _error(document_admin, option, error, number)


_CHECKS: list[Callable[[Any], Iterator[checks.CheckMessage]]] = [
    _check_list_display,
    _check_list_display_links,
    _check_list_filter,
    _check_search_fields,
    _check_ordering,
    _check_sizes,
    _check_actions,
    _check_field_names,
    _check_fieldsets,
    _check_inlines,
    _check_form_options,
]
