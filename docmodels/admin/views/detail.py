"""The page that shows one document as a tree."""

from __future__ import annotations

import json
import uuid
from typing import Any

from bson import Int64, ObjectId
from django.core.exceptions import FieldError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from docmodels.admin.changelist import ChangeList
from docmodels.admin.conditions import BadAddress
from docmodels.admin.referring import referring
from docmodels.admin.rest_links import rest_url
from docmodels.admin.tree.nodes import MORE, Node, TreeBuilder, raw_json
from docmodels.admin.tree.values import visible
from docmodels.admin.views.document import DocumentPage
from docmodels.connections.deadlines import deadline
from docmodels.documents.referrers import referrers
from docmodels.exceptions import DocmodelsError
from docmodels.fields import FileField
from docmodels.forms.texts import to_ejson

#: Where links to neighbours lead.
STEPS = ("next", "previous")
#: Parts of the page that are loaded after it, by their names in the address.
PARTS = {
    "used-by": "docmodels/admin/used_by.html",
    "plan": "docmodels/admin/plan.html",
}
#: How many seconds all counts of referring documents may take together.
USED_BY_DEADLINE = 1.5
#: Characters of the raw document in the rail; the whole is a download.
RAW_LENGTH = 4_000


class DetailView(DocumentPage):
    """
    Show a document; with `?path=`, only what is there.

    A request of htmx gets just the further elements of a list.
    """

    template_name = "docmodels/admin/document_detail.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse | TemplateResponse:
        """Answer with the page, a part of it, or the raw document."""
        stored, obj = self.load()
        if (step := request.GET.get("_go")) in STEPS:
            return self.neighbour(stored, obj, step)
        if (part := request.GET.get("_part")) in PARTS and request.headers.get("HX-Request"):
            return self.render(template=PARTS[part], **self.part_context(part, obj))
        stored = self.visible(stored)
        if request.GET.get("format") == "json":
            return self.download(stored)
        builder = TreeBuilder(stored, self.opts, trees=request.GET.getlist("tree"))
        path = request.GET.get("path", "")
        focus = self.focus(builder, path) if path else None
        nodes = [focus] if focus else builder.root()
        self.resolve_references(builder.references)
        self.show_files(nodes, obj)
        if focus and request.headers.get("HX-Request"):
            return self.render(template="docmodels/admin/tree/more.html", node=focus, MORE=MORE)
        raw, cut = raw_json(stored, RAW_LENGTH)
        return self.render(
            **self.page_context(obj),
            nodes=nodes,
            focus=focus,
            absent=[] if focus else builder.absent,
            trail=_trail(path) if focus else [],
            references=_unique([item.node for item in builder.references]),
            problems=[node for node in _walk(nodes) if node.error],
            raw=visible(raw),
            raw_cut=cut,
            shell=shell_command(self.opts, self.key),
            python=python_expression(self.model, self.key),
            own_url=self.own_url(obj),
            rest=rest_url(request, obj),
            here=f"{self.origin}&" if self.origin else "?",
            is_used=any(True for _referrer in referrers(self.model)),
            **self.part_context(request.GET.get("_part"), obj),
            view=self,
            MORE=MORE,
        )

    def show_files(self, nodes: list[Node], obj: Any) -> None:
        """Show name and address of the files whose keys are on the page."""
        for node in nodes:
            field = self.opts.by_name.get(node.path)
            if isinstance(field, FileField) and node.kind == "scalar" and node.type == "objectId":
                node.file = self.describe_file(obj, field)

    # Parts that cost queries of their own

    def part_context(self, part: str | None, obj: Any) -> dict[str, Any]:
        """Return what one of the PARTS shows, nothing for any other name."""
        if part == "used-by":
            with deadline(USED_BY_DEADLINE):
                found = referring(self.request, self.site, obj, only_visible=True)
                return {"used_by": [item for item in found if item.count != 0]}
        if part == "plan":
            return {"plan": self.plan()}
        return {}

    def plan(self) -> dict[str, Any]:
        """Return what the server did to find the document."""
        try:
            plan = self.queryset.explain("executionStats")
        except DocmodelsError:
            return {}
        done = plan.get("executionStats", {})
        return {
            "documents": done.get("totalDocsExamined"),
            "keys": done.get("totalKeysExamined"),
            "milliseconds": done.get("executionTimeMillis"),
            "index": _index_name(plan),
        }

    def neighbour(self, stored: dict[str, Any], obj: Any, step: str) -> HttpResponse:
        """Go to the next or previous document in the order of the list."""
        try:
            changelist = ChangeList(self.request, self.document_admin, self.list_query)
            queryset = changelist.queryset.only("pk")
            page = queryset.page_beside(stored, back=step == "previous")
        except (BadAddress, FieldError) as error:
            return self.refusal(400, _("This address does not fit"), str(error))
        for found in page.items:
            return HttpResponseRedirect(self.get_url("detail", found))
        text = _("This is the last one of the list.")
        if step == "previous":
            text = _("This is the first one of the list.")
        self.document_admin.message_user(self.request, text)
        return HttpResponseRedirect(self.get_url("detail", obj))

    def own_url(self, obj: Any) -> str | None:
        """Return the address of the document's page on the site, if it has one."""
        try:
            return self.document_admin.get_view_on_site_url(obj)
        except Exception:
            # It is code of the project, run on data that may be wrong.
            return None

    def focus(self, builder: TreeBuilder, path: str) -> Node:
        """Return the node of one path; raise Http404 where there is none."""
        offset = self.request.GET.get("offset", "0")
        start = int(offset) if offset.isdecimal() and len(offset) < 9 else 0
        node = builder.at(path[:1000], start)
        if node is None:
            raise Http404(_("The document has nothing at this path."))
        return node

    def download(self, stored: dict[str, Any]) -> HttpResponse:
        """Return the document as a file of canonical Extended JSON."""
        return HttpResponse(
            to_ejson(stored, indent=2) + "\n",
            content_type="application/json; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{self.opts.model_name}.json"',
                "X-Content-Type-Options": "nosniff",
            },
        )


