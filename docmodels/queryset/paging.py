"""
Keyset paging: the next page starts after the last row, not after a number.

A token carries the sort values of a row and is signed and bound to the query,
so that nobody can forge one or use it elsewhere. The sort is made total by
the key. MongoDB compares a value only with values of its own type, while it
*sorts* all types into one order; the condition for "after this row" therefore
names the later types as well.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple, TypeVar

from bson import Decimal128, json_util
from django.core import signing
from django.core.exceptions import FieldError

from docmodels.exceptions import InvalidPageToken
from docmodels.fields import ListField
from docmodels.query.where import join_and
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.iterables import converter, decode, dig, raw_batches
from docmodels.queryset.types import NULLS, order_of, type_names_after, type_names_before

D = TypeVar("D")

_SALT = "docmodels.page"
_JSON = json_util.JSONOptions(
    json_mode=json_util.JSONMode.CANONICAL, tz_aware=True, uuid_representation=4
)


class Page(NamedTuple):
    """One page of a result, with the tokens of its neighbours."""

    #: The objects, in the order of the queryset.
    items: list[Any]
    #: The token of the next page, None at the end.
    next: str | None
    #: The token of the previous page, None at the beginning.
    previous: str | None
    #: How many objects were asked for.
    size: int

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class PagingMixin(BaseQuerySet[D]):
    """`page`."""

    def page(self, *, size: int = 25, after: str | None = None, before: str | None = None) -> Page:
        """
        Return `size` objects after or before the row of a token.

        The tokens are those of an earlier page of the same query. Raise
        InvalidPageToken for any other.
        """
        if size < 1:
            raise ValueError(f"page(): size {size!r}, expected 1 or more.")
        if after is not None and before is not None:
            raise ValueError("page(): both after and before, expected one of them.")
        query = self.query
        if query.is_sliced or query.group is not None or query.unwound:
            raise FieldError("page(): a slice, a group or unwind(), expected a plain query.")
        sort = self._total_sort()
        token = after or before
        clone = self._clone()
        clone.query.default_ordering = False
        backwards = before is not None
        if token is not None:
            values = self._read_token(token, sort)
            condition = after_condition(sort, values, backwards=backwards)
            clone.query.where = join_and([query.where, condition])
        directions = [(path, -way if backwards else way) for path, way in sort]
        return clone._read_page(size, sort, directions, token is not None, backwards)

    def _read_page(
        self,
        size: int,
        sort: list[tuple[str, int]],
        directions: list[tuple[str, int]],
        has_token: bool,
        backwards: bool,
    ) -> Page:
        raws = self._page_raws(size, directions)
        more = len(raws) > size
        raws = raws[:size]
        if backwards:
            raws.reverse()
        # Taken before loading, which may take a stored dict apart.
        ends = [_sort_values(raw, sort) for raw in (raws[:1] + raws[-1:])]
        items = converter(self)(raws)
        has_next, has_previous = (has_token, more) if backwards else (more, has_token)
        return Page(
            items,
            self._write_token(ends[-1], sort) if ends and has_next else None,
            self._write_token(ends[0], sort) if ends and has_previous else None,
            size,
        )

    def _page_raws(self, size: int, directions: list[tuple[str, int]]) -> list[dict[str, Any]]:
        if self.query.empty:
            return []
        connection = self._connection
        query = self.query
        query.fixed_sort = directions
        query.extra_paths = tuple(path for path, _way in directions)
        query.low, query.high = 0, size + 1
        raws: list[dict[str, Any]] = []
        for batch in raw_batches(self, connection):
            raws += decode(batch, connection.codec_options)
        return raws

    def _total_sort(self) -> list[tuple[str, int]]:
        meta = self.model._meta
        for name in self.query.order_by:
            bare = name.lstrip("-+")
            if bare in self.query.annotations:
                raise FieldError(
                    f"page(): ordered by the annotation {bare!r}, expected stored paths."
                )
            resolved = meta.resolve(bare)
            if resolved.in_list or isinstance(resolved.field, ListField):
                raise FieldError(
                    f"page(): ordered by {bare!r}, which crosses a list, expected a path with one "
                    f"value."
                )
        sort: list[tuple[str, int]] = []
        for path, way in self.query.sort():
            if path not in {known for known, _way in sort}:
                sort.append((path, way))
        if "_id" not in {path for path, _way in sort}:
            sort.append(("_id", sort[-1][1] if sort else 1))
        return sort

    # Tokens

    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=_SALT)

    def _fingerprint(self, sort: list[tuple[str, int]]) -> str:
        about = repr((self.model._meta.label, sort, self.query.options.get("collation")))
        return hashlib.sha256(about.encode()).hexdigest()[:12]

    def _write_token(self, values: list[Any], sort: list[tuple[str, int]]) -> str:
        text = json_util.dumps({"q": self._fingerprint(sort), "v": values}, json_options=_JSON)
        return self._signer().sign(signing.b64_encode(text.encode()).decode())

    def _read_token(self, token: str, sort: list[tuple[str, int]]) -> list[Any]:
        try:
            text = signing.b64_decode(self._signer().unsign(token).encode()).decode()
            content = json_util.loads(text, json_options=_JSON)
        except (signing.BadSignature, ValueError) as error:
            raise InvalidPageToken("The page token is damaged or was not made here.") from error
        if content.get("q") != self._fingerprint(sort):
            raise InvalidPageToken("The page token was made for another query or order.")
        return content["v"]


def _sort_values(raw: dict[str, Any], sort: list[tuple[str, int]]) -> list[Any]:
    return [dig(raw, path.split(".")) for path, _way in sort]


def after_condition(
    sort: list[tuple[str, int]], values: list[Any], *, backwards: bool
) -> dict[str, Any]:
    """Return the filter for the rows after (or before) a row with `values`."""
    branches = []
    equal: list[dict[str, Any]] = []
    for (path, way), value in zip(sort, values, strict=True):
        ascending = (way > 0) != backwards
        for condition in beyond(path, value, ascending=ascending):
            branches.append(join_and([*equal, condition]))
        equal.append(equals(path, value))
    return branches[0] if len(branches) == 1 else {"$or": branches}


def equals(path: str, value: Any) -> dict[str, Any]:
    """Return the filter for what sorts at the same place as `value`."""
    if value is None:
        # null, missing and undefined sort alike.
        return {path: None}
    return {path: {"$eq": value}}


def beyond(path: str, value: Any, *, ascending: bool) -> list[dict[str, Any]]:
    """Return filters for what sorts after `value`, or before it."""
    conditions: list[dict[str, Any]] = []
    if value is not None:
        if _is_nan(value):
            # NaN is the smallest number.
            if ascending:
                conditions.append({path: {"$gte": float("-inf")}})
        else:
            conditions.append({path: {"$gt" if ascending else "$lt": value}})
            if not ascending and order_of(value) == order_of(0):
                conditions.append({path: float("nan")})
    place = order_of(value)
    names = type_names_after(place) if ascending else type_names_before(place)
    if not ascending and place > NULLS:
        conditions.append({path: None})
        names = [name for name in names if name not in {"null", "undefined"}]
    if names:
        conditions.append({path: {"$type": names}})
    return conditions


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal128):
        return value.to_decimal().is_nan()
    return isinstance(value, float) and value != value
