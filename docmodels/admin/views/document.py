"""What the pages of one document share: reading it, references, permissions."""

from __future__ import annotations

import time
from typing import Any

from bson.errors import BSONError
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from docmodels.admin import keys
from docmodels.admin.files import FileLink
from docmodels.admin.liststate import LIST, origin_of
from docmodels.admin.tree.nodes import Reference
from docmodels.admin.tree.slots import visible_document
from docmodels.admin.tree.values import inert
from docmodels.admin.views.base import AdminView
from docmodels.exceptions import DocmodelsError

#: References that one page looks up.
MAX_REFERENCES = 200
#: Characters of the address of a list that a document's page remembers.
MAX_LIST = 2_000


class DocumentPage(AdminView):
    """The base of the pages of one document."""

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Start the clock that the footer shows."""
        self.started = time.perf_counter()
        super().setup(request, *args, **kwargs)

    @property
    def milliseconds(self) -> str:
        """Return how long the page took until now."""
        return f"{(time.perf_counter() - self.started) * 1000:.1f}"

    # The list that led here

    @property
    def list_query(self) -> QueryDict:
        """Return the address of the list that led here, empty for the plain one."""
        return QueryDict(self.request.GET.get(LIST, "")[:MAX_LIST])

    @property
    def origin(self) -> str:
        """Return the query that the links between the document's pages carry."""
        return origin_of(self.list_query.urlencode())

    @property
    def list_url(self) -> str:
        """Return the list that led here."""
        query = self.list_query.urlencode()
        url = self.document_admin.get_url("changelist")
        return f"{url}?{query}" if query else url

    def get_url(self, page: str, obj: Any) -> str:
        """Return the address of another page of a document, which remembers the list."""
        return self.document_admin.get_url(page, obj) + self.origin

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Let the way back lead to the list as it was."""
        return super().get_context_data(**{"changelist_url": self.list_url, **context})

    def may(self, action: str, obj: Any) -> bool:
        """Tell whether the user may do `action` with `obj`."""
        check = getattr(self.document_admin, f"has_{action}_permission")
        return bool(check(self.request, obj))

    def find_stored(self) -> dict[str, Any] | None:
        """Return the document of the address as it is stored, or None."""
        try:
            key = keys.unquote(self.kwargs["object_id"])
        except ValueError:
            return None
        self.key = key
        self.queryset = self.document_admin.get_queryset(self.request).order_by()
        self.queryset = self.queryset.raw_filter({"_id": {"$eq": key}})
        self.alias = self.queryset.db
        return next(iter(self.queryset.raw()), None)

    def load(self) -> tuple[dict[str, Any], Any]:
        """
        Return the document as it is stored, and as an instance; raise Http404.

        An object that the user may not see does not exist for them.
        """
        stored = self.find_stored()
        if stored is not None:
            obj = self.model.from_mongo(dict(stored), using=self.alias)
            if self.may("view_or_change", obj) or self.may("delete", obj):
                return stored, obj
        raise Http404(
            _("%(name)s with key “%(key)s” does not exist.")
            % {"name": self.opts.verbose_name, "key": self.kwargs["object_id"][:200]}
        )

    def visible(self, stored: dict[str, Any]) -> dict[str, Any]:
        """Return the stored document without hidden fields."""
        return visible_document(stored, self.opts)

    def name_of(self, obj: Any) -> str:
        """Return the document's name, whatever its `__str__` does with messy data."""
        try:
            name = str(obj)
        except Exception:
            # It is code of the project, run on data that may be wrong.
            name = ""
        return inert(name or f"{capfirst(self.opts.verbose_name)} {obj._stored_pk()}")

    def page_context(self, obj: Any) -> dict[str, Any]:
        """Return what the frame of the document's pages shows."""
        key = self.kwargs["object_id"]
        name = self.name_of(obj)
        return {
            "object": obj,
            "object_name": name,
            "title": name,
            "object_key": key,
            "can_change": self.may("change", obj),
            "can_delete": self.may("delete", obj),
            "detail_url": self.get_url("detail", obj),
            "change_url": self.get_url("change", obj),
            "raw_url": self.get_url("raw", obj),
            "delete_url": self.get_url("delete", obj),
            "history_url": self.get_url("history", obj),
        }

    def content_type_id(self) -> int:
        """Return the id of the document's ContentType."""
        return ContentType.objects.get_for_model(self.model).pk

    # Files

    def describe_file(self, obj: Any, field: Any) -> FileLink:
        """Return what the pages show of a stored file, and where it is read."""
        return FileLink.of(obj, field, self.document_admin.get_file_url(obj, field.name))

    # References

    def resolve_references(self, references: list[Reference]) -> None:
        """Put name and address of the documents referred to into their nodes."""
        wanted: dict[Any, list[Reference]] = {}
        for reference in references[:MAX_REFERENCES]:
            wanted.setdefault(reference.field, []).append(reference)
        for field, found in wanted.items():
            try:
                names = self.reference_names(field, [reference.key for reference in found])
            except (DocmodelsError, LookupError, ValidationError, BSONError):
                # The page is about this document; it can be read without the names.
                continue
            for reference in found:
                known = names.get(keys.quote(reference.key))
                if known is not None:
                    reference.node.note, reference.node.url = known
                elif names:
                    reference.node.error = reference.node.error or names.get("", ("", ""))[0]

    def reference_names(self, field: Any, wanted: list[Any]) -> dict[str, tuple[str, str]]:
        """Return name and address by quoted key, for documents that the user may see."""
        admin = self.site._registry.get(field.related_model)
        if admin is None or not admin.has_view_permission(self.request):
            return {}
        target = field.target_field
        queryset = admin.get_queryset(self.request).order_by()
        queryset = queryset.raw_filter({target.db_field: {"$in": wanted}})
        names = {"": (_("No such document is stored."), "")}
        for obj in queryset[: len(wanted)]:
            if admin.has_view_permission(self.request, obj):
                value = target.get_prep_value(getattr(obj, target.attname))
                names[keys.quote(value)] = (inert(str(obj)), admin.get_url("detail", obj))
        return names
