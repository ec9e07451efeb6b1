"""What refers to a document: for its page, and before it is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldError
from django.http import HttpRequest
from django.utils.formats import number_format

from docmodels.admin.columns import visible_path
from docmodels.admin.conditions import BadAddress, Condition
from docmodels.admin.tree.values import inert, to_text
from docmodels.constants import LOOKUP_SEP
from docmodels.documents.referrers import OnDelete, Referrer, referrers
from docmodels.exceptions import DocmodelsError

#: References are counted up to here: a count of all could take long.
COUNT_LIMIT = 1_000
#: How many referring documents are named.
EXAMPLES = 3


@dataclass(slots=True)
class Referring:
    """Documents of one class that refer to a document by one path."""

    model: Any
    #: Dotted names.
    path: str
    #: None where the count took too long.
    count: int | None
    rule: str
    blocks: bool
    examples: list[tuple[str, str]] = field(default_factory=list)
    #: The list of them, None where it cannot be shown.
    url: str | None = None

    @property
    def label(self) -> str:
        """Return what the documents are called."""
        return str(self.model._meta.verbose_name_plural)

    @property
    def count_text(self) -> str:
        """Return how many there are, "1,000+" for more than are counted."""
        if self.count is None:
            return "?"
        text = number_format(min(self.count, COUNT_LIMIT), force_grouping=True)
        return f"{text}+" if self.count > COUNT_LIMIT else text

    @property
    def has_more(self) -> bool:
        """Return whether there are more than are named."""
        return (self.count or 0) > EXAMPLES


def referring(
    request: HttpRequest, admin_site: Any, obj: Any, *, only_visible: bool = False
) -> Iterator[Referring]:
    """
    Yield what refers to `obj`.

    Documents that the user may not see are counted, never named; with
    `only_visible` they are left out.
    """
    cls: Any = type(obj)
    for referrer in referrers(cls):
        if referrer.in_map:
            # It would take a look at every document.
            continue
        admin = admin_site._registry.get(referrer.model)
        allowed = admin is not None and admin.has_view_permission(request)
        if allowed or not only_visible:
            found = _look(request, referrer, obj, admin if allowed else None)
            if found is not None and (found.url or not only_visible):
                yield found


def _look(request: HttpRequest, referrer: Referrer, obj: Any, admin: Any) -> Referring | None:
    model, target = referrer.model, referrer.field.target_field
    key = target.get_prep_value(getattr(obj, target.attname))
    if key is None:
        # Null refers to nothing, however many documents hold it.
        return None
    queryset = admin.get_queryset(request) if admin else model._default_manager.all()
    queryset = queryset.order_by().raw_filter(referrer.condition([key]))
    examples = []
    try:
        count = queryset.count_up_to(COUNT_LIMIT)
        if admin:
            examples = [
                (inert(str(found)), admin.get_url("detail", found)) for found in queryset[:EXAMPLES]
            ]
    except DocmodelsError:
        count = None
    names = path_names(model, referrer.steps)
    return Referring(
        model,
        ".".join(names),
        count,
        str(referrer.rule.value),
        referrer.rule in {OnDelete.PROTECT, OnDelete.RESTRICT} and bool(count),
        examples,
        _list_url(admin, names, key) if admin else None,
    )


def _list_url(admin: Any, names: list[str], key: Any) -> str | None:
    """Return the list of the documents that refer to `key`, None where no address says it."""
    parameter, text = LOOKUP_SEP.join(names), to_text(key)
    try:
        visible_path(admin.model, parameter)
        Condition(admin.model, parameter, [text])
    except (FieldError, BadAddress):
        return None
    return f"{admin.get_url('changelist')}?{urlencode({parameter: text})}"


def path_names(model: Any, steps: tuple[str, ...]) -> list[str]:
    """Return the names along a path of keys."""
    names: list[str] = []
    meta: Any = model._meta
    for step in steps:
        if step == "[]":
            continue
        found: Any = meta.by_key.get(step) if meta is not None else None
        names.append(found.name if found is not None else step)
        while getattr(found, "base_field", None) is not None:
            found = found.base_field
        meta = getattr(getattr(found, "embedded_model", None), "_meta", None)
    return names
