"""
Plugins: what is added to one document class (`Meta.plugins`) or to all.

A plugin is an abstract document, which becomes a base of the class, or an
object (a class is called without arguments) with any of these methods:

- `fields()` returns fields by name; the class may declare them itself;
- `prepare(namespace, options)` may change the class body before it is read;
- `contribute_to_class(cls, name)` is called when the fields are there and the
  hooks are not collected yet.

`DOCMODELS["PLUGINS"]` names those of every document class. They are imported
when the first class is made; documents that their own modules declare go
without them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from docmodels.conf import SETTING, docmodels_settings
from docmodels.documents.options import Options
from docmodels.fields import Field

_METHODS = ("fields", "prepare", "contribute_to_class")


class Plugins:
    """The plugins of one class that is being made."""

    def __init__(self, name: str, bases: tuple[type, ...], found: Iterable[Any]) -> None:
        self.name = name
        plugins = list(found)
        mixins = [plugin for plugin in plugins if isinstance(plugin, type)]
        new = [m for m in mixins if not any(issubclass(base, m) for base in bases)]
        #: The bases, those that plugins add in front.
        self.bases = (*new, *bases)
        #: Those that are no base, without repetition.
        self.objects = tuple(dict.fromkeys(p for p in plugins if not isinstance(p, type)))

    def prepare(self, namespace: dict[str, Any], options: Options, known: Iterable[Any]) -> None:
        """Change the body of the class; fields that a parent has are not added again."""
        inherited = {field.name for parent in known for field in parent.fields}
        for plugin in self.objects:
            if hasattr(plugin, "prepare"):
                plugin.prepare(namespace, options)
            fields = plugin.fields() if hasattr(plugin, "fields") else {}
            for attribute, field in fields.items():
                if not isinstance(field, Field):
                    raise ImproperlyConfigured(
                        f"{_name(plugin)}.fields(): {attribute} is {field!r}, expected a field."
                    )
                if attribute in inherited:
                    continue
                # The class may declare it itself, say with another label.
                own = namespace.setdefault(attribute, field)
                if own is not None and not isinstance(own, Field):
                    raise ImproperlyConfigured(
                        f"{self.name}.{attribute}: {own!r}, expected a field, which the plugin "
                        f"{_name(plugin)} adds."
                    )

    def contribute_to_class(self, cls: Any) -> None:
        """Let each plugin add to the class."""
        for plugin in self.objects:
            if hasattr(plugin, "contribute_to_class"):
                plugin.contribute_to_class(cls, _name(plugin))


def find(name: str, meta: Any, bases: tuple[type, ...], *, everywhere: bool) -> Plugins:
    """Return the plugins of a class: of the project, of its parents, its own."""
    found = list(_of_project()) if everywhere else []
    for base in reversed(bases):
        found += getattr(vars(base).get("_meta"), "plugins", ())
    where = f"{name}.Meta.plugins"
    own = getattr(meta, "plugins", ())
    if not isinstance(own, (list, tuple)):
        raise ImproperlyConfigured(f"{where}: {own!r}, expected a list of plugins.")
    if own is not getattr(_parent_meta(bases), "plugins", None):
        found += [load(plugin, where) for plugin in own]
    return Plugins(name, bases, found)


def _parent_meta(bases: tuple[type, ...]) -> Any:
    # `class Meta(Base.Meta)` shows the list of the base once more.
    return next((vars(base)["Meta"] for base in bases if "Meta" in vars(base)), None)


def load(given: Any, where: str) -> Any:
    """Return the plugin of a dotted path, a class or an object."""
    plugin = given
    if isinstance(plugin, str):
        try:
            plugin = import_string(plugin)
        except ImportError as error:
            raise ImproperlyConfigured(f"{where}: {given!r} cannot be imported: {error}") from error
    meta = getattr(plugin, "_meta", None)
    if isinstance(plugin, type) and meta is not None and meta.abstract:
        return plugin
    if isinstance(plugin, type) and meta is None and any(hasattr(plugin, m) for m in _METHODS):
        try:
            plugin = plugin()
        except TypeError as error:
            raise ImproperlyConfigured(
                f"{where}: {given!r} cannot be made without arguments: {error}"
            ) from error
    if isinstance(plugin, type) or not any(hasattr(plugin, method) for method in _METHODS):
        raise ImproperlyConfigured(
            f"{where}: {given!r}, expected an abstract document, or an object with fields(), "
            f"prepare() or contribute_to_class()."
        )
    return plugin


class _Project:
    """The plugins of `DOCMODELS["PLUGINS"]`, imported once for each value of it."""

    def __init__(self) -> None:
        self.given: Any = None
        self.plugins: tuple[Any, ...] = ()
        self.loading = False


_project = _Project()


def _of_project() -> tuple[Any, ...]:
    # Documents can be declared without any settings.
    if not (settings.configured or ENVIRONMENT_VARIABLE in os.environ):
        return ()
    given = docmodels_settings.PLUGINS
    if given is not _project.given and not _project.loading:
        _project.loading = True
        try:
            where = f"settings.{SETTING}['PLUGINS']"
            if not isinstance(given, (list, tuple)):
                raise ImproperlyConfigured(f"{where}: {given!r}, expected a list of plugins.")
            _project.plugins = ()
            _project.plugins = tuple(load(plugin, where) for plugin in given)
            _project.given = given
        finally:
            _project.loading = False
    return () if _project.loading else _project.plugins


def _name(plugin: Any) -> str:
    return type(plugin).__name__
