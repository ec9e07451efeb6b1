"""The list of documents that an address asks for: rows, headings, chips, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import FieldError, ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from docmodels.admin import liststate
from docmodels.admin.cells import Cell
from docmodels.admin.columns import Column, PathColumn, available_paths, make_columns
from docmodels.admin.conditions import BadAddress, Condition
from docmodels.admin.crossing import declared_paths
from docmodels.admin.filters import ParameterFilter, make_filter
from docmodels.admin.liststate import ListState
from docmodels.admin.references import References
from docmodels.admin.tree.values import to_text
from docmodels.connections import SLOW_ALIAS
from docmodels.exceptions import FilterValueError, InvalidPageToken
from docmodels.fields import ReferenceField

#: Filtered lists are counted up to this; more is "1,000+".
COUNT_LIMIT = 1_000


class Row(NamedTuple):
    """One document; each cell with its column's class, and whether it links to the document."""

    document: Any
    key: str
    url: str
    cells: list[tuple[Cell, str, bool]]

    def html(self) -> SafeString:
        """Return the table cells; there are too many of them for a template's loop."""
        return mark_safe("".join(self._cell(*cell) for cell in self.cells))

    def _cell(self, cell: Cell, css: str, link: bool) -> str:
        css = cell.css or css
        start = f'<td class="{css}">' if css else "<td>"
        if not link:
            return f"{start}{cell.html()}</td>"
        return f'{start}<a class="object-link" href="{escape(self.url)}">{cell.plain()}</a></td>'


class Heading(NamedTuple):
    """The heading of a column."""

    column: Column
    #: The address that sorts by it, None if it cannot be sorted by.
    url: str | None
    #: The address that sorts by it after what is sorted by already.
    then_url: str | None
    #: "ascending", "descending" or nothing: the value of `aria-sort`.
    direction: str
    #: Its place among several columns that are sorted by, from 1; else 0.
    position: int


class Chip(NamedTuple):
    """An active condition, with the address without it."""

    title: Any
    words: Any
    text: Any
    url: str


