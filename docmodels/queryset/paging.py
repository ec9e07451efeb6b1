"""
Keyset paging: the next page starts after the last row, not after a number.

A token carries the sort values of a row and is signed and bound to the query,
so that nobody can forge one or use it elsewhere. The sort is made total by
the key. Times in the conditions do not count: `filter(at__lte=now())` is the
same query a minute later.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from bson import DatetimeMS, json_util
from bson.codec_options import DatetimeConversion
from django.core import signing
from django.core.exceptions import FieldError

from docmodels.exceptions import InvalidPageToken
from docmodels.query.across import KeysOf
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.crossing import settled
from docmodels.queryset.hooking import hooked
from docmodels.queryset.iterables import converter, deadline, decode, raw_batches
from docmodels.queryset.keyset import sort_value
from docmodels.queryset.options import check_number, collection_for, options_of
from docmodels.queryset.pageorders import PageOrder
from docmodels.queryset.rows import dig
from docmodels.transaction import current_session

D = TypeVar("D")

_SALT = "docmodels.page"
_JSON = json_util.JSONOptions(
    json_mode=json_util.JSONMode.CANONICAL,
    tz_aware=True,
    uuid_representation=4,
    # A date beyond year 9999 is a place in the order like others.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


class Page(NamedTuple, Generic[D]):
    """One page of a result, with the tokens of its neighbours."""

    #: The objects, in the order of the queryset.
    items: list[D]
    #: The token of the next page, None at the end.
    next: str | None
    #: The token of the previous page, None at the beginning.
    previous: str | None
    #: How many objects were asked for.
    size: int

    def __iter__(self) -> Iterator[D]:  # type: ignore[override]
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class PagingMixin(BaseQuerySet[D]):
    """`page`."""

    @hooked("find")
    def page(
        self, *, size: int = 25, after: str | None = None, before: str | None = None
    ) -> Page[D]:
        """
        Return `size` objects after or before the row of a token.

        The tokens are those of an earlier page of the same query. Raise
        InvalidPageToken for any other.
        """
        where = f"{self._name}.page()"
        check_number(size, 1, f"{where}: size")
        if after is not None and before is not None:
            raise ValueError(f"{where}: both after and before, expected one of them.")
        query = self.query
        if query.is_sliced or query.group is not None or query.unwound or query.is_staged:
            raise FieldError(
                f"{where}: a slice, a group, unwind() or union(), expected a plain query."
            )
        back = before is not None
        token = before if back else after
        clone = self._page_query(token, back=back, size=size)
        return clone._read_page(size, self._mark(), token, back)

    @hooked("find")
    def page_beside(self, stored: dict[str, Any], *, size: int = 1, back: bool = False) -> Page[D]:
        """
        Return `size` objects after a stored document, or before it with `back`.

        `stored` is the document as `raw()` yields it, with all that the order
        asks for; it need not meet the conditions of the queryset. Raise
        DoesNotExist where the order is computed and the document is gone.
        """
        mark = self._mark()
        if mark.order.computed:
            stored = self._computed_beside(stored, mark.order)
        token = _write_token(_sort_values(stored, mark.sort, back=back), mark)
        return self.page(size=size, before=token) if back else self.page(size=size, after=token)

    def _computed_beside(self, stored: dict[str, Any], order: PageOrder) -> dict[str, Any]:
        """Return the document with what the order computes of it."""
        connection = self._connection
        with deadline(self.query), connection.wrap_errors:
            cursor = collection_for(self, connection).aggregate(
                [{"$match": {"_id": stored["_id"]}}, *order.stages()],
                session=current_session(connection.alias),
                **options_of(self.query, "aggregate"),
            )
            found = next(iter(cursor), None)
        if found is None:
            raise self.model.DoesNotExist(
                f"{self._name}.page_beside(): no document {stored['_id']!r}, "
                f"expected one that is stored."
            )
        return {**stored, **found}

    def _page_query(self, token: str | None, *, back: bool, size: int) -> Any:
        """Return the queryset of a page and of one row more, in the order it is read."""
        mark = self._mark()
        # Known keys can be repeated in the branches of the page's condition.
        clone = settled(self._clone())
        query = clone.query
        if token is not None:
            values, inclusive = _read_token(token, mark)
            mark.order.narrow(query, values, backwards=back, inclusive=inclusive)
        query.fixed_sort = [(path, -way if back else way) for path, way in mark.sort]
        query.extra_paths = tuple(path for path, _way in mark.sort)
        query.low, query.high = 0, size + 1
        return clone

    def _read_page(self, size: int, mark: _Mark, token: str | None, back: bool) -> Page:
        raws = self._page_raws()
        if token is not None and not raws:
            # All that was there is gone. The way back begins with the row of the token.
            values, _inclusive = _read_token(token, mark)
            turned = _write_token(values, mark, inclusive=True)
            return Page([], turned, None, size) if back else Page([], None, turned, size)
        more = len(raws) > size
        raws = raws[:size]
        if back:
            raws.reverse()
        # Taken before loading, which may take a stored dict apart.
        first = _sort_values(raws[0], mark.sort, back=True) if raws else None
        last = _sort_values(raws[-1], mark.sort, back=False) if raws else None
        _drop_extra(raws, self.query)
        items = self._complete(converter(self, self._connection)(raws))
        has_next, has_previous = (True, more) if back else (more, token is not None)
        return Page(
            items,
            _write_token(last, mark) if last and has_next else None,
            _write_token(first, mark) if first and has_previous else None,
            size,
        )

    def _page_raws(self) -> list[dict[str, Any]]:
        if self.query.empty:
            return []
        connection = self._connection
        raws: list[dict[str, Any]] = []
        for batch in raw_batches(self, connection):
            for portion in decode(batch, connection.codec_options):
                raws += portion
        return raws

    def _mark(self) -> _Mark:
        query, order = self.query, PageOrder(self.query)
        about = [
            self.model._meta.label,
            order.sort,
            _without_times(query.where),
            _without_times(query.later_conditions),
            _without_times(query.options.get("collation")),
        ]
        if order.computed:
            about.append(order.stages())
        return _Mark(order, hashlib.sha256(repr(tuple(about)).encode()).hexdigest()[:12])


# Tokens


class _Mark(NamedTuple):
    """What tells the tokens of one query from those of others."""

    order: PageOrder
    fingerprint: str

    @property
    def sort(self) -> list[tuple[str, int]]:
        """Return the sort keys with 1 or -1."""
        return self.order.sort


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)


def _write_token(values: list[Any], mark: _Mark, *, inclusive: bool = False) -> str:
    content: dict[str, Any] = {"q": mark.fingerprint, "v": values}
    if inclusive:
        content["i"] = 1
    text = json_util.dumps(content, json_options=_JSON)
    return _signer().sign(signing.b64_encode(text.encode()).decode())


def _read_token(token: str, mark: _Mark) -> tuple[list[Any], bool]:
    """Return the sort values of a row, and whether the page begins with it."""
    if not isinstance(token, str):
        raise InvalidPageToken(f"{token!r} is no page token, expected the text of one.")
    try:
        text = signing.b64_decode(_signer().unsign(token).encode()).decode()
        content = json_util.loads(text, json_options=_JSON)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidPageToken("The page token is damaged or was not made here.") from error
    if content.get("q") != mark.fingerprint:
        raise InvalidPageToken("The page token was made for another query or order.")
    return content["v"], "i" in content


def _without_times(value: Any) -> str:
    """Return the text of a filter, the same in whatever order its conditions were added."""
    if isinstance(value, KeysOf):
        return f"{value.model._meta.label}.{value.key_path}: {_without_times(value.condition)}"
    if isinstance(value, dict):
        parts = sorted(f"{key}: {_of_operator(key, inner)}" for key, inner in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_without_times, value))}]"
    return "time" if isinstance(value, (datetime.datetime, DatetimeMS)) else repr(value)


def _of_operator(key: str, value: Any) -> str:
    if key in _UNORDERED and isinstance(value, list):
        return f"[{', '.join(sorted(map(_without_times, value)))}]"
    return _without_times(value)


_UNORDERED = frozenset({"$and", "$or", "$nor", "$in", "$nin"})


def _sort_values(raw: dict[str, Any], sort: list[tuple[str, int]], *, back: bool) -> list[Any]:
    return [
        sort_value(dig(raw, path.split(".")), ascending=(way > 0) != back) for path, way in sort
    ]


def _drop_extra(raws: list[dict[str, Any]], query: Any) -> None:
    """Take out of the documents what was fetched only to make tokens."""
    asked = query.clone()
    asked.extra_paths = ()
    projection = asked.projection()
    if projection is None or query.shape is not None:
        return
    including = 1 in projection.values()
    computed = {annotation.key(name) for name, annotation in query.annotations.items()}
    for path in query.extra_paths:
        key = path.partition(".")[0]
        if key not in computed and including != (key in projection):
            for raw in raws:
                raw.pop(key, None)
