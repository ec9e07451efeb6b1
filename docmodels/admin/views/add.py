"""The page that adds a document."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from docmodels.admin.audit import addition_message
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.snapshot import InvalidSnapshotError, Snapshot
from docmodels.admin.tree.submission import compose_all
from docmodels.admin.views.form import FormPage


class AddView(FormPage):
    """Make a new document; its defaults, and what the address gives, are filled in."""

    template_option = "add_form_template"
    adding = True

    def has_permission(self) -> bool:
        """Tell whether the user may add documents."""
        return bool(self.document_admin.has_add_permission(self.request))

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the inputs."""
        snapshot = self.initial()
        tree = self.make_tree(snapshot, self.model())
        return self.fragment(tree) or self.page(tree, snapshot.dumps(self.opts.label))

    def initial(self) -> Snapshot:
        """Return the defaults, with the values of the address."""
        names = {field.name for field in self.opts.fields if field.editable and not field.hidden}
        given = {name: value for name, value in self.request.GET.items() if name in names}
        obj = self.model(**given)
        stored = self.visible(obj.to_mongo())
        stored.pop(self.opts.version_key, None)
        return Snapshot.take(stored)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Store the document, or show what is wrong with it."""
        token = request.POST.get("_base", "")
        try:
            snapshot = Snapshot.loads(token, self.opts.label)
        except InvalidSnapshotError:
            snapshot = self.initial()
            token = snapshot.dumps(self.opts.label)
        tree = self.make_tree(snapshot, self.model(), request.POST)
        if "_add" in request.POST:
            tree.add_item(request.POST["_add"])
            return self.page(tree, token)
        obj = self.save(tree)
        if obj is None:
            return self.page(tree, token, status=422)
        name = self.name_of(obj)
        kind = self.opts.verbose_name
        return self.leave(
            obj, _("The %(kind)s “%(name)s” was added.") % {"kind": kind, "name": name}
        )

    def save(self, tree: EditTree) -> Any:
        """Return the stored document, or None where something is wrong."""
        admin = self.document_admin
        values = compose_all(tree)
        obj = tree.instance = self.model(**values)
        for name in {field.name for field in self.opts.fields} - set(values):
            # Emptied by hand: the default must not come back.
            node = tree.find(name)
            if node is not None and node.states and obj.is_set(name):
                delattr(obj, self.opts.get_field(name).attname)
        try:
            if tree.errors:
                # All errors at once, also those that only the whole document shows.
                obj.full_clean()
            else:
                admin.save_model(self.request, obj, tree, change=False)
        except ValidationError as error:
            tree.add_errors(errors_by_page_path(tree, error))
        if tree.errors:
            return None
        admin.log_addition(self.request, obj, addition_message(self.visible(obj.to_mongo())))
        return obj

    def page(self, tree: EditTree, token: str, *, status: int = 200) -> HttpResponse:
        """Return the page."""
        title = _("Add %(kind)s") % {"kind": self.opts.verbose_name}
        return self.form_page(
            tree,
            token,
            status=status,
            title=capfirst(title),
            summary=self.warn_of_errors(tree) if tree.errors else "",
        )


def errors_by_page_path(tree: EditTree, error: ValidationError) -> dict[str, list[str]]:
    """Return messages by the path that their inputs have."""
    if not hasattr(error, "error_dict"):
        return {"__all__": error.messages}
    found = {tree.page_path(path): texts for path, texts in error.message_dict.items()}
    # An input that could not be read says more than that its value is missing.
    return {path: texts for path, texts in found.items() if path not in tree.errors}
