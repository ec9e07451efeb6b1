"""The options of a query: what each command takes of them, and how."""

from __future__ import annotations

from typing import Any

from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference, _ServerMode

from docmodels.exceptions import NotSupportedError
from docmodels.queryset.collections import collection_of
from docmodels.transaction import current_session

#: The options that go into a command, with what the driver's method calls them. What is in none
#: of them holds for every command: the deadline, the read preference and the read concern.
COMMANDS: dict[str, dict[str, str]] = {
    "find": {
        "hint": "hint",
        "comment": "comment",
        "collation": "collation",
        "batch_size": "batch_size",
        "allow_disk_use": "allow_disk_use",
    },
    "aggregate": {
        "hint": "hint",
        "comment": "comment",
        "collation": "collation",
        "batch_size": "batchSize",
        "allow_disk_use": "allowDiskUse",
    },
    "count": {"hint": "hint", "comment": "comment", "collation": "collation"},
    # Servers before 7.1 refuse the hint, by an error that says so.
    "distinct": {"hint": "hint", "comment": "comment", "collation": "collation"},
    "estimate": {"comment": "comment"},
    "write": {"hint": "hint", "comment": "comment", "collation": "collation"},
}

#: The driver's read preferences by their name in a connection string.
READ_PREFERENCES: dict[str, Any] = {
    "primary": ReadPreference.PRIMARY,
    "primaryPreferred": ReadPreference.PRIMARY_PREFERRED,
    "secondary": ReadPreference.SECONDARY,
    "secondaryPreferred": ReadPreference.SECONDARY_PREFERRED,
    "nearest": ReadPreference.NEAREST,
}
READ_CONCERNS = ("local", "available", "majority", "linearizable", "snapshot")


def options_of(query: Any, command: str) -> dict[str, Any]:
    """Return those of the query's options that a command takes, in the driver's spelling."""
    given = query.options
    if not given:
        return {}
    return {theirs: given[ours] for ours, theirs in COMMANDS[command].items() if ours in given}


def collection_for(queryset: Any, connection: Any) -> Any:
    """Return the collection that a queryset reads, with its preference and its concern."""
    meta, given = queryset.model._meta, queryset.query.options
    found = collection_of(meta, connection, fresh=queryset._for_write)
    if not given or ("read_preference" not in given and "read_concern" not in given):
        return found
    preference, concern = given.get("read_preference"), given.get("read_concern")
    if current_session(connection.alias) is not None:
        _check_in_transaction(meta, preference, concern)
        return found
    return found.with_options(read_preference=preference, read_concern=concern)


def _check_in_transaction(meta: Any, preference: Any, concern: Any) -> None:
    # The driver would drop the concern and refuse the preference in words of its own.
    if preference is not None and preference.mode != ReadPreference.PRIMARY.mode:
        given = f"read_preference({preference.mongos_mode!r})"
    elif concern is not None and concern.level != "snapshot":
        given = f"read_concern({concern.level!r})"
    else:
        return
    raise NotSupportedError(
        f"{meta.object_name}: {given} inside atomic(), expected neither: a transaction reads one "
        f"snapshot of the primary."
    )


def read_preference_of(value: Any) -> Any:
    """Return the driver's read preference for a name or for one of its own."""
    if isinstance(value, _ServerMode):
        return value
    if not isinstance(value, str) or value not in READ_PREFERENCES:
        raise ValueError(
            f"read_preference(): {value!r}, expected a mode or a read preference of the driver. "
            f"Choices are: {', '.join(READ_PREFERENCES)}."
        )
    return READ_PREFERENCES[value]


def read_concern_of(value: Any) -> ReadConcern:
    """Return the driver's read concern for a level or for one of its own."""
    if isinstance(value, ReadConcern):
        return value
    if value not in READ_CONCERNS:
        raise ValueError(
            f"read_concern(): {value!r}, expected a level. Choices are: {', '.join(READ_CONCERNS)}."
        )
    return ReadConcern(value)


def index_hint(value: Any) -> Any:
    """Return a hint as the server takes it: the name of an index or a dict of its keys."""
    if isinstance(value, str):
        return value
    try:
        return dict(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"hint(): {value!r}, expected the name of an index, or a list of pairs of a stored "
            f"key and 1 or -1."
        ) from None
