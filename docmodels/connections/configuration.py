"""Bring ``MONGO_DATABASES`` into one shape: every alias with every key."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import ImproperlyConfigured

from docmodels.connections.deadlines import CLIENT_DEFAULTS, SLOW_DEFAULTS
from docmodels.constants import DEFAULT_ALIAS, SLOW_ALIAS

#: The name of the Django setting.
SETTING = "MONGO_DATABASES"

#: The keys of an alias with what an absent one means.
ALIAS_DEFAULTS: dict[str, Any] = {
    "HOST": "mongodb://localhost:27017/",
    "NAME": "",
    "USER": None,
    "PASSWORD": None,
    "OPTIONS": {},
    "READ_ONLY": False,
    # Of the embedded server: see EMBEDDED_DEFAULTS.
    "EMBEDDED": {},
    # As in DATABASES: {"NAME": …, "HOST": …} name the database and the server that tests use.
    "TEST": {},
}

#: The keys of EMBEDDED; they count for the process that starts the server.
EMBEDDED_DEFAULTS: dict[str, Any] = {
    # Memory that the storage engine may use for its cache.
    "cache_size_gb": 0.5,
    # Disk space for the replication log.
    "oplog_size_mb": 64,
    # The port; None takes the one of the last time, or a free one.
    "port": None,
    # The server's program; None looks on PATH, then among installed packages.
    "binary": None,
    # More arguments for the server.
    "args": [],
}

#: The schemes of HOST with the backend that serves each.
BACKENDS = {
    "mongodb": "docmodels.connections.backends.mongodb.MongoDBConnection",
    "mongodb+srv": "docmodels.connections.backends.mongodb.MongoDBConnection",
    "embedded": "docmodels.connections.backends.embedded.EmbeddedConnection",
    "mongomock": "docmodels.connections.backends.mongomock.MongomockConnection",
}


def scheme_of(host: str) -> str:
    """Give the part of `host` before ``://``."""
    return host.partition("://")[0].lower()


def uri_options(host: str) -> dict[str, str]:
    """Give the options that a connection string carries, keys in lower case."""
    return {key.lower(): value for key, value in parse_qsl(host.partition("?")[2])}


def client_options(settings: dict[str, Any]) -> dict[str, Any]:
    """Give the client's keyword arguments: ours where the project chose none."""
    chosen = {key.lower() for key in settings["OPTIONS"]} | set(uri_options(settings["HOST"]))
    ours = {key: value for key, value in CLIENT_DEFAULTS.items() if key.lower() not in chosen}
    return ours | settings["OPTIONS"]


def normalise(databases: Any) -> dict[str, dict[str, Any]]:
    """Fill in absent keys and derive the slow alias from the default one."""
    if not databases:
        raise ImproperlyConfigured(
            f"settings.{SETTING} is missing. Set it to "
            '{"default": {"HOST": "mongodb://localhost/", "NAME": "<database>"}}.'
        )
    if not isinstance(databases, dict) or not all(
        isinstance(given, dict) for given in databases.values()
    ):
        raise ImproperlyConfigured(f"settings.{SETTING} must be a dict of aliases, each a dict.")
    if DEFAULT_ALIAS not in databases:
        raise ImproperlyConfigured(f"settings.{SETTING} must define the alias '{DEFAULT_ALIAS}'.")
    aliases = {alias: _fill(alias, given) for alias, given in databases.items()}
    if SLOW_ALIAS not in aliases:
        aliases[SLOW_ALIAS] = derive_slow(aliases[DEFAULT_ALIAS])
    return aliases


def derive_slow(default: dict[str, Any]) -> dict[str, Any]:
    """Give the slow alias: the same data, few connections, long deadline, no writes."""
    replaced = {key.lower() for key in SLOW_DEFAULTS} | {"minpoolsize"}
    options = {
        key: value for key, value in default["OPTIONS"].items() if key.lower() not in replaced
    } | SLOW_DEFAULTS
    given = {key.lower() for key in options} | set(uri_options(default["HOST"]))
    if "readpreference" not in given and _may_have_secondaries(default["HOST"]):
        options["readPreference"] = "secondaryPreferred"
    return default | {"OPTIONS": options, "READ_ONLY": True}


def _may_have_secondaries(host: str) -> bool:
    scheme = scheme_of(host)
    if scheme != "mongodb":
        return scheme == "mongodb+srv"
    options = uri_options(host)
    if options.get("directconnection", "").lower() == "true":
        return False
    return "replicaset" in options or "," in host.partition("?")[0]


def _fill(alias: str, given: Any) -> dict[str, Any]:
    settings = ALIAS_DEFAULTS | given
    settings["OPTIONS"] = dict(settings["OPTIONS"] or {})
    if scheme_of(settings["HOST"]) not in BACKENDS or "://" not in settings["HOST"]:
        schemes = ", ".join(f"{scheme}://" for scheme in BACKENDS)
        raise ImproperlyConfigured(
            f"settings.{SETTING}['{alias}']['HOST'] has no known scheme. Choices are: {schemes}."
        )
    if not settings["NAME"]:
        raise ImproperlyConfigured(
            f"settings.{SETTING}['{alias}']['NAME'] is missing, expected a database's name."
        )
    return settings
