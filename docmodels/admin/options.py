"""
`DocumentAdmin`: the options and hooks of one document's pages.

Names and signatures are those of Django's ModelAdmin. The pages themselves are
the view classes in `docmodels.admin.views`; this class only tells them what to
show and what is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.forms import Media, MediaDefiningClass
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.module_loading import import_string
from django.utils.safestring import mark_safe

from docmodels.admin import keys
from docmodels.admin.actions import get_actions
from docmodels.admin.audit import deletion_message
from docmodels.admin.checks import check_document_admin
from docmodels.admin.crossing import searchable
from docmodels.admin.permissions import PermissionsMixin
from docmodels.admin.search import PREFIXES, get_search_results
from docmodels.admin.tree.slots import visible_document


class DocumentAdmin(PermissionsMixin, metaclass=MediaDefiningClass):
    """
    How one document class is browsed and edited.

    Register it with `@admin.register(Order)`. Each option has a `get_…()`
    method of the same name that receives the request; override the attribute
    where the answer is always the same, the method where it depends on the
    user or the address.
    """

    # The list

    #: Columns: paths (`"number"`, `"address__city"`), methods of the admin or of
    #: the document, callables (default: the first fields of the document).
    list_display: Sequence[Any] = ()
    #: Columns that link to the document; None for none (default: the first one).
    list_display_links: Sequence[Any] | None = ()
    #: Filters: paths, `(path, FilterClass)` or SimpleListFilter subclasses (default: none).
    list_filter: Sequence[Any] = ()
    #: Paths that the search box looks in, with `^` for "starts with" and `=` for
    #: "is" in front (default: none, and no search box).
    search_fields: Sequence[str] = ()
    #: A line below the search box (default: none).
    search_help_text: str | None = None
    #: Order of the list, as `Meta.ordering`; that one unless given.
    ordering: Sequence[str] | None = None
    #: Columns that may be sorted by; None for all that can be (default: None).
    sortable_by: Sequence[Any] | None = None
    #: Rows on a page (default: 25).
    list_per_page: int = 25
    #: The greatest page size that an address may ask for (default: 200).
    list_max_per_page: int = 200
    #: What is shown where a method of the admin returns nothing (default: "-").
    empty_value_display: Any = "-"
    #: Actions on selected documents: names of methods, or functions (default: none
    #: besides `delete_selected`).
    actions: Sequence[Any] | None = ()
    #: Whether filters offer missing, null, empty and wrong type (default: True).
    state_filters: bool = True

    # The form

    #: Fields of the form, in order; None for all that are editable (default: None).
    fields: Sequence[Any] | None = None
    #: Groups of fields: `(title, {"fields": …, "classes": ["collapse"], "description": …})`,
    #: as in Django; None for one group (default: None).
    fieldsets: Sequence[Any] | None = None
    #: Fields to leave out; None for none (default: None).
    exclude: Sequence[str] | None = None
    #: Fields that are shown and cannot be changed (default: none).
    readonly_fields: Sequence[Any] = ()
    #: EmbeddedInline classes for embedded fields (default: none).
    inlines: Sequence[Any] = ()
    #: References with a search box; all of them have one (default: none).
    autocomplete_fields: Sequence[str] = ()
    #: References edited by their raw key alone (default: none).
    raw_id_fields: Sequence[str] = ()
    #: A link to the document's page on the site: True asks `get_absolute_url()`, a function
    #: is given the document (default: True).
    view_on_site: Any = True

    # Templates; None for docmodels' own

    change_list_template: str | None = None
    change_form_template: str | None = None
    add_form_template: str | None = None
    delete_confirmation_template: str | None = None
    delete_selected_confirmation_template: str | None = None
    object_history_template: str | None = None

    #: The view classes by page, as dotted names; override one to change a page.
    views: ClassVar[dict[str, str]] = {
        "list": "docmodels.admin.views.list.ListView",
        "detail": "docmodels.admin.views.detail.DetailView",
        "add": "docmodels.admin.views.add.AddView",
        "change": "docmodels.admin.views.change.ChangeView",
        "raw": "docmodels.admin.views.raw.RawView",
        "delete": "docmodels.admin.views.delete.DeleteView",
        "history": "docmodels.admin.views.history.HistoryView",
        "file": "docmodels.admin.views.file.FileView",
    }

    def __init__(self, model: type[Any], admin_site: Any) -> None:
        self.model = model
        self.opts = model._meta
        self.admin_site = admin_site

    def __str__(self) -> str:
        return f"{type(self).__module__}.{type(self).__qualname__}"

    def __repr__(self) -> str:
        return (
            f"<{type(self).__qualname__}: model={self.model.__qualname__} site={self.admin_site!r}>"
        )

    def check(self, **kwargs: Any) -> list[Any]:
        """Return what the system checks find wrong with the options."""
        return check_document_admin(self)

    # Addresses

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages, named as Django names them."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("", self.make_view("list"), name=f"{name}_changelist"),
            path("add/", self.make_view("add"), name=f"{name}_add"),
            path("<str:object_id>/history/", self.make_view("history"), name=f"{name}_history"),
            path("<str:object_id>/delete/", self.make_view("delete"), name=f"{name}_delete"),
            path("<str:object_id>/file/<str:field>/", self.make_view("file"), name=f"{name}_file"),
            path("<str:object_id>/raw/", self.make_view("raw"), name=f"{name}_raw"),
            path("<str:object_id>/change/", self.make_view("change"), name=f"{name}_change"),
            path("<str:object_id>/", self.make_view("detail"), name=f"{name}_detail"),
        ]

    @property
    def urls(self) -> list[URLPattern]:
        """Return what `get_urls` gives."""
        return self.get_urls()

    def make_view(self, page: str) -> Any:
        """Return the view of a page, behind the login."""
        view = import_string(self.views[page]).as_view(document_admin=self)
        return self.admin_site.admin_view(view)

    def get_url(self, page: str, obj: Any = None) -> str:
        """Return the address of a page: "changelist", "add", "change", "detail", …"""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        args = [] if obj is None else [self.get_object_key(obj)]
        return reverse(name, args=args, current_app=self.admin_site.name)

    def get_file_url(self, obj: Any, name: str) -> str:
        """Return the address of the file of a field."""
        url = f"admin:{self.opts.app_label}_{self.opts.model_name}_file"
        args = [self.get_object_key(obj), name]
        return reverse(url, args=args, current_app=self.admin_site.name)

    def get_object_key(self, obj: Any) -> str:
        """Return the segment of an address that names `obj`."""
        return keys.quote(obj._stored_pk())

    def get_view_on_site_url(self, obj: Any) -> str | None:
        """Return the address of the document's page on the site, None where it has none."""
        if callable(self.view_on_site):
            return self.view_on_site(obj)
        if self.view_on_site and hasattr(obj, "get_absolute_url"):
            return obj.get_absolute_url()
        return None

    # Documents

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the documents that `request` may see, as a queryset."""
        queryset = self.model._default_manager.all()
        ordering = self.get_ordering(request)
        return queryset.order_by(*ordering) if ordering else queryset

    def get_object(self, request: HttpRequest, object_id: str) -> Any:
        """Return the document of a segment of an address, or None."""
        try:
            key = keys.unquote(object_id)
        except ValueError:
            return None
        # `_id` may be of any type, also one that the document does not declare.
        return self.get_queryset(request).raw_filter({"_id": {"$eq": key}}).first()

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Return the order of the list; `Meta.ordering` where it is empty."""
        return self.ordering or ()

    # The list

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Return the columns that are shown at first."""
        if self.list_display:
            return self.list_display
        return [field.name for field in self.opts.fields if not field.hidden][:6]

    def get_list_display_links(
        self, request: HttpRequest, list_display: Sequence[Any]
    ) -> Sequence[Any]:
        """Return the columns that link to the document."""
        if self.list_display_links is None:
            return []
        return self.list_display_links or list(list_display)[:1]

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """Return the filters beside the list."""
        return self.list_filter

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        """Return the paths that the search box looks in."""
        return self.search_fields

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Return the documents that match, and False: none comes twice."""
        declared = self.get_search_fields(request)
        fields = searchable(request, self, declared, PREFIXES)
        if declared and not fields:
            return queryset.none() if search_term else queryset, False
        return get_search_results(queryset, fields, search_term), False

    def get_sortable_by(self, request: HttpRequest) -> Sequence[Any]:
        """Return the columns that may be sorted by."""
        if self.sortable_by is None:
            return self.get_list_display(request)
        return self.sortable_by

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Any, str, str]]:
        """Return function, name and description of the actions, by name."""
        return get_actions(self, request)

    def get_empty_value_display(self) -> Any:
        """Return what stands for nothing in columns of methods."""
        return mark_safe(self.empty_value_display)

    # The form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Return the fields of the form."""
        if self.fields is not None:
            return self.fields
        left_out = set(self.get_exclude(request, obj) or ())
        return [field.name for field in self.opts.fields if field.name not in left_out]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Return the groups of fields, as Django's `fieldsets`."""
        return self.fieldsets or [(None, {"fields": self.get_fields(request, obj)})]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Sequence[str] | None:
        """Return the fields that the form leaves out."""
        return self.exclude

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Return the fields that cannot be changed."""
        return self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Return the EmbeddedInline classes."""
        return self.inlines

    @property
    def media(self) -> Media:
        """Return scripts and styles of a `class Media`."""
        return Media()

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a document that was added or changed by hand."""
        # Changed paths must still hold what the form was made from. The form has judged
        # them; a bad value elsewhere in the document must not stand in their way.
        obj.save(guard=change, validate=not change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete one document."""
        obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete the selected documents."""
        queryset.delete()

    # Messages and the log

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        """Send a message to the user, shown on the next page."""
        number = level if isinstance(level, int) else getattr(messages.constants, level.upper())
        messages.add_message(
            request, number, message, extra_tags=extra_tags, fail_silently=fail_silently
        )

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log that a document was added."""
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log that a document was changed."""
        return self._log(request, obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Log that documents will be deleted, with what they held; call it before they are."""
        return [
            self._log(
                request,
                obj,
                DELETION,
                deletion_message(visible_document(obj.to_mongo(), self.opts)),
            )
            for obj in queryset
        ]

    def _log(self, request: HttpRequest, obj: Any, flag: int, message: Any) -> Any:
        return LogEntry.objects.create(
            user_id=request.user.pk,
            content_type_id=ContentType.objects.get_for_model(self.model).pk,
            object_id=self.get_object_key(obj),
            object_repr=str(obj)[:200],
            action_flag=flag,
            change_message=json.dumps(message) if isinstance(message, list) else message,
        )
