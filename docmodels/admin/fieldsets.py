"""Groups of inputs, as `fieldsets` declares them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docmodels.admin.tree.inputs import EditNode


@dataclass(slots=True)
class FieldGroup:
    """One group of a form."""

    title: Any
    description: Any
    #: CSS classes; "collapse" closes the group at first.
    classes: Sequence[str]
    nodes: list[EditNode]

    @property
    def can_collapse(self) -> bool:
        """Return whether the group has a heading to open it by."""
        return bool(self.title) and "collapse" in self.classes

    @property
    def is_open(self) -> bool:
        """Return whether something in it has to be seen."""
        return any(node.has_errors for node in self.nodes)

    @property
    def css(self) -> str:
        """Return the classes for the page."""
        return " ".join(self.classes)


def group_names(fields: Sequence[Any]) -> Iterator[str]:
    """Yield the names of `fields`, in which names may stand in tuples."""
    for item in fields:
        if isinstance(item, str):
            yield item
        else:
            yield from item


def form_names(document_admin: Any, request: Any, obj: Any) -> list[str] | None:
    """Return the names that a form shows, None for all and what is not declared."""
    fieldsets = document_admin.get_fieldsets(request, obj)
    names = [name for _title, options in fieldsets for name in group_names(options["fields"])]
    if document_admin.fields is None and not document_admin.fieldsets:
        left_out = set(document_admin.get_exclude(request, obj) or ())
        if {field.name for field in document_admin.opts.fields} <= left_out | set(names):
            return None
    return names


def make_groups(nodes: Sequence[EditNode], fieldsets: Sequence[Any]) -> list[FieldGroup]:
    """Sort inputs into groups; what no group names stands in the last one."""
    left = {node.part: node for node in nodes}
    groups = [
        FieldGroup(
            title,
            options.get("description"),
            options.get("classes", ()),
            [left.pop(name) for name in group_names(options["fields"]) if name in left],
        )
        for title, options in fieldsets
    ]
    if left:
        if len(groups) == 1 and not groups[0].title:
            # The order of the page, which has undeclared data in its place.
            groups[0].nodes = list(nodes)
        else:
            groups.append(FieldGroup(None, None, (), list(left.values())))
    return [group for group in groups if group.nodes]
