"""The list of documents, and the fragments that it loads after itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from docmodels.admin import keys, liststate
from docmodels.admin.actions import SELECTED, run_action
from docmodels.admin.changelist import ChangeList
from docmodels.admin.conditions import BadAddress
from docmodels.admin.filters import PathFilter
from docmodels.admin.views.base import AdminView
from docmodels.exceptions import ConnectionUnavailable, DeadlineExceeded

#: How many seconds the exact number may take.
EXACT_COUNT_DEADLINE = 60.0
#: The page sizes that are offered.
SIZES = (10, 25, 50, 100, 200)


class ListView(AdminView):
    """Show what the address asks for; run actions on what is selected."""

    template_name = "docmodels/admin/list.html"
    template_option = "change_list_template"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Give the exact number, which runs on the slow alias, more time."""
        super().setup(request, *args, **kwargs)
        if request.GET.get(liststate.COUNT) == "exact":
            self.deadline = EXACT_COUNT_DEADLINE

    def has_permission(self) -> bool:
        """Ask whether the documents may be seen."""
        return self.document_admin.has_view_or_change_permission(self.request)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the list, or the fragment of it that htmx asked for."""
        try:
            changelist = ChangeList(request, self.document_admin)
            if (key := changelist.state.get(liststate.KEY)) is not None:
                return self.jump(changelist, key)
            response = self.fragment(changelist) or self.page(changelist)
            if isinstance(response, TemplateResponse):
                # A condition is judged when its query is compiled, which is here.
                response.render()
        except BadAddress as error:
            return self.bad_address(error)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Run the chosen action; without an answer of its own show the list again."""
        if not self.document_admin.get_actions(request):
            raise PermissionDenied
        answer = run_action(self.document_admin, request)
        return answer or HttpResponseRedirect(request.get_full_path())

    def page(self, changelist: ChangeList) -> TemplateResponse:
        """Return the whole page."""
        actions = self.document_admin.get_actions(self.request)
        name = {
            "verbose_name": self.opts.verbose_name,
            "verbose_name_plural": self.opts.verbose_name_plural,
        }
        count = changelist.state.get(liststate.COUNT)
        return self.render(
            title=capfirst(self.opts.verbose_name_plural),
            cl=changelist,
            headings=list(changelist.headings()),
            rows=list(changelist.rows()),
            chips=list(changelist.chips()),
            actions=[(key, text % name) for key, (_f, _n, text) in actions.items()],
            selected_name=SELECTED,
            search_fields=self.document_admin.get_search_fields(self.request),
            sizes=sorted({*SIZES, changelist.size}),
            add_url=self.document_admin.get_url("add")
            if self.document_admin.has_add_permission(self.request)
            else None,
            count=self.count_context(changelist, count) if count else None,
            filter_inputs=changelist.state.inputs(*self.filter_names(changelist)),
            search_inputs=changelist.state.inputs(liststate.SEARCH),
            view_inputs=changelist.state.inputs(liststate.COLUMNS, liststate.SIZE),
            all_inputs=changelist.state.inputs(),
        )

    def filter_names(self, changelist: ChangeList) -> list[str]:
        """Return the parameters that the drawer's own inputs send."""
        return [
            field.name
            for made in changelist.filters
            if isinstance(made, PathFilter)
            for field in made.inputs()
        ]

    # Fragments

    def fragment(self, changelist: ChangeList) -> TemplateResponse | None:
        """Return the part that htmx asked for, None for the page."""
        if self.request.headers.get("HX-Request") != "true":
            return None
        if (kind := changelist.state.get(liststate.COUNT)) is not None:
            context = {"count": self.count_context(changelist, kind), "cl": changelist}
            return TemplateResponse(self.request, "docmodels/admin/count.html", context)
        if (path := changelist.state.get(liststate.FACET)) is not None:
            found = [f for f in changelist.filters if getattr(f, "path", None) == path]
            if found:
                context = {"filter": found[0], "cl": changelist}
                return TemplateResponse(self.request, "docmodels/admin/facet.html", context)
        return None

    def count_context(self, changelist: ChangeList, kind: str) -> dict[str, Any]:
        """Return the number of documents, and the address of the exact one."""
        if kind not in {"1", "exact"}:
            raise BadAddress(
                _("“%(value)s”, expected 1 or exact.") % {"value": kind[:20]}, liststate.COUNT
            )
        url = None if kind == "exact" else changelist.state.url(_count="exact")
        try:
            text = changelist.count_text(kind)
        except (ConnectionUnavailable, DeadlineExceeded):
            # The rows are worth more than their number.
            text = None
        return {"text": text, "exact_url": url}

    def jump(self, changelist: ChangeList, text: str) -> HttpResponseBase:
        """Go to the document whose key was typed; say so where there is none."""
        condition = {"_id": {"$in": keys.parse(text)}}
        for document in changelist.root_queryset.order_by().raw_filter(condition)[:1]:
            return HttpResponseRedirect(self.document_admin.get_url("detail", document))
        self.document_admin.message_user(
            self.request,
            format_html(_("No {} has the key “{}”."), self.opts.verbose_name, text[:200]),
            messages.WARNING,
        )
        return HttpResponseRedirect(self.request.path + changelist.state.url())

    def bad_address(self, error: BadAddress) -> HttpResponse:
        """Return a page that says what does not fit, with the address without it."""
        query = self.request.GET.copy()
        query.pop(error.parameter, None)
        text = query.urlencode() if error.parameter else ""
        return self.refusal(
            400,
            _("This address does not fit"),
            str(error),
            retry_url=f"{self.request.path}?{text}" if text else self.request.path,
            retry_text=_("Show the list without it"),
        )
