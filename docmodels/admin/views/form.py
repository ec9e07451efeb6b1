"""What adding and changing a document share: the tree of inputs and its fragments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from django.core.exceptions import FieldError, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from docmodels.admin import keys
from docmodels.admin.fieldsets import FieldGroup, form_names, make_groups
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.inputs import EditNode
from docmodels.admin.tree.slots import shape
from docmodels.admin.tree.snapshot import Snapshot
from docmodels.admin.tree.values import inert, to_text
from docmodels.admin.views.document import DocumentPage

#: Documents that an autocomplete offers.
SUGGESTIONS = 10


class FormPage(DocumentPage):
    """The base of the pages with inputs."""

    template_name = "docmodels/admin/document_form.html"
    adding = False

    def make_tree(
        self, snapshot: Snapshot, obj: Any, data: QueryDict | None = None, part: str = ""
    ) -> EditTree:
        """Return the tree of inputs, as the options of the DocumentAdmin say."""
        admin = self.document_admin
        target = None if self.adding else obj
        fields = form_names(admin, self.request, target)
        top = part.partition(".")[0]
        if part and (fields is None or top in fields):
            fields = [top]
        tree = EditTree(
            self.opts,
            snapshot,
            data=data,
            files=self.request.FILES,
            adding=self.adding,
            readonly=admin.get_readonly_fields(self.request, target),
            fields=fields,
            exclude=admin.get_exclude(self.request, target) or (),
            inlines=admin.get_inlines(self.request, target),
        )
        tree.instance = obj
        for node in tree.walk():
            if node.path in admin.raw_id_fields and node.control.kind == "reference":
                node.control = node.control._replace(kind="text")
        return tree

    def groups(self, tree: EditTree) -> list[FieldGroup]:
        """Return the inputs in the groups that the DocumentAdmin declares."""
        target = None if self.adding else tree.instance
        fieldsets = self.document_admin.get_fieldsets(self.request, target)
        return make_groups(tree.nodes, fieldsets)

    def form_page(
        self, tree: EditTree, token: str, *, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """Return the page with the inputs of `tree`."""
        self.name_references(tree)
        self.show_files(tree)
        return self.render(
            status=status,
            tree=tree,
            groups=self.groups(tree),
            token=token,
            adding=self.adding,
            time_zone=timezone.get_current_timezone_name(),
            can_add=self.document_admin.has_add_permission(self.request),
            error_count=sum(len(found) for found in tree.errors.values()),
            view=self,
            **context,
        )

    def name_references(self, tree: EditTree) -> None:
        """Show the name of each document that an input refers to."""
        wanted: dict[Any, list[EditNode]] = {}
        for node in tree.walk():
            if node.control.kind == "reference" and node.text and len(wanted) < 50:
                wanted.setdefault(node.field, []).append(node)
        for field, nodes in wanted.items():
            found: dict[str, list[EditNode]] = {}
            for node in nodes:
                try:
                    key = field.get_prep_value(field.to_python(node.text))
                    found.setdefault(keys.quote(key), []).append(node)
                except (ValidationError, LookupError):
                    continue
            try:
                names = self.reference_names(field, [keys.unquote(key) for key in found])
            except LookupError:
                continue
            for key, group in found.items():
                for node in group:
                    node.note, node.url = names.get(key) or names.get("", ("", ""))

    def show_files(self, tree: EditTree) -> None:
        """Show name and address of each stored file that an input may replace."""
        for node in tree.files_wanted:
            if node.control.text and not self.adding:
                node.file = self.describe_file(tree.instance, node.field)

    # Fragments

    def fragment(self, tree: EditTree) -> HttpResponse | TemplateResponse | None:
        """Answer a request for a new element or for suggestions, else return None."""
        query = self.request.GET
        if "item" in query:
            node = tree.make(f"{query['item'][:1000]}.+{query.get('number', '')[:4]}")
            if node is None:
                raise Http404(_("There is no list at this path."))
            return self.render(
                template="docmodels/admin/tree/edit_item.html", node=node, fresh=True
            )
        if "autocomplete" in query:
            return self.render(
                template="docmodels/admin/tree/suggestions.html",
                suggestions=self.suggestions(query["autocomplete"], query.get("q", "")),
            )
        return None

    def suggestions(self, path: str, text: str) -> Sequence[tuple[str, str]]:
        """Return key and name of documents that a reference may mean."""
        try:
            field = self.opts.resolve(path.replace("+", "")).field
        except FieldError as error:
            raise Http404 from error
        if shape(field) != "reference":
            raise Http404(_("There is no reference at this path."))
        try:
            admin = self.site._registry.get(field.related_model)
        except LookupError:
            # What its class is the document has yet to tell.
            return []
        if admin is None or not admin.has_view_permission(self.request):
            return []
        queryset = admin.get_queryset(self.request)
        if text.strip():
            queryset = self.search(admin, queryset, text.strip()[:100])
        target = field.target_field
        return [
            (to_text(target.get_prep_value(getattr(obj, target.attname))), inert(str(obj)))
            for obj in queryset[:SUGGESTIONS]
        ]

    def search(self, admin: Any, queryset: Any, text: str) -> Any:
        """Return the documents that `text` may mean: by key, else by the search fields."""
        if ObjectId.is_valid(text):
            return queryset.raw_filter({"_id": {"$in": keys.parse(text)}})
        if not admin.get_search_fields(self.request):
            return queryset.raw_filter({"_id": {"$in": keys.parse(text)}})
        return admin.get_search_results(self.request, queryset, text)[0]

    # After saving

    def leave(self, obj: Any, message: str) -> HttpResponse:
        """Tell what was done, and go where the pressed button leads."""
        admin, data = self.document_admin, self.request.POST
        admin.message_user(self.request, message, "success")
        if "_continue" in data:
            return HttpResponseRedirect(self.get_url("change", obj))
        if "_addanother" in data and admin.has_add_permission(self.request):
            return HttpResponseRedirect(admin.get_url("add"))
        return HttpResponseRedirect(self.get_url("detail", obj))

    def warn_of_errors(self, tree: EditTree) -> str:
        """Return the line above a form that was refused."""
        count = sum(len(found) for found in tree.errors.values())
        return ngettext(
            "Nothing was saved: %(count)s value needs a correction.",
            "Nothing was saved: %(count)s values need a correction.",
            count,
        ) % {"count": count}
