"""Cells of objects and arrays: a chip that opens what is inside."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from docmodels.admin.cells.base import Cell
from docmodels.admin.tree.values import summary, visible

#: Elements or keys that a popover lists, and characters of each.
POPOVER_ITEMS, POPOVER_TEXT = 8, 60


class ContainerCell(Cell):
    """The base of objects and arrays: a chip that opens what is inside."""

    template_name = "container.html"
    brackets: ClassVar[str] = "{}"
    __slots__ = ()

    @property
    def label(self) -> str:
        """Return the number of elements in their brackets."""
        return f"{self.brackets[0]}{len(self.value)}{self.brackets[1]}"

    def plain(self) -> SafeString:
        """Return the number alone."""
        return mark_safe(self.label)

    @property
    def lines(self) -> Iterable[SafeString]:
        """Return the first elements, a line each."""
        return [self.line(item) for item in list(self.items())[:POPOVER_ITEMS]]

    @property
    def more(self) -> int:
        """Return how many elements are not listed."""
        return max(0, len(self.value) - POPOVER_ITEMS)

    @abstractmethod
    def items(self) -> Iterable[Any]:
        """Return the elements."""

    def line(self, item: Any) -> SafeString:
        """Return the line of an element."""
        return summary(item, POPOVER_TEXT)


class ObjectCell(ContainerCell):
    """An embedded document: `{3}`."""

    __slots__ = ()

    def items(self) -> Iterable[Any]:
        """Return keys with values."""
        return self.value.items()

    def line(self, item: Any) -> SafeString:
        """Return key and value."""
        return format_html("<b>{}</b> {}", visible(item[0], 40), summary(item[1], POPOVER_TEXT))


class ArrayCell(ContainerCell):
    """A list: `[400]`; `extra` has a name and an address for each key of a list of references."""

    brackets = "[]"
    __slots__ = ()

    def items(self) -> Iterable[Any]:
        """Return the elements, of references with the names of their documents."""
        return zip(self.value, self.extra, strict=True) if self.extra else self.value

    def line(self, item: Any) -> SafeString:
        """Return the element, or the document that it refers to."""
        if not self.extra:
            return super().line(item)
        key, label = item
        if label is None:
            return format_html('<span class="broken">{}</span>', summary(key, POPOVER_TEXT))
        if not label[1]:
            return visible(label[0], POPOVER_TEXT)
        return format_html('<a href="{}">{}</a>', label[1], visible(label[0], POPOVER_TEXT))
