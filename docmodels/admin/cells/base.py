"""The base of cells: a value that draws itself."""

from __future__ import annotations

from typing import Any, ClassVar

from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class Cell:
    """The base: a value as text."""

    #: The template, for cells that have one.
    template_name: ClassVar[str] = ""
    #: A class of the table cell, such as "number".
    css: ClassVar[str] = ""

    __slots__ = ("column", "extra", "field", "value")

    def __init__(
        self, value: Any, field: Any = None, column: Any = None, extra: Any = None
    ) -> None:
        self.value = value
        self.field = field
        self.column = column
        #: What the page knows besides: the document of a reference, a message.
        self.extra = extra

    def html(self) -> SafeString:
        """Return the inside of the cell."""
        template = get_template(f"docmodels/admin/cells/{self.template_name}")
        return mark_safe(template.render({"cell": self}))

    def plain(self) -> SafeString:
        """Return the inside for a cell that is a link as a whole: nothing else to click."""
        self.column = None
        return self.html()

    def filtering(self, shown: SafeString | str, value: Any, lookup: str = "") -> SafeString:
        """Return `shown` as a button that narrows the list to `value`."""
        path = getattr(self.column, "filter_path", None)
        if path is None:
            return mark_safe(shown)
        return format_html(
            '<button form="by" class="by" name="{}{}" value="{}">{}</button>',
            path, lookup, value, shown,
        )  # fmt: skip