class ChangeList:
    """
    What an address shows. Raise BadAddress where a part of it fits nothing.

    `get_query_string()` and `add_facets` are what Django's SimpleListFilter asks for.
    """

    add_facets = False

    def __init__(
        self, request: HttpRequest, document_admin: Any, query: QueryDict | None = None
    ) -> None:
        """Read `query`, the address of the request unless another is given."""
        self.request = request
        self.document_admin = document_admin
        self.model = document_admin.model
        self.state = ListState(request.GET if query is None else query)
        self.references = References(request, document_admin.admin_site)
        self.usual_columns = make_columns(document_admin, document_admin.get_list_display(request))
        self.columns = self.state.columns(document_admin, self.usual_columns)
        self.size = self.state.size(document_admin.list_per_page, document_admin.list_max_per_page)
        self.search = self.state.search
        self.ordering = self.state.ordering(self._sortable())
        self._read_filters()

    # The address

    def _sortable(self) -> dict[str, str]:
        """Return the paths that may be sorted by, by what addresses call them."""
        allowed = self.document_admin.get_sortable_by(self.request)
        names = {getattr(item, "__name__", item) for item in allowed}
        if self.document_admin.sortable_by is None:
            names |= {column.name for column in self.columns}
        columns = [*self.usual_columns, *self.columns]
        return {
            column.name: column.sort_path
            for column in columns
            if column.sort_path and column.name in names
        }

    def _read_filters(self) -> None:
        params = {name: list(values) for name, values in self.state.filters.items()}
        items = self.document_admin.get_list_filter(self.request)
        #: The paths behind references that an address may name: declared ones alone.
        self.across = declared_paths(self.request, self.document_admin, items)
        self.filters = [
            made for item in items if (made := make_filter(item, self.document_admin, self, params))
        ]
        # Django's filters have taken theirs out of `params`; the others are conditions.
        self.conditions = [
            Condition(self.model, name, values, self.across) for name, values in params.items()
        ]

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return an address with other parameters, for Django's filters."""
        dropped = dict.fromkeys(remove or ())
        return self.state.url(dropped | (new_params or {}))

    # The queryset

    @cached_property
    def root_queryset(self) -> Any:
        """Return all documents that the user may see."""
        return self.document_admin.get_queryset(self.request)

    @cached_property
    def queryset(self) -> Any:
        """Return the documents that the address asks for."""
        queryset = self.root_queryset
        for made in self.filters:
            if isinstance(made, ParameterFilter):
                queryset = made.queryset(queryset)
        for condition in self.conditions:
            queryset = condition.apply(queryset)
        if self.search:
            try:
                queryset, _twice = self.document_admin.get_search_results(
                    self.request, queryset, self.search
                )
            except FilterValueError as error:
                raise BadAddress(str(error), liststate.SEARCH) from error
        if self.ordering:
            queryset = queryset.order_by(*self._order_paths())
        return queryset

    def _order_paths(self) -> list[str]:
        sortable = self._sortable()
        paths = []
        for name in self.ordering:
            path = sortable[name.removeprefix("-")]
            if name.startswith("-"):
                path = path[1:] if path.startswith("-") else f"-{path}"
            paths.append(path)
        return paths

    @property
    def is_narrowed(self) -> bool:
        """Return whether conditions or words leave documents out."""
        return bool(self.state.filters or self.search)

    # The rows

    @cached_property
    def page(self) -> Any:
        """Return the page of documents; only what the columns need is fetched."""
        queryset = self.queryset
        paths = [column.path for column in self.columns if isinstance(column, PathColumn)]
        declared = all(path.fields[0].model is not None for path in paths)
        if declared and len(paths) == len(self.columns):
            queryset = queryset.only(*{path.fields[0].name for path in paths})
        after, before = self.state.get(liststate.AFTER), self.state.get(liststate.BEFORE)
        if after and before:
            raise BadAddress(_("A page is either after or before a row."), liststate.BEFORE)
        try:
            return queryset.page(size=self.size, after=after, before=before)
        except InvalidPageToken as error:
            name = liststate.AFTER if after else liststate.BEFORE
            raise BadAddress(str(error), name) from error
        except FieldError as error:
            raise BadAddress(str(error), liststate.ORDER) from error

    def rows(self) -> Iterator[Row]:
        """Yield the rows, with the names of what they refer to looked up at once."""
        documents = self.page.items
        links = self.link_names()
        for column in self.columns:
            if isinstance(column, PathColumn) and column.reference is not None:
                keys: dict[Any, list[Any]] = {}
                for document in documents:
                    found = keys.setdefault(column.reference_at(document), [])
                    found += column.reference_keys(document)
                for reference, wanted in keys.items():
                    self.references.load(reference, wanted)
        url = self.document_admin.get_url("changelist")
        origin = self.state.origin
        for document in documents:
            key = self.document_admin.get_object_key(document)
            cells = [
                (column.cell(document, self.references), column.css, column.name in links)
                for column in self.columns
            ]
            yield Row(document, key, f"{url}{key}/{origin}", cells)

    def link_names(self) -> set[str]:
        """Return the names of the columns that link to the document."""
        links = self.document_admin.get_list_display_links(
            self.request, self.document_admin.get_list_display(self.request)
        )
        chosen = {getattr(item, "__name__", item) for item in links}
        # Where none of them is shown, the first column must lead there.
        if links and not any(column.name in chosen for column in self.columns):
            return {self.columns[0].name}
        return chosen

    @property
    def next_url(self) -> str | None:
        """Return the address of the next page."""
        token = self.page.next
        return self.state.url({liststate.AFTER: token}) if token else None

    @property
    def previous_url(self) -> str | None:
        """Return the address of the previous page."""
        token = self.page.previous
        return self.state.url({liststate.BEFORE: token}) if token else None

    @property
    def count_url(self) -> str:
        """Return the address that counts."""
        return self.state.url({liststate.COUNT: "1"})

    # Headings and chips

    def headings(self) -> Iterator[Heading]:
        """Yield the headings, with their addresses for sorting."""
        sortable = self._sortable()
        order = {name.removeprefix("-"): name for name in self._shown_order(sortable)}
        for column in self.columns:
            if column.name not in sortable:
                yield Heading(column, None, None, "", 0)
                continue
            current = order.get(column.name)
            down = current is not None and not current.startswith("-")
            wanted = f"-{column.name}" if down else column.name
            others = [name for bare, name in order.items() if bare != column.name]
            yield Heading(
                column,
                self.state.url(o=wanted),
                self.state.url(o=",".join([*others, wanted])) if others else None,
                "" if current is None else "ascending" if down else "descending",
                list(order).index(column.name) + 1 if current and len(order) > 1 else 0,
            )

    def _shown_order(self, sortable: dict[str, str]) -> list[str]:
        if self.ordering:
            return self.ordering
        names = {path: name for name, path in sortable.items()}
        usual = self.root_queryset.query.order_by
        return [
            ("-" if path.startswith("-") else "") + names[path.removeprefix("-")]
            for path in usual
            if path.removeprefix("-") in names
        ]

    def chips(self) -> Iterator[Chip]:
        """Yield what narrows the list, each with the address without it."""
        if self.search:
            yield Chip(_("Search"), "", self.search, self.state.url(q=None))
        for made in self.filters:
            if isinstance(made, ParameterFilter) and made.is_active:
                url = self.state.url(dict.fromkeys(made.parameters))
                yield Chip(made.title, "", made.text, url)
        for condition in self.conditions:
            url = self.state.url({condition.parameter: None})
            yield Chip(condition.title, condition.words, self._condition_text(condition), url)

    def _condition_text(self, condition: Condition) -> str:
        field = condition.field
        if isinstance(field, ReferenceField) and condition.lookup in {"exact", "in", "ne"}:
            try:
                keys = [field.get_prep_value(field.to_python(text)) for text in condition.values]
            except (LookupError, ValidationError):
                return condition.text
            self.references.load(field, keys)
            names = [self.references.get(field, key) or (to_text(key), "") for key in keys]
            return ", ".join(name for name, _url in names)
        return condition.text

    def column_choices(self) -> list[dict[str, Any]]:
        """Return what the column picker offers."""
        shown = [column.name for column in self.columns]
        titles = dict(available_paths(self.model))
        titles |= {column.name: column.title for column in self.usual_columns}
        titles |= {column.name: column.title for column in self.columns}
        names = [*shown, *(name for name in titles if name not in shown)]
        return [{"name": n, "title": titles[n], "shown": n in shown} for n in names]

    # Numbers

    def count_text(self, kind: str) -> str:
        """Return how many documents there are: estimated, up to a limit, or exactly."""
        if kind == "exact":
            number = self.queryset.order_by().using(SLOW_ALIAS).count()
            return number_format(number, force_grouping=True)
        if not self.is_narrowed and not self.root_queryset.query.where:
            number = self.root_queryset.order_by().estimated_count()
            return _("about %s") % number_format(number, force_grouping=True)
        number = self.queryset.order_by().count_up_to(COUNT_LIMIT)
        if number > COUNT_LIMIT:
            return f"{number_format(COUNT_LIMIT, force_grouping=True)}+"
        return number_format(number, force_grouping=True)
