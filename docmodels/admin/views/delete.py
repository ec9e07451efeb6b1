"""The page that asks before a document is deleted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from docmodels.admin.referring import referring
from docmodels.admin.tree.diff import digest
from docmodels.admin.tree.nodes import TreeBuilder
from docmodels.admin.views.document import DocumentPage


class DeleteView(DocumentPage):
    """Show what refers to a document, and delete it when that is confirmed."""

    template_name = "docmodels/admin/delete_confirmation.html"
    template_option = "delete_confirmation_template"

    def has_permission(self) -> bool:
        """Tell whether the user may delete documents."""
        return bool(self.document_admin.has_delete_permission(self.request))

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask."""
        stored, obj = self.load()
        return self.page(stored, obj)

    def page(
        self, stored: dict[str, Any], obj: Any, *, problem: str = "", status: int = 200
    ) -> HttpResponse:
        """Return the page that asks."""
        if not self.may("delete", obj):
            raise PermissionDenied
        found = [item for item in referring(self.request, self.site, obj) if item.count != 0]
        shown = self.visible(stored)
        return self.render(
            status=status,
            problem=problem,
            referring=found,
            blocked=any(item.blocks for item in found),
            nodes=TreeBuilder(shown, self.opts).root()[:8],
            seen=digest(stored).hex(),
            **self.page_context(obj),
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete."""
        stored, obj = self.load()
        if not self.may("delete", obj):
            raise PermissionDenied
        if request.POST.get("seen") != digest(stored).hex():
            problem = _("Somebody changed the document since you were asked. Look again.")
            return self.page(stored, obj, problem=problem, status=409)
        admin, name = self.document_admin, self.name_of(obj)
        try:
            admin.delete_model(request, obj)
        except (ProtectedError, RestrictedError) as error:
            return self.page(stored, obj, problem=str(error.args[0]), status=409)
        # The instance has lost its key with its document.
        deleted = self.model.from_mongo(dict(stored))
        admin.log_deletions(request, [deleted])
        message = _("The %(kind)s “%(name)s” was deleted.")
        admin.message_user(
            request, message % {"kind": self.opts.verbose_name, "name": name}, "success"
        )
        return HttpResponseRedirect(self.list_url)
