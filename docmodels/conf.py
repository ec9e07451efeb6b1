"""The ``DOCMODELS`` setting: defaults, read lazily, reset by ``override_settings``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

#: The name of the Django setting that holds the project's choices.
SETTING = "DOCMODELS"

DEFAULTS: dict[str, Any] = {
    # Dotted paths, classes or instances that choose aliases, as DATABASE_ROUTERS.
    "ROUTERS": [],
    # Dotted paths of classes that hook into documents and querysets.
    "PLUGINS": [],
    # Pause the cyclic garbage collector while one batch becomes instances.
    "GC_PAUSE": True,
    # How references load that were not populated: "peers", "one" or "raise".
    "FETCH_MODE": "peers",
    # How many keys one query of populate() asks for; more are asked for in several.
    "POPULATE_BATCH": 5_000,
    # How many documents of one path are brought in step when what they copied changes.
    "COPIES_LIMIT": 10_000,
    # How many keys a filter across a reference carries; where more match the server joins.
    "REFERENCE_FILTER_LIMIT": 1_000,
    # What happens to undeclared names, where Meta.strict does not say: "raise", True or False.
    "STRICT": "raise",
    # Log each command to "docmodels.commands"; None means: when DEBUG is on.
    "LOG_COMMANDS": None,
    # Operations that take longer are logged as warnings, in milliseconds; None means never.
    "SLOW_COMMAND_MS": 1_000,
}


class DocmodelsSettings:
    """Give the project's choices as attributes, the defaults where it made none."""

    def __getattr__(self, name: str) -> Any:
        """Look `name` up once; later accesses find it in the instance."""
        if name not in DEFAULTS:
            choices = ", ".join(DEFAULTS)
            raise AttributeError(f"{SETTING} has no key {name!r}. Choices are: {choices}.")
        chosen = getattr(settings, SETTING, None) or {}
        value = chosen.get(name, DEFAULTS[name])
        setattr(self, name, value)
        return value

    def reset(self) -> None:
        """Forget what was read."""
        self.__dict__.clear()


docmodels_settings = DocmodelsSettings()


def _reset_on_change(*, setting: str, **kwargs: Any) -> None:
    if setting == SETTING:
        docmodels_settings.reset()


setting_changed.connect(_reset_on_change, dispatch_uid="docmodels.conf")
