"""
What a list shows, as its address says it, and addresses of what it could show.

Everything lives in the address, so that any view can be shared: `q` searches,
`o` sorts (`-placed_at,number`), `_cols` chooses columns, `_size` the number of
rows, `_after` and `_before` carry the place in the list. All other names are
filters. A field that is called `o` or `q` is filtered by `o__exact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldError
from django.http import QueryDict
from django.utils.translation import gettext as _

from docmodels.admin.columns import Column, PathColumn, visible_path
from docmodels.admin.conditions import MAX_CONDITIONS, BadAddress

SEARCH, ORDER = "q", "o"
COLUMNS, SIZE, AFTER, BEFORE = "_cols", "_size", "_after", "_before"
#: Asks for the number of rows: "1" up to a limit, "exact" on the slow alias.
COUNT = "_count"
#: Asks for the values of a filter.
FACET = "_facet"
#: Jumps to the document with a key.
KEY = "_id"

#: On the pages of a document: the address of the list that led there.
LIST = "_list"

#: Parameters that are about the place in the list, or that name a fragment.
PASSING = (AFTER, BEFORE, COUNT, FACET, KEY)
RESERVED = frozenset({SEARCH, ORDER, COLUMNS, SIZE, *PASSING})

MAX_COLUMNS, MAX_ORDER, MAX_SEARCH = 30, 6, 200


class ListState:
    """The parsed address of a list."""

    def __init__(self, query: QueryDict) -> None:
        #: Names with their values; blank ones say nothing.
        self.parameters: dict[str, list[str]] = {
            name: kept for name, values in query.lists() if (kept := [v for v in values if v])
        }
        if any("\x00" in text for vs in self.parameters.values() for text in vs):
            raise BadAddress(_("A null character is no text."), "")
        if len(self.parameters) > MAX_CONDITIONS:
            raise BadAddress(_("The address has too many parts."), "")

    def get(self, name: str) -> str | None:
        """Return the only value of a name, None where it is not given."""
        values = self.parameters.get(name)
        if values is None:
            return None
        if len(values) > 1:
            raise BadAddress(_("“%s” is given more than once.") % name, name)
        return values[0]

    @property
    def filters(self) -> dict[str, list[str]]:
        """Return the parameters that are filters."""
        return {name: vs for name, vs in self.parameters.items() if name not in RESERVED}

    @property
    def search(self) -> str:
        """Return what is searched for."""
        text = (self.get(SEARCH) or "").strip()
        if len(text) > MAX_SEARCH:
            message = _("Expected at most %d characters to search for.")
            raise BadAddress(message % MAX_SEARCH, SEARCH)
        return text

    # Parts that the page is made of

    def size(self, default: int, maximum: int) -> int:
        """Return the number of rows."""
        text = self.get(SIZE)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= maximum):
            raise BadAddress(
                _("“%(value)s” rows, expected a number from 1 to %(maximum)s.")
                % {"value": text[:20], "maximum": maximum},
                SIZE,
            )
        return int(text)

    def column_names(self) -> list[str]:
        """Return the chosen columns, none for the usual ones."""
        names = [n for text in self.parameters.get(COLUMNS, ()) for n in text.split(",") if n]
        if len(names) > MAX_COLUMNS:
            raise BadAddress(_("Expected at most %d columns.") % MAX_COLUMNS, COLUMNS)
        return list(dict.fromkeys(names))

    def columns(self, document_admin: Any, usual: list[Column]) -> list[Column]:
        """Return the columns to show: chosen ones, else the usual ones."""
        by_name = {column.name: column for column in usual}
        columns = [
            by_name.get(name) or self._new_column(document_admin, name)
            for name in self.column_names()
        ]
        return columns or usual

    def _new_column(self, document_admin: Any, name: str) -> Column:
        # An address may name paths only: methods are called by those who declared them.
        try:
            visible_path(document_admin.model, name)
        except FieldError as error:
            raise BadAddress(str(error), COLUMNS) from error
        return PathColumn(document_admin.model, name)

    def ordering(self, sortable: Iterable[str]) -> list[str]:
        """Return the chosen order by paths, none for the usual one."""
        text = self.get(ORDER)
        if text is None:
            return []
        names = text.split(",")
        allowed = list(sortable)
        for name in names:
            if name.removeprefix("-") not in allowed:
                raise BadAddress(
                    _("“%(name)s” cannot be sorted by. Choices are: %(choices)s.")
                    % {"name": name[:60], "choices": ", ".join(allowed)},
                    ORDER,
                )
        if len(names) > MAX_ORDER:
            raise BadAddress(_("Expected at most %d columns to sort by.") % MAX_ORDER, ORDER)
        return names

    # Addresses

    def url(self, changes: Mapping[str, Any] | None = None, /, **more: Any) -> str:
        """Return the address with `changes`, from the first page on; None takes a name out."""
        parameters = {
            name: values for name, values in self.parameters.items() if name not in PASSING
        }
        for name, value in {**(changes or {}), **more}.items():
            if value is None or value == "" or value == []:
                parameters.pop(name, None)
            else:
                parameters[name] = value if isinstance(value, list) else [str(value)]
        text = urlencode(parameters, doseq=True, safe=",:@*")
        return f"?{text}" if text else "?"

    @property
    def origin(self) -> str:
        """Return what links to documents carry, to find the way back and to neighbours."""
        return origin_of(self.url())

    def inputs(self, *leaving_out: str) -> list[tuple[str, str]]:
        """Return the parameters for the hidden inputs of a form."""
        return [
            (name, value)
            for name, values in self.parameters.items()
            if name not in PASSING and name not in leaving_out
            for value in values
        ]


def origin_of(query: str) -> str:
    """Return the query of a document's page that remembers the `query` of a list."""
    query = query.removeprefix("?")
    return f"?{urlencode({LIST: query})}" if query else ""
