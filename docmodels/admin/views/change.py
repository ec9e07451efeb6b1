"""The page that changes a document, path by path."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from docmodels.admin.audit import change_message
from docmodels.admin.conflicts import Choice, Merge, merge
from docmodels.admin.tree.applying import Applier
from docmodels.admin.tree.diff import differences
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.inputs import EditNode
from docmodels.admin.tree.slots import find_slot
from docmodels.admin.tree.snapshot import SEPARATOR, InvalidSnapshotError, Snapshot, join_keys
from docmodels.admin.tree.submission import Change, read
from docmodels.admin.tree.values import summary
from docmodels.admin.views.form import FormPage
from docmodels.exceptions import VersionConflict

#: How often a save is tried again when somebody else was faster.
ATTEMPTS = 3
#: Paths that a review shows, and characters of a value.
MAX_REVIEWED, SHOWN = 200, 2_000


class ChangeView(FormPage):
    """
    Edit a document.

    What a page showed travels with it; a save writes the paths that differ
    from that, and only where the document still holds it.
    """

    template_option = "change_form_template"

    def has_permission(self) -> bool:
        """Tell whether the user may change documents."""
        return bool(self.document_admin.has_change_permission(self.request))

    def load(self) -> tuple[dict[str, Any], Any]:
        """Return the document; raise PermissionDenied where it may only be seen."""
        stored, obj = super().load()
        if not self.may("change", obj):
            raise PermissionDenied
        return stored, obj

    def binding(self) -> tuple[str, str]:
        """Return what a snapshot is bound to."""
        return (self.opts.label, self.kwargs["object_id"])

    # Showing

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the inputs, or a fragment of them."""
        stored, obj = self.load()
        stored = self.visible(stored)
        snapshot = Snapshot.take(stored, self.starts(stored))
        tree = self.make_tree(snapshot, obj, part=request.GET.get("part", ""))
        return self.fragment(tree) or self.page(tree, obj, snapshot.dumps(*self.binding()))

    def starts(self, stored: dict[str, Any]) -> dict[str, int]:
        """Return where long lists start, as `?at=reviews:20` says, by path of keys."""
        found = {}
        for text in self.request.GET.getlist("at")[:20]:
            path, _colon, start = text.rpartition(":")
            if start.isdecimal() and len(start) < 9:
                keys, slots = "", path.split(".")
                for depth in range(len(slots)):
                    slot = find_slot(stored, self.opts, ".".join(slots[: depth + 1]))
                    if slot is None:
                        break
                    keys = join_keys(keys, str(slot.key))
                else:
                    found[keys.replace(SEPARATOR, ".")] = int(start)
        return found

    def page(
        self, tree: EditTree, obj: Any, token: str, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Return the page."""
        warnings = [node for node in tree.walk() if node.warning]
        return self.form_page(
            tree,
            token,
            status=status,
            warnings=warnings,
            summary=self.warn_of_errors(tree) if tree.errors else "",
            **self.page_context(obj),
            **context,
        )

    # Saving

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the changes, or show what stands in their way."""
        token = request.POST.get("_base", "")
        try:
            snapshot = Snapshot.loads(token, *self.binding())
        except InvalidSnapshotError:
            return self.lost_base()
        try:
            _stored, obj = self.load()
        except Http404:
            return self.gone(snapshot)
        tree = self.make_tree(snapshot, obj, request.POST, part=request.GET.get("part", ""))
        if "_add" in request.POST or "_edit" in request.POST:
            tree.add_item(request.POST.get("_add", ""))
            return self.page(tree, obj, token)
        changes = read(tree)
        if not changes and not tree.errors:
            return self.leave(obj, _("Nothing was changed."))
        return self.save(tree, snapshot, changes, token)

    @property
    def reviewing(self) -> bool:
        """Return whether the changes are only to be shown."""
        return "_review" in self.request.POST

    def lost_base(self) -> HttpResponse:
        """Show the inputs again, filled as they were sent, over the document of now."""
        stored, obj = self.load()
        snapshot = Snapshot.take(self.visible(stored))
        tree = self.make_tree(snapshot, obj, self.request.POST)
        tree.non_field_errors.append(
            _("The page was damaged on its way. Look through your changes and save again.")
        )
        return self.page(tree, obj, snapshot.dumps(*self.binding()), status=422)

    def save(
        self, tree: EditTree, snapshot: Snapshot, changes: list[Change], token: str
    ) -> HttpResponse:
        """Carry out `changes` on the document as it is now."""
        for _attempt in range(ATTEMPTS):
            try:
                stored, obj = self.load()
            except Http404:
                return self.gone(snapshot)
            merged = merge(
                snapshot,
                self.visible(stored),
                changes,
                meta=self.opts,
                choices=self.choices(changes),
            )
            if merged.conflicts and not tree.errors:
                return self.conflict_page(tree, obj, merged, token)
            tree.instance = obj
            applier = Applier(obj, tree)
            applier.apply(merged.planned)
            applier.validate()
            tree.add_errors(applier.errors)
            if tree.errors:
                return self.page(tree, obj, token, status=422)
            if self.reviewing:
                return self.review_page(tree, obj, stored, merged, token)
            try:
                self.document_admin.save_model(self.request, obj, tree, change=True)
            except ValidationError as error:
                applier.add_errors(error)
                tree.add_errors(applier.errors)
                return self.page(tree, obj, token, status=422)
            except VersionConflict:
                continue
            except self.model.DoesNotExist:
                return self.gone(snapshot)
            return self.saved(obj, stored, merged)
        tree.non_field_errors.append(
            _("Others are changing this document right now. Nothing was saved; try again.")
        )
        return self.page(tree, obj, token, status=409)

    def choices(self, changes: list[Change]) -> dict[str, Choice]:
        """Return the sides that were chosen on the page of a conflict."""
        data = self.request.POST
        return {
            change.path: (data.get(f"choice:{change.path}", ""), data[f"seen:{change.path}"])
            for change in changes
            if f"seen:{change.path}" in data
        }

    def saved(self, obj: Any, before: dict[str, Any], merged: Merge) -> HttpResponse:
        """Log the difference, tell of it, and leave the page."""
        after = self.find_stored() or {}
        changed = differences(
            self.visible(before),
            self.visible(after),
            self.opts,
            ignore=(self.opts.version_key or "",),
        )
        name = self.name_of(obj)
        if merged.theirs:
            self.tell_of_merge([difference.path for difference in merged.theirs])
        if not changed:
            return self.leave(obj, _("Nothing was changed."))
        self.document_admin.log_change(self.request, obj, change_message(changed))
        message = ngettext(
            "“%(name)s” was saved, %(count)s path changed: %(paths)s.",
            "“%(name)s” was saved, %(count)s paths changed: %(paths)s.",
            len(changed),
        )
        shown = _listed([difference.path for difference in changed])
        return self.leave(obj, message % {"name": name, "count": len(changed), "paths": shown})

    def tell_of_merge(self, paths: list[str]) -> None:
        """Tell that somebody else saved meanwhile, and that nothing of it was lost."""
        text = _("Somebody else changed %(paths)s while you were editing; that is kept.")
        self.document_admin.message_user(self.request, text % {"paths": _listed(paths)}, "warning")

    def review_page(
        self, tree: EditTree, obj: Any, before: dict[str, Any], merged: Merge, token: str
    ) -> HttpResponse:
        """Show what a save would change; `obj` has the changes in it."""
        after = self.visible(obj.to_mongo())
        changed = differences(
            self.visible(before), after, self.opts, ignore=(self.opts.version_key or "",)
        )
        sent = {node.path: node.upload for node in uploads(tree)}
        shown = [
            (path, summary(old, SHOWN), summary(sent.get(path, new), SHOWN))
            for path, old, new in changed[:MAX_REVIEWED]
        ]
        # Choices that were made lead here again, and go along.
        return self.render(
            template="docmodels/admin/review.html",
            differences=shown,
            more=len(changed) - len(shown),
            merge=merged,
            token=token,
            sent=self.sent(),
            uploads=uploads(tree),
            **self.page_context(obj),
        )

    # Conflicts

    def conflict_page(self, tree: EditTree, obj: Any, merged: Merge, token: str) -> HttpResponse:
        """Show mine, theirs and the base of each path that two people changed."""
        return self.render(
            template="docmodels/admin/conflict.html",
            status=409,
            merge=merged,
            tree=tree,
            token=token,
            sent=self.sent({conflict.path for conflict in merged.conflicts}),
            uploads=uploads(tree),
            view=self,
            **self.page_context(obj),
        )

    def gone(self, snapshot: Snapshot) -> HttpResponse:
        """Show what was typed into the page of a document that was deleted meanwhile."""
        obj = self.model.from_mongo(dict(snapshot.document))
        tree = self.make_tree(snapshot, obj, self.request.POST)
        return self.render(
            template="docmodels/admin/conflict.html",
            status=409,
            gone=True,
            tree=tree,
            changes=read(tree),
            title=self.name_of(obj),
        )

    def sent(self, undecided: Collection[str] = ()) -> list[tuple[str, str]]:
        """Return the sent inputs, to be sent again with choices; made ones go along."""
        return [
            (name, value)
            for name, values in self.request.POST.lists()
            for kind, colon, path in [name.partition(":")]
            if (colon and kind == "f")
            or (colon and kind in {"choice", "seen"} and path not in undecided)
            or name in {"_continue", "_addanother"}
            for value in values
        ]


def uploads(tree: EditTree) -> list[EditNode]:
    """Return the inputs that a file was sent for: it must be sent again, as no page keeps it."""
    return [node for node in tree.files_wanted if node.upload is not None]


def _listed(paths: list[str]) -> str:
    shown = paths[:5]
    if len(paths) > len(shown):
        count = len(paths) - len(shown)
        rest = ngettext("%(count)s more", "%(count)s more", count)
        shown = [*shown, rest % {"count": count}]
    return str(get_text_list(shown, _("and")))
