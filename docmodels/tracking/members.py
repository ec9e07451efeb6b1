"""Change a list in MongoDB's ways, and find its elements by what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from docmodels.tracking.base import MISSING, stored_value
from docmodels.tracking.operations import Edits, Kind, equal, is_pullable

T = TypeVar("T")


class Members(list[T]):
    """What a tracked list has beyond Python's own methods."""

    __slots__ = ()

    _codec: Any
    _original: Any
    _edits: Edits | None
    _begin: Callable[[Kind], Edits]
    _cast: Callable[[Any], Any]
    _insert: Callable[[int, list[Any]], None]
    #: Give the elements as BSON values.
    encode: Callable[[], list[Any]]

    def push(
        self,
        *values: Any,
        position: int | None = None,
        slice: int | None = None,  # noqa: A002 - MongoDB's name
    ) -> None:
        """
        Add `values` as elements at the end, or before the index `position`.

        With `slice` the list is then cut to so many elements: the first ones,
        or the last ones where it is negative.
        """
        items = [self._cast(value) for value in values]
        index = len(self) if position is None else normalize(position, len(self))
        if slice is None:
            self._insert(index, items)
            return
        edits = self._edits
        fresh = edits is None
        self._insert(index, items)
        edits = self._begin(Kind.PUSH)
        if fresh:
            edits.at_end = edits.at_end or not items
        edits.values = edits.block(self)
        edits.bound = slice
        edits.kind = Kind.SLICE if edits.kind is Kind.PUSH else Kind.REWRITE
        rest = self[:slice] if slice >= 0 else self[slice:]
        list.__init__(self, rest)

    def add_to_set(self, *values: Any) -> list[T]:
        """Add those of `values` that are not there yet, and return them cast."""
        known = self.encode()
        added: list[Any] = []
        for item in [self._cast(value) for value in values]:
            encoded = self._codec.get_prep_value(item)
            if not any(equal(encoded, other) for other in known):
                known.append(encoded)
                added.append(item)
        if added:
            edits = self._begin(Kind.ADD)
            edits.count += len(added)
            list.extend(self, added)
        return added

    def pull(self, *values: Any) -> int:
        """Remove all elements that equal one of `values`; return their number."""
        cast = [self._codec.to_python(value) for value in values]
        indexes = [index for index, item in enumerate(self) if item in cast]
        self._take_out(indexes)
        return len(indexes)

    # Embedded documents by what they hold

    def filter(self, **conditions: Any) -> list[T]:
        """
        Return the elements that meet `conditions`, values by field name, as a plain list.

        Raise UnknownField for another name, TypeError where no documents are inside.
        """
        matches: Callable[[Any], bool] = self._codec.make_test(conditions)
        return [item for item in self if matches(item)]

    def get(self, **conditions: Any) -> T:
        """
        Return the one element that meets `conditions`, values by field name.

        Raise Django's ObjectDoesNotExist where there is none, and
        MultipleObjectsReturned where there are several.
        """
        found = self.filter(**conditions)
        if len(found) == 1:
            return found[0]
        shown = ", ".join(f"{name}={value!r}" for name, value in conditions.items())
        text = f"{self._codec}: {len(found)} elements with {shown}, expected one."
        raise MultipleObjectsReturned(text) if found else ObjectDoesNotExist(text)

    def create(self, **values: Any) -> T:
        """Append a new element with these values, and return it."""
        self.append(values)  # type: ignore[arg-type]
        return self[-1]

    def remove_where(self, **conditions: Any) -> int:
        """Remove the elements that meet `conditions`, as of `filter()`; return their number."""
        matches: Callable[[Any], bool] = self._codec.make_test(conditions)
        indexes = [index for index, item in enumerate(self) if matches(item)]
        self._take_out(indexes)
        return len(indexes)

    def move(self, old: int, new: int) -> None:
        """Take the element at index `old` to index `new`."""
        item = self[old]
        self._begin(Kind.REWRITE)
        list.__delitem__(self, old)
        list.insert(self, new, item)

    def _take_out(self, indexes: Iterable[int]) -> None:
        """Remove the elements at `indexes`, as a `$pull` where one would find just these."""
        wanted = sorted(indexes, reverse=True)
        if not wanted:
            return
        edits = self._begin(Kind.PULL)
        found = self._pull_values(wanted) if edits.kind is Kind.PULL else None
        if found is None or (edits.values and edits.key != found[0]):
            edits.kind = Kind.REWRITE
        else:
            edits.key = found[0]
            edits.values += found[1]
        for index in wanted:
            list.__delitem__(self, index)

    def _pull_values(self, indexes: list[int]) -> tuple[str | None, list[Any]] | None:
        """Return key and values that tell the elements from all others, or None."""
        if self._original is MISSING:
            return None
        stored = [stored_value(item, self._codec) for item in self]
        key = self._codec.identity
        if key is not None:
            stored = [item.get(key) if isinstance(item, dict) else None for item in stored]
        values = [stored[index] for index in reversed(indexes)]
        if not all(map(is_pullable, values)):
            return None
        matched = sum(any(equal(item, value) for value in values) for item in stored)
        return (key, values) if matched == len(indexes) else None


def normalize(index: int, size: int) -> int:
    """Return `index` counted from the start, within a list of `size`."""
    return max(index + size, 0) if index < 0 else min(index, size)
