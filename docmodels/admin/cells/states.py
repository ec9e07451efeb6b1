"""Cells of what is no value of the declared type: null, missing, another type, a failure."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from docmodels.admin.cells.base import Cell
from docmodels.admin.cells.scalars import TOOLTIP_LIMIT
from docmodels.admin.tree.values import summary, type_name, visible


class NullCell(Cell):
    """Null, which is stored."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return the word."""
        return mark_safe('<span class="null">null</span>')


class MissingCell(Cell):
    """Nothing is stored."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return a dotted dash."""
        return format_html('<span class="missing" role="img" aria-label="{}"></span>', _("missing"))


class WrongTypeCell(Cell):
    """A stored value that is not of the declared type; `extra` is the reason."""

    template_name = "wrong_type.html"
    __slots__ = ()

    @property
    def text(self) -> SafeString:
        """Return the value on one line; quotes stand for an empty text."""
        return summary(self.value, 60) or mark_safe('""')

    @property
    def type(self) -> str:
        """Return the type that is stored."""
        return type_name(self.value)


class ErrorCell(Cell):
    """A column's method failed on this document; `extra` is the exception's name."""

    template_name = "error.html"
    __slots__ = ()


class MethodCell(Cell):
    """What a method returned: safe HTML, or text."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return it escaped, unless it says that it is safe."""
        if hasattr(self.value, "__html__"):
            return mark_safe(self.value.__html__())
        return visible(str(self.value), TOOLTIP_LIMIT)
