"""
What every page has: a document's admin, a permission, a context, a way to fail.

A page is a subclass of AdminView with `template_name`, `has_permission()` and
Django's `get()` / `post()` that return `self.render(…)` or a redirect.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.generic import View

from docmodels.connections.deadlines import deadline
from docmodels.exceptions import (
    ConnectionUnavailable,
    DeadlineExceeded,
    DocmodelsError,
    FilterValueError,
    InvalidPageToken,
)

logger = logging.getLogger("docmodels.admin")

#: The deadline of a page, in seconds.
PAGE_DEADLINE = 10.0


class AdminView(View):
    """The base of a document's pages."""

    #: The DocumentAdmin whose page it is; `as_view()` receives it (required).
    document_admin: Any = None
    #: The template of the page (required).
    template_name: str = ""
    #: How many seconds all the queries of the page may take together (default: 10).
    deadline: float = PAGE_DEADLINE
    #: The option of DocumentAdmin that names another template (default: none).
    template_option: str = ""

    request: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Make the document's class and its options attributes of the view."""
        super().setup(request, *args, **kwargs)
        self.site = self.document_admin.admin_site
        self.model = self.document_admin.model
        self.opts = self.model._meta
        request.current_app = self.site.name

    def has_permission(self) -> bool:
        """Tell whether the user may open the page."""
        return self.document_admin.has_view_permission(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, with a friendly page where the database does not, or nothing is to be seen."""
        try:
            if not self.has_permission():
                raise PermissionDenied
            with deadline(self.deadline):
                response = super().dispatch(request, *args, **kwargs)
                # Templates ask the database too; their failures belong here.
                if isinstance(response, TemplateResponse):
                    response.render()
                return response
        except DocmodelsError as error:
            return self.failure(error)
        except PermissionDenied as error:
            advice = str(error) or _("Your account may not do this. Ask whoever runs the site.")
            return self.refusal(403, _("Not allowed"), advice)
        except Http404 as error:
            advice = str(error) or _("There is nothing at this address.")
            return self.refusal(404, _("Not found"), advice)

    def get_object(self) -> Any:
        """Return the document of the address; raise Http404 where none is."""
        obj = self.document_admin.get_object(self.request, self.kwargs["object_id"])
        if obj is None:
            raise Http404(
                _("%(name)s with key “%(key)s” does not exist.")
                % {"name": self.opts.verbose_name, "key": self.kwargs["object_id"][:200]}
            )
        return obj

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the templates of all pages need, and `context`."""
        admin = self.document_admin
        return {
            **self.site.each_context(self.request),
            "document_admin": admin,
            "opts": self.opts,
            "changelist_url": admin.get_url("changelist"),
            "media": admin.media,
            "perms_of": admin.get_model_perms(self.request),
            **context,
        }

    def render(self, *, status: int = 200, template: str = "", **context: Any) -> TemplateResponse:
        """Return the page; `template` replaces the one of the class."""
        chosen = (
            template or getattr(self.document_admin, self.template_option or "_", None)
        ) or self.template_name
        return TemplateResponse(
            self.request, chosen, self.get_context_data(**context), status=status
        )

    def failure(self, error: DocmodelsError) -> HttpResponse:
        """Return the page for an error of the database: what happened, and a way on."""
        status, title, advice = describe_failure(error)
        if status == 500:
            logger.error("A page of %s failed.", self.opts.label, exc_info=error)
        unknown = getattr(error, "outcome_unknown", False) and self.request.method == "POST"
        response = self.refusal(
            status,
            title,
            advice,
            retry_url=self.request.get_full_path(),
            outcome_unknown=unknown,
        )
        if status == 503:
            response.headers["Retry-After"] = "2"
        return response

    def refusal(self, status: int, title: str, advice: str, **context: Any) -> HttpResponse:
        """Return a page that says why there is no other."""
        # Not the context of a subclass, which may need what could not be read.
        context = AdminView.get_context_data(self, title=title, advice=advice, **context)
        if not self.document_admin.has_view_or_change_permission(self.request):
            context["changelist_url"] = None
        response = TemplateResponse(
            self.request, "docmodels/admin/failure.html", context, status=status
        )
        return response.render()


def describe_failure(error: DocmodelsError) -> tuple[int, str, str]:
    """Return status, title and advice for an error, telling nothing of the server."""
    if isinstance(error, ConnectionUnavailable):
        return (
            503,
            _("The database cannot be reached"),
            _("It may be restarting. Nothing is lost; try again in a moment."),
        )
    if isinstance(error, DeadlineExceeded):
        return (
            503,
            _("The database took too long"),
            _("The query was stopped at its deadline. A narrower filter may help."),
        )
    if isinstance(error, (FilterValueError, InvalidPageToken)):
        return 400, _("This address does not fit"), str(error)
    return (
        500,
        _("The database refused the operation"),
        _("The reason is in the log of the server."),
    )
