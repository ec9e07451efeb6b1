"""System checks of admin classes: what would fail on the page fails at the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin import ListFilter
from django.core import checks
from django.core.exceptions import FieldError

from docmodels.admin.columns import make_column
from docmodels.admin.filters import PathFilter
from docmodels.admin.search import PREFIXES


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
        yield from _check_path(document_admin, "list_filter", path, 303)


def _check_search_fields(document_admin: Any) -> Iterator[checks.CheckMessage]:
    for name in document_admin.search_fields:
        path = name[1:] if name[:1] in PREFIXES else name
        yield from _check_path(document_admin, "search_fields", path, 304)


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


def _check_path(
    document_admin: Any, option: str, path: str, number: int
) -> Iterator[checks.CheckMessage]:
    try:
        document_admin.opts.resolve(path)
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
]
