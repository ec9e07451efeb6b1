"""Cells of single values: text, numbers, dates, identifiers."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from docmodels.admin.cells.base import Cell
from docmodels.admin.cells.containers import ObjectCell
from docmodels.admin.tree.values import display, type_name, visible

#: Characters of a text that a cell shows.
TEXT_LIMIT = 80
#: Characters of a text that its tooltip shows.
TOOLTIP_LIMIT = 300


class TextCell(Cell):
    """Text on one line, cut where it is long."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return the text; quotes stand for an empty one."""
        text = str(self.value)
        if not text:
            return mark_safe('<span class="null">""</span>')
        if len(text) <= TEXT_LIMIT:
            return self.filtering(visible(text), text) if text.strip() == text else visible(text)
        return format_html(
            '<span title="{}">{}…</span>', text[:TOOLTIP_LIMIT], visible(text, TEXT_LIMIT)
        )


class ValueCell(Cell):
    """Any other single value, as the pages of a document show it."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return the value, with its type beside it."""
        return format_html(
            '{} <span class="badge">{}</span>',
            display(self.value, TEXT_LIMIT),
            type_name(self.value),
        )


class NumberCell(Cell):
    """A number, digits below digits."""

    css = "number"
    __slots__ = ()

    def html(self) -> SafeString:
        """Return the digits as they are stored."""
        shown = display(self.value)
        return self.filtering(shown, shown)


class BooleanCell(Cell):
    """Yes or no."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return a mark with its meaning for those who cannot see it."""
        if self.value:
            mark = format_html('<span class="yes" role="img" aria-label="{}">✓</span>', _("Yes"))
        else:
            mark = format_html('<span class="no" role="img" aria-label="{}">✗</span>', _("No"))
        return self.filtering(mark, "true" if self.value else "false")


class DateTimeCell(Cell):
    """A moment in the current time zone, to the millisecond."""

    css = "date"
    __slots__ = ()

    def html(self) -> SafeString:
        """Return date and time; the day filters."""
        try:
            moment = timezone.localtime(self.value)
        except (AttributeError, OverflowError, ValueError):
            return display(self.value)
        day = f"{moment:%Y-%m-%d}" if moment.year > 999 else moment.date().isoformat()
        time = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"
        shown = format_html(
            '<time datetime="{}">{} <i>{}</i></time>', moment.isoformat(), day, time
        )
        return self.filtering(shown, day, "__on")


class DateCell(Cell):
    """A day."""

    css = "date"
    __slots__ = ()

    def html(self) -> SafeString:
        """Return the day."""
        if not isinstance(self.value, datetime.date):
            return display(self.value)
        day = self.value.date() if isinstance(self.value, datetime.datetime) else self.value
        return self.filtering(format_html("<time>{}</time>", day.isoformat()), day.isoformat())


class IdCell(Cell):
    """A long identifier, shortened in the middle, with a button that copies it."""

    template_name = "id.html"
    __slots__ = ()

    @property
    def text(self) -> str:
        """Return the whole identifier."""
        return str(self.value)

    @property
    def short(self) -> str:
        """Return its beginning and its end."""
        return f"{self.text[:6]}…{self.text[-4:]}"

    def plain(self) -> SafeString:
        """Return the short form."""
        return format_html('<span class="id mono" title="{}">{}</span>', self.text, self.short)


class ChoiceCell(Cell):
    """The display name of a choice."""

    __slots__ = ()

    def html(self) -> SafeString:
        """Return the name; the stored value filters."""
        return self.filtering(visible(str(self.extra)), self.value)


class PointCell(Cell):
    """A position: latitude and longitude."""

    css = "number"
    __slots__ = ()

    def html(self) -> SafeString:
        """Return the two numbers."""
        point = self.field.from_db(self.value)
        if not isinstance(point, tuple):
            return ObjectCell(self.value, self.field, self.column).html()
        return format_html("{}, {}", f"{point[1]:.4f}", f"{point[0]:.4f}")
