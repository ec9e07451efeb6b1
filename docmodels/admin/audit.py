"""Who changed which path, and how: Django's log entries with a path diff."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from docmodels.admin.tree.diff import Difference
from docmodels.admin.tree.values import summary
from docmodels.forms.texts import from_ejson, to_ejson
from docmodels.tracking import MISSING

#: Characters of one value in the log; a longer one is kept as its beginning.
MAX_LENGTH = 10_000
#: Paths of one entry.
MAX_PATHS = 500


class LoggedChange(NamedTuple):
    """One path of an entry of the log, ready to be shown."""

    path: str
    before: Any
    after: Any


def change_message(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """
    Return the message of a change, in the form that Django's log understands.

    Each path carries its value before and after as canonical Extended JSON;
    a value that is not there is left out.
    """
    shown = differences[:MAX_PATHS]
    paths = [
        {"path": path} | _pack("before", before) | _pack("after", after)
        for path, before, after in shown
    ]
    return [{"changed": {"fields": [item.path for item in shown], "paths": paths}}]


def addition_message(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the message of a new document: its values by path."""
    paths = [{"path": key} | _pack("after", value) for key, value in document.items()]
    return [{"added": {"paths": paths}}]


def deletion_message(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the message of a deletion, with what was deleted where it is not too long."""
    return [{"deleted": {"paths": [{"path": k} | _pack("before", v) for k, v in document.items()]}}]


def _pack(name: str, value: Any) -> dict[str, Any]:
    if value is MISSING:
        return {}
    text = to_ejson(value)
    if len(text) > MAX_LENGTH:
        return {name: text[:MAX_LENGTH], f"{name}_length": len(text)}
    return {name: text}


def logged_changes(entry: LogEntry) -> list[LoggedChange]:
    """Return the path diff of an entry, nothing for one that another program wrote."""
    try:
        message = json.loads(entry.change_message or "[]")
    except ValueError:
        return []
    changes = []
    for part in message if isinstance(message, list) else ():
        for what in part.values() if isinstance(part, dict) else ():
            for item in what.get("paths", ()) if isinstance(what, dict) else ():
                changes.append(
                    LoggedChange(item["path"], _unpack(item, "before"), _unpack(item, "after"))
                )
    return changes


def logged_differences(entry: LogEntry) -> list[Difference] | None:
    """Return the paths of a change with their stored values, None where some are cut."""
    try:
        message = json.loads(entry.change_message or "[]")
        paths = [item for part in message for item in part.get("changed", {}).get("paths", ())]
        if any(f"{name}_length" in item for item in paths for name in ("before", "after")):
            return None
        return [
            Difference(item["path"], *(_value(item, name) for name in ("before", "after")))
            for item in paths
        ]
    except (ValueError, TypeError, AttributeError, KeyError, ValidationError):
        # Another program wrote it.
        return []


def _value(item: dict[str, Any], name: str) -> Any:
    return from_ejson(item[name]) if name in item else MISSING


def _unpack(item: dict[str, Any], name: str) -> Any:
    if name not in item:
        return summary(MISSING)
    if f"{name}_length" in item:
        note = _("%(length)s characters in all") % {"length": item[f"{name}_length"]}
        return summary(f"{item[name][:400]}… ({note})", 500)
    return summary(from_ejson(item[name]), 500)


def path_names(differences: Iterable[Difference]) -> list[str]:
    """Return the paths of differences, for a message to people."""
    return [difference.path for difference in differences]
