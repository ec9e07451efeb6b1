"""Judge what `Meta` declares, when the class is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from django.core.exceptions import FieldError, ImproperlyConfigured

from docmodels.documents.options import Options
from docmodels.documents.resolution import nearest
from docmodels.fields import IntegerField
from docmodels.indexes import Index


def refuse(options: Options, name: str, expected: str, hint: str = "") -> NoReturn:
    """Raise ImproperlyConfigured for the value of an option."""
    value = getattr(options, name)
    raise ImproperlyConfigured(
        f"{options.object_name}.Meta.{name}: {value!r}, expected {expected}.{hint}"
    )


def check_options(options: Options) -> None:
    """Check the options that need no database; raise ImproperlyConfigured."""
    for name in ("auto_index", "minimize"):
        if not isinstance(getattr(options, name), bool):
            refuse(options, name, "True or False")
    for name, is_item, expected in _LISTS:
        value = getattr(options, name)
        if not isinstance(value, (list, tuple)) or not all(map(is_item, value)):
            refuse(options, name, expected)
    _check_collection(options)
    _check_manager(options)
    _check_latest(options)
    _check_versions(options)


def _is_text(item: Any) -> bool:
    return isinstance(item, str)


def _is_permission(item: Any) -> bool:
    return isinstance(item, (list, tuple)) and len(item) == 2 and _is_text(item[0])


def _is_index(item: Any) -> bool:
    return isinstance(item, Index)


_LISTS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("default_permissions", _is_text, "a list of verbs such as 'view'"),
    ("indexes", _is_index, "a list of documents.Index objects"),
    ("ordering", _is_text, "a list of paths, '-' in front for descending"),
    ("permissions", _is_permission, "a list of (codename, name) pairs"),
)


def _check_collection(options: Options) -> None:
    name = options.collection
    if not isinstance(name, str) or "$" in name or "\0" in name or "" in name.split("."):
        refuse(
            options,
            "collection",
            "a name without '$' and null characters, with text on both sides of each dot",
        )


def _check_manager(options: Options) -> None:
    name = options.default_manager_name
    if name is not None and not options.embedded and name not in options.managers:
        managers: Iterable[str] = options.managers or ["objects"]
        choices = f"{nearest(str(name), managers)} Choices are: {', '.join(managers)}."
        refuse(options, "default_manager_name", "the name of a manager", choices)


def _check_latest(options: Options) -> None:
    names = options.get_latest_by or ()
    for name in [names] if isinstance(names, str) else names:
        try:
            options.resolve(name.removeprefix("-"))
        except FieldError as error:
            raise ImproperlyConfigured(
                f"{options.object_name}.Meta.get_latest_by: {error}"
            ) from error


def _check_versions(options: Options) -> None:
    key = options.version_key
    if key is not None and (not isinstance(key, str) or not key or "." in key or key[0] == "$"):
        refuse(options, "version_key", "a key without dots, or None")
    taken = options.by_key.get(key) if key else None
    if taken is not None and not isinstance(taken, IntegerField):
        refuse(options, "version_key", f"a key of its own, not that of the field {taken.name!r}")
    if not isinstance(options.optimistic_concurrency, bool):
        _check_paths(options, "optimistic_concurrency", "True, False or a list of fields")
    _check_paths(options, "skip_versioning", "a list of paths")


def _check_paths(options: Options, name: str, expected: str) -> None:
    paths = getattr(options, name)
    if isinstance(paths, str) or not isinstance(paths, Iterable) or not all(map(_is_text, paths)):
        refuse(options, name, expected)
    for path in paths:
        try:
            options.resolve(path)
        except FieldError as error:
            raise ImproperlyConfigured(f"{options.object_name}.Meta.{name}: {error}") from error
