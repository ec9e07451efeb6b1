"""Names of the documents that a page refers to, in one query for each class."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from django.http import HttpRequest

from docmodels.admin.tree.values import to_text
from docmodels.tracking import MISSING

#: A name and the address of the document's page; no address where it may not be opened.
Label = tuple[str, str]


class References:
    """Collect keys, load their documents at once, and give their names."""

    def __init__(self, request: HttpRequest, admin_site: Any) -> None:
        self.request = request
        self.admin_site = admin_site
        self._labels: dict[tuple[Any, Any], Label | None] = {}

    def load(self, field: Any, keys: Iterable[Any]) -> None:
        """Look up what is not known yet of the keys of a ReferenceField."""
        try:
            target, related = field.target_field, field.related_model
        except LookupError:
            # The class is not declared in this project; keys stay keys.
            return
        about = (related, target.name)
        wanted = {
            key
            for key in keys
            if not (key is None or key is MISSING)
            and isinstance(key, Hashable)
            and (about, key) not in self._labels
        }
        if not wanted:
            return
        related_admin = self.admin_site._registry.get(related)
        if related_admin and not related_admin.has_view_permission(self.request):
            self._labels.update({(about, key): (to_text(key), "") for key in wanted})
            return
        self._labels.update(dict.fromkeys(((about, key) for key in wanted), None))
        manager = related._default_manager
        queryset = related_admin.get_queryset(self.request) if related_admin else manager.all()
        condition = {target.db_field: {"$in": list(wanted)}}
        for document in queryset.order_by().raw_filter(condition):
            key = target.get_prep_value(getattr(document, target.attname))
            url = related_admin.get_url("detail", document) if related_admin else ""
            self._labels[about, key] = (str(document), url)

    def get(self, field: Any, key: Any) -> Label | None:
        """Return the name of a document, None where it does not exist."""
        if not isinstance(key, Hashable):
            return None
        try:
            about = (field.related_model, field.target_field.name)
        except LookupError:
            return (to_text(key), "")
        return self._labels.get((about, key))
