"""Compare two states of a document, path by path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import bson

from docmodels.admin.tree.slots import slots_of
from docmodels.codecs import CODEC_OPTIONS
from docmodels.fields import ANY, Field
from docmodels.tracking import MISSING, same

#: Bytes of a digest: enough to tell the elements of one list apart.
DIGEST_SIZE = 8


class Difference(NamedTuple):
    """One path that differs."""

    path: str
    before: Any
    after: Any


def digest(value: Any) -> bytes:
    """Return a short fingerprint of a BSON value, types and order of keys included."""
    raw = bson.encode({"": value}, codec_options=CODEC_OPTIONS)
    return hashlib.blake2b(raw, digest_size=DIGEST_SIZE).digest()


def differences(
    before: Any, after: Any, meta: Any = None, *, ignore: Sequence[str] = ()
) -> list[Difference]:
    """
    Return the paths at which two stored documents differ, as deep as they can be told.

    Lists of one length are compared element by element; of two lengths, the
    elements that were added to the end are told, else the list as a whole.
    """
    return [
        found
        for found in _compare(before, after, ANY, meta, "")
        if found.path.partition(".")[0] not in ignore
    ]


def _compare(
    before: Any, after: Any, field: Field[Any], meta: Any, path: str
) -> Iterator[Difference]:
    if same(before, after):
        return
    if isinstance(before, list) and isinstance(after, list) and len(before) != len(after):
        shorter = min(len(before), len(after))
        if same(before[:shorter], after[:shorter]):
            # Elements were added to the end, or taken from it.
            for index in range(shorter, max(len(before), len(after))):
                old = before[index] if index < len(before) else MISSING
                new = after[index] if index < len(after) else MISSING
                yield Difference(_join(path, str(index)), old, new)
            return
    both = (before.__class__, after.__class__)
    if both not in {(dict, dict), (list, list)} or (
        both == (list, list) and len(before) != len(after)
    ):
        yield Difference(path, before, after)
        return
    found = False
    right = {(slot.part, slot.addressable): slot for slot in slots_of(after, field, meta)}
    for slot in slots_of(before, field, meta):
        other = right.pop((slot.part, slot.addressable), None)
        value = MISSING if other is None else other.value
        for inner in _compare(slot.value, value, slot.field, None, _join(path, slot.part)):
            found = True
            yield inner
    for slot in right.values():
        if slot.value is not MISSING:
            found = True
            yield Difference(_join(path, slot.part), MISSING, slot.value)
    if not found and path:
        # Only the order of the keys differs.
        yield Difference(path, before, after)


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def align(before: Sequence[bytes], after: Sequence[bytes]) -> list[int | None]:
    """
    Return, for each element of a list as it was, where it is now.

    Elements are known by their digests. One that was changed in place is
    found between its neighbours; None means that it is gone, or that nobody
    can tell which one it is.
    """
    if list(before) == list(after):
        return list(range(len(before)))
    places: list[int | None] = [None] * len(before)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and left_end - left == right_end - right):
            places[left:left_end] = range(right, right_end)
    return places
