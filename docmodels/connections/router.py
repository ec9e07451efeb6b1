"""Choose the alias of a read or a write, as Django's ``DATABASE_ROUTERS`` do."""

from __future__ import annotations

from typing import Any

from django.core.signals import setting_changed
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from docmodels.conf import SETTING, docmodels_settings
from docmodels.constants import DEFAULT_ALIAS


class DocumentRouter:
    """Ask the routers of ``DOCMODELS["ROUTERS"]`` in order; the first answer counts.

    A router has any of ``db_for_read(model, **hints)`` and
    ``db_for_write(model, **hints)``, each giving an alias or None. Without an
    answer it is the alias that the hinted instance came from, then the one of
    ``Meta.db_alias``, then the default one.
    """

    @cached_property
    def routers(self) -> list[Any]:
        """The routers as instances."""
        return [_as_router(entry) for entry in docmodels_settings.ROUTERS]

    def db_for_read(self, model: type, **hints: Any) -> str:
        """Give the alias that `model` is read from."""
        return self._route("db_for_read", model, hints)

    def db_for_write(self, model: type, **hints: Any) -> str:
        """Give the alias that `model` is written to."""
        return self._route("db_for_write", model, hints)

    def reset(self) -> None:
        """Forget the routers; the next question reads the setting again."""
        self.__dict__.pop("routers", None)

    def _route(self, action: str, model: type, hints: dict[str, Any]) -> str:
        for candidate in self.routers:
            method = getattr(candidate, action, None)
            alias = method(model, **hints) if method is not None else None
            if alias:
                return str(alias)
        instance = hints.get("instance")
        if instance is not None and (alias := _alias_of(instance)):
            return str(alias)
        options = getattr(model, "_meta", None)
        return getattr(options, "db_alias", None) or DEFAULT_ALIAS


def _alias_of(instance: Any) -> str | None:
    # A document says it without making the object that `_state` is.
    known = getattr(type(instance), "_stored_alias", None)
    alias: str | None = instance._state.db if known is None else known(instance)
    return alias


def _as_router(entry: Any) -> Any:
    if isinstance(entry, str):
        entry = import_string(entry)
    return entry() if isinstance(entry, type) else entry


router = DocumentRouter()


def _reset_on_change(*, setting: str, **kwargs: Any) -> None:
    if setting == SETTING:
        router.reset()


setting_changed.connect(_reset_on_change, dispatch_uid="docmodels.connections.router")
