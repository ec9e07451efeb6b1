"""The page that asks before a document is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from docmodels.admin.tree.diff import digest
from docmodels.admin.tree.nodes import TreeBuilder
from docmodels.admin.views.document import DocumentPage
from docmodels.documents.deletion import OnDelete, referrers
from docmodels.exceptions import DocmodelsError

#: References are counted up to here: a count of all could take long.
COUNT_LIMIT = 1_000


@dataclass(slots=True)
class Referring:
    """Documents of one class that refer to the one to be deleted, by one path."""

    label: str
    path: str
    #: None where the count took too long.
    count: int | None
    rule: str
    blocks: bool
    examples: list[tuple[str, str]]

    @property
    def is_more(self) -> bool:
        """Return whether there are more than were counted."""
        return self.count is not None and self.count > COUNT_LIMIT

    @property
    def shown(self) -> int:
        """Return the number to show."""
        return min(self.count or 0, COUNT_LIMIT)


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
        referring = [found for found in self.referring(obj) if found.count != 0]
        shown = self.visible(stored)
        return self.render(
            status=status,
            problem=problem,
            referring=referring,
            blocked=any(found.blocks for found in referring),
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
        except ProtectedError as error:
            return self.page(stored, obj, problem=str(error.args[0]), status=409)
        # The instance has lost its key with its document.
        deleted = self.model.from_mongo(dict(stored))
        admin.log_deletions(request, [deleted])
        message = _("The %(kind)s “%(name)s” was deleted.")
        admin.message_user(
            request, message % {"kind": self.opts.verbose_name, "name": name}, "success"
        )
        return HttpResponseRedirect(admin.get_url("changelist"))

    def referring(self, obj: Any) -> Iterator[Referring]:
        """Yield what refers to `obj`, as far as the user may know of it."""
        for referrer in referrers(self.model):
            model = referrer.model
            rule = referrer.field.on_delete or OnDelete.DO_NOTHING
            target = referrer.field.target_field
            key = target.get_prep_value(getattr(obj, target.attname))
            admin = self.site._registry.get(model)
            allowed = admin is not None and admin.has_view_permission(self.request)
            queryset = admin.get_queryset(self.request) if allowed else model._default_manager.all()
            queryset = queryset.order_by().raw_filter({referrer.db_path: {"$eq": key}})
            try:
                count = queryset.count_up_to(COUNT_LIMIT)
                shown = list(queryset[:3]) if allowed else []
            except DocmodelsError:
                count, shown = None, []
            yield Referring(
                str(model._meta.verbose_name_plural),
                _names(model, referrer.steps),
                count,
                str(rule.value),
                rule in {OnDelete.PROTECT, OnDelete.RESTRICT} and bool(count),
                [(str(found), admin.get_url("detail", found)) for found in shown],
            )


def _names(model: Any, steps: tuple[str, ...]) -> str:
    """Return the path of names of a path of keys."""
    names: list[str] = []
    meta: Any = model._meta
    for step in steps:
        if step == "[]":
            continue
        field: Any = meta.by_key.get(step) if meta is not None else None
        names.append(field.name if field is not None else step)
        while getattr(field, "base_field", None) is not None:
            field = field.base_field
        meta = getattr(getattr(field, "embedded_model", None), "_meta", None)
    return ".".join(names)
