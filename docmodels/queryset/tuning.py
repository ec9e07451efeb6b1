"""How the server is to run a query: an index, a collation, a deadline, a mark."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from docmodels.connections.concerns import read_concern_of, read_preference_of
from docmodels.indexes import collation_of
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.options import check_number, index_hint

D = TypeVar("D")


class TuningMixin(BaseQuerySet[D]):
    """`hint`, `comment`, `max_time_ms`, `collation`, `read_preference` …"""

    def _option(self, name: str, value: Any) -> Self:
        clone = self._clone()
        clone.query.options = {**clone.query.options, name: value}
        return clone

    def hint(self, index: Any) -> Self:
        """
        Demand an index, by name or as a list of (stored key, 1 or -1).

        `[("$natural", 1)]` demands none. The server raises OperationFailed for
        an index that is not there.
        """
        return self._option("hint", index_hint(index, f"{self._name}.hint()"))

    def comment(self, text: str) -> Self:
        """Mark the query with `text` in the server's log and profile."""
        return self._option("comment", text)

    def max_time_ms(self, milliseconds: int) -> Self:
        """
        Give up after so many milliseconds, with DeadlineExceeded.

        Raise ValueError for less than one: every query has a deadline.
        """
        check_number(milliseconds, 1, f"{self._name}.max_time_ms()", most=2**31 - 1)
        return self._option("max_time_ms", milliseconds)

    def collation(self, collation: Any) -> Self:
        """
        Compare and order text by a collation: a `Collation`, a locale or a dict.

        It takes the place of `Meta.collation`; `"simple"` compares bytes. An
        index serves the query only if it has the same collation.
        """
        return self._option("collation", collation_of(collation))

    def batch_size(self, size: int) -> Self:
        """Fetch `size` documents at a time; raise ValueError for less than one."""
        check_number(size, 1, f"{self._name}.batch_size()")
        return self._option("batch_size", size)

    def allow_disk_use(self, allowed: bool = True) -> Self:
        """
        Let the server sort and group on disk what is beyond 100 MB.

        Servers do so by themselves since version 6.0; `False` forbids it.
        """
        return self._option("allow_disk_use", allowed)

    def read_preference(self, preference: Any) -> Self:
        """
        Read from these members: `"secondaryPreferred"`, or one of the driver's.

        It takes the place of `Meta.read_preference`. Raise ValueError for an
        unknown one; a read inside `atomic()`, which is always from the primary,
        raises NotSupportedError.
        """
        return self._option(
            "read_preference", read_preference_of(preference, f"{self._name}.read_preference()")
        )

    def read_concern(self, level: Any) -> Self:
        """
        Read only what is as safe as `level`: `"majority"`, `"linearizable"` …

        Raise ValueError for an unknown one; a read inside `atomic()` with
        another concern than the transaction's raises NotSupportedError.
        """
        return self._option("read_concern", read_concern_of(level, f"{self._name}.read_concern()"))

    def lazy(self) -> Self:
        """
        Keep documents as the bytes that came until each is touched.

        They are the same documents: the first use of any attribute decodes one.
        For passing on, counting or picking a few of many. It changes nothing
        for rows, and for classes of which hooks or receivers of `post_init` are
        told of each document, or that have subclasses.

        An untouched document keeps the bytes of its whole batch (up to 16 MB)
        alive. Touch those that you keep for long, or use `batch_size()`.
        """
        clone = self._clone()
        clone.query.lazy = True
        return clone
