"""What can be done with the selected documents; the functions are as in Django's admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.decorators import action
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from docmodels.admin import keys

#: The name of the check boxes, as in Django's admin.
SELECTED = "_selected_action"
#: How many documents the confirmation names.
NAMED = 50


@action(permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s"))
def delete_selected(
    document_admin: Any, request: HttpRequest, queryset: Any
) -> HttpResponseBase | None:
    """Show what will be deleted; delete it when that was confirmed."""
    documents = list(queryset)
    refused = [d for d in documents if not document_admin.has_delete_permission(request, d)]
    if refused:
        raise PermissionDenied
    if request.POST.get("post"):
        _delete(document_admin, request, queryset, documents)
        return None
    opts = document_admin.opts
    context = {
        **document_admin.admin_site.each_context(request),
        "title": _("Delete %(n)s %(name)s?")
        % {"n": len(documents), "name": _name(opts, documents)},
        "opts": opts,
        "changelist_url": document_admin.get_url("changelist"),
        "documents": [(str(d), document_admin.get_url("detail", d)) for d in documents[:NAMED]],
        "more": max(0, len(documents) - NAMED),
        "selected": request.POST.getlist(SELECTED),
        "selected_name": SELECTED,
    }
    template = document_admin.delete_selected_confirmation_template
    return TemplateResponse(request, template or "docmodels/admin/delete_selected.html", context)


def _delete(document_admin: Any, request: HttpRequest, queryset: Any, documents: list[Any]) -> None:
    try:
        # What was not deleted must not stay in the log.
        with transaction.atomic():
            document_admin.log_deletions(request, documents)
            document_admin.delete_queryset(request, queryset)
    except (ProtectedError, RestrictedError) as error:
        document_admin.message_user(request, error.args[0], messages.ERROR)
        return
    document_admin.message_user(
        request,
        _("Deleted %(n)s %(name)s.")
        % {"n": len(documents), "name": _name(document_admin.opts, documents)},
        messages.SUCCESS,
    )


def _name(opts: Any, documents: list[Any]) -> str:
    return str(opts.verbose_name if len(documents) == 1 else opts.verbose_name_plural)


def get_actions(document_admin: Any, request: HttpRequest) -> dict[str, tuple[Any, str, str]]:
    """Return function, name and description of what the user may do, by name."""
    if document_admin.actions is None:
        return {}
    found: dict[str, tuple[Any, str, str]] = {}
    for item in ["delete_selected", *document_admin.actions]:
        function, name = _find(document_admin, item)
        allowed = getattr(function, "allowed_permissions", ())
        if all(getattr(document_admin, f"has_{p}_permission")(request) for p in allowed):
            description = getattr(function, "short_description", None) or capfirst(
                name.replace("_", " ")
            )
            found[name] = (function, name, str(description))
    return found


def _find(document_admin: Any, item: Any) -> tuple[Callable[..., Any], str]:
    """Return a function of (admin, request, queryset), and its name."""
    if callable(item):
        return item, item.__name__
    owner = type(document_admin)
    if hasattr(owner, item):
        return getattr(owner, item), item
    if item == "delete_selected":
        return delete_selected, item
    return document_admin.admin_site.get_action(item), item


def run_action(document_admin: Any, request: HttpRequest) -> HttpResponseBase | None:
    """Run the chosen action on the selected documents; return its answer, if it gives one."""
    actions = document_admin.get_actions(request)
    name = request.POST.get("action", "")
    if name not in actions:
        document_admin.message_user(request, _("Choose what to do."), messages.WARNING)
        return None
    try:
        chosen = [keys.unquote(text) for text in request.POST.getlist(SELECTED)]
    except ValueError:
        chosen = []
    if not chosen:
        document_admin.message_user(
            request, _("Select the documents to do it with first."), messages.WARNING
        )
        return None
    queryset = document_admin.get_queryset(request).raw_filter({"_id": {"$in": chosen}})
    answer = actions[name][0](document_admin, request, queryset)
    return answer if isinstance(answer, HttpResponseBase) else None