def _walk(nodes: list[Node]) -> Any:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _trail(path: str) -> list[tuple[str, str]]:
    parts = path.split(".")
    return [(part, ".".join(parts[: depth + 1])) for depth, part in enumerate(parts[:-1])]


def _unique(nodes: list[Node]) -> list[Node]:
    return list({(node.url or node.value): node for node in nodes}.values())[:20]


def shell_command(opts: Any, key: Any) -> str:
    """Return the document's query for mongosh."""
    collection = json.dumps(opts.collection, ensure_ascii=False)
    return f"db.getCollection({collection}).findOne({{_id: {_shell_literal(key)}}})"


def _shell_literal(key: Any) -> str:
    if isinstance(key, ObjectId):
        return f'ObjectId("{key}")'
    if isinstance(key, uuid.UUID):
        return f'UUID("{key}")'
    if isinstance(key, str):
        return json.dumps(key, ensure_ascii=False)
    if type(key) in {int, Int64} and abs(key) < 2**53:
        return str(int(key))
    return f"EJSON.parse({json.dumps(to_ejson(key), ensure_ascii=False)})"


def python_expression(model: type[Any], key: Any) -> str:
    """Return the document's query in Python."""
    literal = f'ObjectId("{key}")' if isinstance(key, ObjectId) else repr(key)
    return f"{model.__name__}.objects.get(pk={literal})"


def _index_name(plan: dict[str, Any]) -> str | None:
    """Return the index that a plan uses, None for none."""
    stages = [plan.get("queryPlanner", {}).get("winningPlan", {})]
    while stages:
        stage = stages.pop()
        if "indexName" in stage:
            return str(stage["indexName"])
        if stage.get("stage") in {"IDHACK", "EXPRESS_IXSCAN"}:
            return "_id_"
        stages += [inner for inner in stage.values() if isinstance(inner, dict)]
    return None
