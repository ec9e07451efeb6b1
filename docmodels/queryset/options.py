"""The options of a query: what each command takes of them, and how."""

from __future__ import annotations

from typing import Any

from pymongo.read_preferences import ReadPreference

from docmodels.connections.concerns import told
from docmodels.exceptions import NotSupportedError
from docmodels.queryset.collections import collection_of
from docmodels.transaction import concerns_here

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
    here = concerns_here(connection.alias)
    if here is not None:
        _check_in_transaction(meta, here, preference, concern)
        return found
    return found.with_options(read_preference=preference, read_concern=concern)


def _check_in_transaction(meta: Any, here: Any, preference: Any, concern: Any) -> None:
    # The driver would drop the concern and refuse the preference in words of its own.
    if preference is not None and preference.mode != ReadPreference.PRIMARY.mode:
        given, expected = f"read_preference({told(preference)})", "'primary'"
    elif concern is not None and concern != here.read_concern:
        given, expected = f"read_concern({told(concern)})", told(here.read_concern)
    else:
        return
    raise NotSupportedError(
        f"{meta.object_name}: {given} inside atomic(), expected none or {expected}: a transaction "
        f"reads from the primary, with the concern that atomic() was given."
    )


def check_number(value: Any, least: int, where: str, most: int = 2**53) -> None:
    """Raise ValueError for anything but a whole number in this range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{where}: {value!r}, expected a whole number, {least} or more.")
    if not least <= value <= most:
        bound = f"{least} or more" if value < least else f"at most {most}"
        raise ValueError(f"{where}: {value!r}, expected {bound}.")


def index_hint(value: Any, where: str = "hint()") -> Any:
    """Return a hint as the server takes it: the name of an index or a dict of its keys."""
    if isinstance(value, str):
        return value
    try:
        return dict(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"{where}: {value!r}, expected the name of an index, or a list of pairs of a stored "
            f"key and 1 or -1."
        ) from None
