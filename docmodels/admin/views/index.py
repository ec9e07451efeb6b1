"""What the overview shows beside the names: how many, and what was done last."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from docmodels.connections.deadlines import deadline
from docmodels.exceptions import DocmodelsError

#: How many seconds all the counts of the overview may take together.
COUNT_DEADLINE = 1.5
#: How many entries of the log are shown.
RECENT = 10
#: Tables of Django are counted up to this.
MODEL_LIMIT = 10_000

_VERBS = {
    ADDITION: ("add", "+", gettext_lazy("added")),
    CHANGE: ("change", "~", gettext_lazy("changed")),
    DELETION: ("delete", "\u2212", gettext_lazy("deleted")),
}


def add_counts(app_list: list[dict[str, Any]]) -> None:
    """Write `count_text` into the entries of `app_list`; nothing where it fails."""
    reachable = True
    with deadline(COUNT_DEADLINE):
        for entry in (entry for app in app_list for entry in app["models"]):
            if not entry["admin_url"]:
                continue
            try:
                if not entry["is_document"]:
                    entry["count_text"] = _count_rows(entry["model"])
                elif reachable:
                    number = entry["model"]._default_manager.estimated_count()
                    entry["count_text"] = number_format(number, force_grouping=True)
            except DocmodelsError:
                # The names are worth more than the numbers.
                reachable = False


def _count_rows(model: Any) -> str:
    rows = model._default_manager.all()[: MODEL_LIMIT + 1].count()
    text = number_format(min(rows, MODEL_LIMIT), force_grouping=True)
    return f"{text}+" if rows > MODEL_LIMIT else text


def recent_actions(request: HttpRequest, site_name: str) -> list[dict[str, Any]]:
    """Return the user's last entries of the log, each with its address."""
    entries = LogEntry.objects.filter(user_id=request.user.pk).select_related("content_type")
    return [_describe(entry, site_name) for entry in entries[:RECENT]]


def _describe(entry: Any, site_name: str) -> dict[str, Any]:
    kind, mark, verb = _VERBS.get(entry.action_flag, _VERBS[CHANGE])
    return {
        "kind": kind,
        "mark": mark,
        "verb": verb,
        "text": entry.object_repr or _("(no name)"),
        "when": entry.action_time,
        "content_type_name": capfirst(entry.content_type.name) if entry.content_type else "",
        "url": None if entry.action_flag == DELETION else _url(entry, site_name),
    }


def _url(entry: Any, site_name: str) -> str | None:
    content_type = entry.content_type
    if content_type is None:
        return None
    name = f"admin:{content_type.app_label}_{content_type.model}_change"
    # The log has keys of documents as addresses have them, those of models as they are.
    key = entry.object_id if content_type.model_class() is None else quote(entry.object_id)
    try:
        return reverse(name, args=[key], current_app=site_name)
    except NoReverseMatch:
        return None
