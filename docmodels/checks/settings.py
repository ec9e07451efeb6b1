"""System checks of ``MONGO_DATABASES`` and ``DOCMODELS``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from pymongo.common import VALIDATORS
from pymongo.errors import ConfigurationError

from docmodels.conf import DEFAULTS
from docmodels.conf import SETTING as DOCMODELS
from docmodels.connections.configuration import (
    ALIAS_DEFAULTS,
    BACKENDS,
    EMBEDDED_DEFAULTS,
    SETTING,
    scheme_of,
)
from docmodels.constants import DEFAULT_ALIAS

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_databases(**kwargs: Any) -> list[CheckMessage]:
    """Check the shape of ``MONGO_DATABASES`` and each of its aliases."""
    databases = getattr(settings, SETTING, None)
    if databases is None or databases == {}:
        return [
            Error(
                f"settings.{SETTING} is missing.",
                hint='Set it to {"default": {"HOST": "mongodb://localhost/", "NAME": "…"}}.',
                id="docmodels.E001",
            )
        ]
    if not isinstance(databases, dict):
        return [
            Error(
                f"settings.{SETTING}: {type(databases).__name__}, expected a dict of aliases.",
                id="docmodels.E002",
            )
        ]
    errors: list[CheckMessage] = []
    if DEFAULT_ALIAS not in databases:
        errors.append(
            Error(
                f"settings.{SETTING} has no alias '{DEFAULT_ALIAS}'.",
                hint=_choices(databases),
                id="docmodels.E003",
            )
        )
    for alias, given in databases.items():
        errors.extend(_check_alias(alias, given))
    return errors


def check_docmodels(**kwargs: Any) -> list[CheckMessage]:
    """Check the keys and values of ``DOCMODELS``."""
    chosen = getattr(settings, DOCMODELS, None)
    if chosen is None:
        return []
    if not isinstance(chosen, dict):
        return [
            Error(
                f"settings.{DOCMODELS}: {type(chosen).__name__}, expected a dict.",
                id="docmodels.E010",
            )
        ]
    errors: list[CheckMessage] = [
        Error(
            f"settings.{DOCMODELS} has no key {key!r}.",
            hint=_suggest(key, DEFAULTS),
            id="docmodels.E011",
        )
        for key in chosen
        if key not in DEFAULTS
    ]
    for key, allowed in _CHOICES.items():
        if key in chosen and chosen[key] not in allowed:
            errors.append(
                Error(
                    f"settings.{DOCMODELS}[{key!r}]: {chosen[key]!r} is not a choice.",
                    hint=_choices(map(repr, allowed)),
                    id="docmodels.E012",
                )
            )
    return errors


#: Options as the driver's documentation spells them; it compares them in lower case.
OPTION_NAMES = (
    "appName",
    "authMechanism",
    "authSource",
    "compressors",
    "connectTimeoutMS",
    "directConnection",
    "heartbeatFrequencyMS",
    "localThresholdMS",
    "maxConnecting",
    "maxIdleTimeMS",
    "maxPoolSize",
    "maxStalenessSeconds",
    "minPoolSize",
    "readConcernLevel",
    "readPreference",
    "readPreferenceTags",
    "replicaSet",
    "retryReads",
    "retryWrites",
    "serverMonitoringMode",
    "serverSelectionTimeoutMS",
    "socketTimeoutMS",
    "timeoutMS",
    "tls",
    "tlsAllowInvalidCertificates",
    "tlsAllowInvalidHostnames",
    "tlsCAFile",
    "tlsCertificateKeyFile",
    "w",
    "waitQueueTimeoutMS",
    "wTimeoutMS",
)

_CHOICES: dict[str, tuple[Any, ...]] = {
    "GC_PAUSE": (True, False),
    "FETCH_MODE": ("peers", "one", "raise"),
    "STRICT": ("raise", True, False),
    "LOG_COMMANDS": (None, True, False),
}


def _check_alias(alias: str, given: Any) -> list[CheckMessage]:
    where = f"settings.{SETTING}['{alias}']"
    if not isinstance(given, dict):
        return [
            Error(
                f"{where}: {type(given).__name__}, expected a dict.",
                hint=_choices(ALIAS_DEFAULTS),
                id="docmodels.E004",
            )
        ]
    errors: list[CheckMessage] = [
        Error(
            f"{where} has no key {key!r}.",
            hint=_suggest(key, ALIAS_DEFAULTS),
            id="docmodels.E005",
        )
        for key in given
        if key not in ALIAS_DEFAULTS
    ]
    host = given.get("HOST", ALIAS_DEFAULTS["HOST"])
    if not isinstance(host, str) or "://" not in host or scheme_of(host) not in BACKENDS:
        errors.append(
            Error(
                f"{where}['HOST'] has no known scheme.",
                hint=_choices(f"{scheme}://" for scheme in BACKENDS),
                id="docmodels.E006",
            )
        )
    errors.extend(_check_name(where, given.get("NAME")))
    errors.extend(_check_options(where, given.get("OPTIONS")))
    errors.extend(_check_embedded(where, given.get("EMBEDDED")))
    return errors


def _check_name(where: str, name: Any) -> list[CheckMessage]:
    if not name or not isinstance(name, str):
        return [
            Error(
                f"{where}['NAME'] is missing.",
                hint="Give the database's name.",
                id="docmodels.E007",
            )
        ]
    if any(character in name for character in ' /\\."$*<>:|?\0'):
        return [
            Error(
                f"{where}['NAME']: {name!r} is no name of a database.",
                hint='MongoDB refuses blanks and any of / \\ . " $ * < > : | ? in it.',
                id="docmodels.E007",
            )
        ]
    return []


def _check_options(where: str, options: Any) -> list[CheckMessage]:
    if options is None:
        return []
    if not isinstance(options, dict):
        return [
            Error(
                f"{where}['OPTIONS']: {type(options).__name__}, expected a dict of client options.",
                id="docmodels.E008",
            )
        ]
    errors: list[CheckMessage] = []
    for key, value in options.items():
        validator = VALIDATORS.get(str(key).lower())
        if validator is None:
            errors.append(
                Error(
                    f"{where}['OPTIONS']: {key!r} is no option of MongoClient.",
                    hint=_suggest(key, OPTION_NAMES),
                    id="docmodels.E008",
                )
            )
            continue
        try:
            validator(key, value)
        except (ConfigurationError, TypeError, ValueError) as exc:
            errors.append(Error(f"{where}['OPTIONS']: {exc}.", id="docmodels.E009"))
    return errors


def _check_embedded(where: str, embedded: Any) -> list[CheckMessage]:
    if embedded is None:
        return []
    if not isinstance(embedded, dict):
        return [
            Error(
                f"{where}['EMBEDDED']: {type(embedded).__name__}, expected a dict.",
                hint=_choices(EMBEDDED_DEFAULTS),
                id="docmodels.E013",
            )
        ]
    return [
        Error(
            f"{where}['EMBEDDED'] has no key {key!r}.",
            hint=_suggest(key, EMBEDDED_DEFAULTS),
            id="docmodels.E013",
        )
        for key in embedded
        if key not in EMBEDDED_DEFAULTS
    ]


def _choices(names: Iterable[str]) -> str:
    return f"Choices are: {', '.join(names)}."


def _suggest(name: Any, names: Iterable[str]) -> str:
    choices = list(names)
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(str(name).lower(), by_lower, n=1)
    if close:
        return f"Did you mean '{by_lower[close[0]]}'?"
    return _choices(choices)
