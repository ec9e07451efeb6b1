"""The page with everything that was done to a document through this site."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _

from docmodels.admin import keys
from docmodels.admin.audit import logged_changes, logged_differences
from docmodels.admin.views.document import DocumentPage

PER_PAGE = 25

_WORDS = {ADDITION: _("added"), CHANGE: _("changed"), DELETION: _("deleted")}


class HistoryView(DocumentPage):
    """List the log entries of one document, each with its path diff."""

    template_name = "docmodels/admin/history.html"
    template_option = "object_history_template"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with a page of entries, the newest first."""
        try:
            _stored, obj = self.load()
            context = self.page_context(obj)
        except Http404:
            # A deleted document has a history too.
            context = {"title": self.kwargs["object_id"][:100], "deleted": True}
        entries = self.entries()
        if context.get("deleted") and not entries.exists():
            raise Http404
        page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
        rows = [
            {
                "entry": entry,
                "word": _WORDS.get(entry.action_flag),
                "changes": changes,
                "can_revert": bool(context.get("can_change") and logged_differences(entry)),
            }
            for entry in page
            for changes in [logged_changes(entry)]
        ]
        return self.render(**context, rows=rows, page=page, joint="&" if self.origin else "?")

    def entries(self) -> Any:
        """Return the entries of the log."""
        try:
            object_id = keys.quote(keys.unquote(self.kwargs["object_id"]))
        except ValueError as error:
            raise Http404 from error
        return (
            LogEntry.objects.filter(content_type_id=self.content_type_id(), object_id=object_id)
            .select_related("user")
            .order_by("-action_time", "-pk")
        )
