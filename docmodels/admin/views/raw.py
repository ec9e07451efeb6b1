"""The page that changes a document as Extended JSON, also back to an earlier state."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from docmodels.admin import keys
from docmodels.admin.audit import logged_differences
from docmodels.admin.tree.diff import digest
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.raw import RawReader, document_text, parse_document, shown_document
from docmodels.admin.tree.revert import revert
from docmodels.admin.tree.snapshot import InvalidSnapshotError, Snapshot
from docmodels.admin.views.change import ChangeView

#: Characters of the largest document that is edited as one text: the browser sends it back
#: with what it was, and Django refuses requests of more than 2.5 MB.
LIMIT = 500_000
#: Lines of the text area.
MAX_ROWS = 40


class RawView(ChangeView):
    """
    Edit a document as text; with `?revert=`, the state before an entry of the log.

    The text is compared with what the page showed; the paths that differ are
    saved as those of the form are.
    """

    template_name = "docmodels/admin/raw_form.html"
    template_option = ""

    text = ""
    #: What the page of a review tells besides the differences.
    notes: dict[str, Any]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Start without notes."""
        super().setup(request, *args, **kwargs)
        self.notes = {}

    # Showing

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the text, or review a return to an earlier state."""
        stored, obj = self.load()
        document = self.visible(stored)
        snapshot = Snapshot(document, {}, digest(document))
        tree = self.make_tree(snapshot, obj)
        self.text = document_text(shown_document(tree))
        if len(self.text) > LIMIT:
            raise Http404(_("The document is too large to be edited as one text."))
        token = snapshot.dumps(*self.binding())
        if "revert" in request.GET:
            return self.revert(tree, snapshot, obj, token)
        return self.page(tree, obj, token)

    def page(
        self, tree: EditTree, obj: Any, token: str, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Return the page with the text."""
        return self.render(
            status=status,
            tree=tree,
            token=token,
            text=self.text,
            rows=min(self.text.count("\n") + 2, MAX_ROWS),
            **self.page_context(obj),
            **context,
        )

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Send what is reviewed to the page itself, wherever the text came from."""
        return super().get_context_data(**self.notes, action=context.get("raw_url"), **context)

    # Saving

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save what the text changes, or show what stands in the way."""
        self.text = request.POST.get("raw", "").replace("\r\n", "\n")
        token = request.POST.get("_base", "")
        try:
            snapshot = Snapshot.loads(token, *self.binding())
        except InvalidSnapshotError:
            return self.lost_base()
        try:
            _stored, obj = self.load()
        except Http404:
            return self.gone(snapshot)
        tree = self.make_tree(snapshot, obj)
        if "_edit" in request.POST:
            return self.page(tree, obj, token)
        return self.submit(tree, snapshot, obj, token)

    def submit(self, tree: EditTree, snapshot: Snapshot, obj: Any, token: str) -> HttpResponse:
        """Carry out what the text changes."""
        try:
            changes = RawReader(tree).read(parse_document(self.text))
        except ValidationError as error:
            tree.non_field_errors.extend(error.messages)
        if tree.errors:
            return self.page(tree, obj, token, status=422)
        if not changes:
            return self.leave(obj, _("Nothing was changed."))
        return self.save(tree, snapshot, changes, token)

    def lost_base(self) -> HttpResponse:
        """Show the text again, over the document of now."""
        stored, obj = self.load()
        document = self.visible(stored)
        snapshot = Snapshot(document, {}, digest(document))
        tree = self.make_tree(snapshot, obj)
        tree.non_field_errors.append(
            _("The page was damaged on its way. Look through your changes and save again.")
        )
        return self.page(tree, obj, snapshot.dumps(*self.binding()), status=422)

    def gone(self, snapshot: Snapshot) -> HttpResponse:
        """Tell that the document was deleted meanwhile, with the text in reach."""
        obj = self.model.from_mongo(dict(snapshot.document))
        return self.render(
            template="docmodels/admin/conflict.html",
            status=409,
            gone=True,
            text=self.text,
            title=self.name_of(obj),
        )

    def sent(self, undecided: Collection[str] = ()) -> list[tuple[str, str]]:
        """Return the text and the choices, to be sent again."""
        return [*super().sent(undecided), ("raw", self.text)]

    # Going back

    @property
    def reviewing(self) -> bool:
        """Return whether the changes are only to be shown; a return always is, at first."""
        return super().reviewing or self.request.method == "GET"

    def revert(self, tree: EditTree, snapshot: Snapshot, obj: Any, token: str) -> HttpResponse:
        """Show what it means to put the values before an entry of the log back."""
        differences = logged_differences(self.entry())
        if not differences:
            raise Http404(_("The log does not have the whole values of this change."))
        result = revert(shown_document(tree), self.opts, differences)
        self.text = document_text(result.document)
        self.notes = {"lost": result.lost, "changed_since": result.changed_since}
        changes = RawReader(tree).read(result.document)
        if tree.errors:
            return self.page(tree, obj, token, status=422)
        if not changes:
            self.document_admin.message_user(
                self.request, _("The document holds these values already."), "warning"
            )
            return HttpResponseRedirect(self.get_url("history", obj))
        return self.save(tree, snapshot, changes, token)

    def entry(self) -> LogEntry:
        """Return the entry of the log that the address names."""
        number = self.request.GET["revert"]
        found = LogEntry.objects.filter(
            content_type_id=self.content_type_id(),
            object_id=keys.quote(self.key),
            action_flag=CHANGE,
            pk=int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0,
        ).first()
        if found is None:
            raise Http404(_("The log has no such entry."))
        return found
