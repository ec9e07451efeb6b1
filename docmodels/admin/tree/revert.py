"""Put the values back that an entry of the log replaced."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docmodels.admin.tree.diff import Difference
from docmodels.admin.tree.slots import find_slot
from docmodels.admin.tree.values import unchanged
from docmodels.tracking import MISSING


@dataclass(slots=True)
class Reverted:
    """A document with old values, and what stood in the way."""

    document: dict[str, Any]
    #: Paths at which somebody stored something else since.
    changed_since: list[str] = field(default_factory=list)
    #: Paths that lead nowhere now.
    lost: list[str] = field(default_factory=list)


def revert(stored: dict[str, Any], meta: Any, differences: Sequence[Difference]) -> Reverted:
    """Return `stored` with the values before `differences`."""
    result = Reverted(copy.deepcopy(stored))
    # What was added to the end of a list goes from there, then what was taken comes back.
    added = [difference for difference in differences if difference.before is MISSING]
    others = [difference for difference in differences if difference.before is not MISSING]
    for difference in [*reversed(added), *others]:
        _put_back(result, meta, difference)
    return result


def _put_back(result: Reverted, meta: Any, difference: Difference) -> None:
    path, before, after = difference
    parent_path, _dot, part = path.rpartition(".")
    parent: Any = result.document
    if parent_path:
        slot = find_slot(result.document, meta, parent_path)
        parent = MISSING if slot is None else slot.value
    if isinstance(parent, list):
        done = part.isdecimal() and _put_item(result, parent, int(part), difference)
    elif isinstance(parent, dict):
        found = find_slot(result.document, meta, path)
        key, now = (part, MISSING) if found is None else (found.key, found.value)
        if not unchanged(now, after):
            result.changed_since.append(path)
        if before is MISSING:
            parent.pop(key, None)
        else:
            parent[key] = before
        done = True
    else:
        done = False
    if not done:
        result.lost.append(path)


def _put_item(result: Reverted, items: list[Any], index: int, difference: Difference) -> bool:
    path, before, after = difference
    if after is MISSING:
        # It was taken from the end.
        if index > len(items):
            return False
        items.insert(index, before)
        return True
    if index >= len(items):
        return False
    same = unchanged(items[index], after)
    if before is MISSING:
        # Another element may stand there by now: that one is not ours to remove.
        if same:
            del items[index]
        return same
    if not same:
        result.changed_since.append(path)
    items[index] = before
    return True
