"""
Two people edit one document: what merges by itself, and what somebody must choose.

A change is made against what its page showed (the base). Where the document
still holds that at the path, the change applies, whatever else was changed
meanwhile; elements of lists are found again when others were added or removed
before them. Where it does not, it is a conflict with three sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from docmodels.admin.tree.diff import Difference, align, differences, digest
from docmodels.admin.tree.snapshot import SEPARATOR, Snapshot, join_keys
from docmodels.admin.tree.submission import Change
from docmodels.admin.tree.values import summary, unchanged
from docmodels.tracking import MISSING

MINE, THEIRS = "mine", "theirs"

#: A side, and the fingerprint of the other side that was shown with it.
Choice = tuple[str, str | None]


@dataclass(slots=True)
class Place:
    """Where a path of the page is in the document as it is now."""

    #: Dotted names, with the indexes of now.
    path: str
    value: Any
    #: How many leading parts of the path still lead somewhere; all of them if it is whole.
    reached: int
    whole: bool


@dataclass(slots=True)
class Planned:
    """A change, and the place that it is for."""

    change: Change
    place: Place
    #: For "arrange": indexes of now and new elements in their final order.
    order: list[Any] = field(default_factory=list)
    #: Whether the place is gone and has to be made again.
    restore: bool = False


@dataclass(slots=True)
class Conflict:
    """One path that two people changed."""

    change: Change
    place: Place
    base: Any
    mine: Any
    theirs: Any
    order: list[Any] = field(default_factory=list)
    #: Why the choice that was sent does not count.
    error: str = ""

    @property
    def path(self) -> str:
        """Return the path as it was on the page."""
        return self.change.path

    @property
    def mine_shown(self) -> SafeString:
        """Return my side on one line."""
        return summary(self.mine, 2_000)

    @property
    def theirs_shown(self) -> SafeString:
        """Return the stored side on one line."""
        return summary(self.theirs, 2_000)

    @property
    def base_shown(self) -> SafeString:
        """Return what was there before, on one line."""
        return summary(self.base, 2_000)

    @property
    def seen(self) -> str:
        """Return the fingerprint of the other side, to know that it was shown."""
        return "" if self.theirs is MISSING else digest(self.theirs).hex()


@dataclass(slots=True)
class Merge:
    """What becomes of the changes of one page."""

    planned: list[Planned] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    #: What others changed since the page was made.
    theirs: list[Difference] = field(default_factory=list)

    @property
    def undecided(self) -> int:
        """Return how many conflicts were shown before and are still open."""
        return sum(bool(conflict.error) for conflict in self.conflicts)

    @property
    def others(self) -> list[Difference]:
        """Return what others changed beside the conflicts."""
        conflicting = {conflict.path for conflict in self.conflicts}
        return [item for item in self.theirs if item.path not in conflicting]


def merge(
    snapshot: Snapshot,
    current: dict[str, Any],
    changes: Sequence[Change],
    *,
    meta: Any,
    choices: Mapping[str, Choice] | None = None,
) -> Merge:
    """
    Plan `changes` for the document as it is now.

    `choices` gives, by path, the side that was chosen and the fingerprint of
    the other side that the person saw; what was not chosen, or was chosen
    about something else, is asked again.
    """
    result = Merge()
    if not changes or digest(current) == snapshot.whole:
        for change in changes:
            place = Place(change.path, change.base, 0, whole=True)
            result.planned.append(Planned(change, place, change.order))
        return result
    ours = Snapshot.take(current, _starts(snapshot))
    result.theirs = differences(
        snapshot.document, ours.document, meta, ignore=(meta.version_key or "",)
    )
    finder = Finder(snapshot, current)
    for change in changes:
        _plan(finder, change, choices or {}, result)
    return result


def _plan(finder: Finder, change: Change, choices: Mapping[str, Choice], result: Merge) -> None:
    place = finder.find(change)
    mine: Any = change.value
    order: list[Any] = []
    if change.kind == "append":
        fits = place.whole and isinstance(place.value, list)
        if fits:
            result.planned.append(Planned(change, place))
            return
    elif change.kind == "arrange":
        fits, order = finder.arrange(change, place)
        mine = finder.preview(change)
    else:
        fits = place.whole and finder.matches(change.base, change.keys, place.value)
        if place.whole and unchanged(mine, place.value):
            return
    if fits:
        result.planned.append(Planned(change, place, order))
        return
    conflict = Conflict(change, place, change.base, mine, place.value, order)
    chosen, seen = choices.get(change.path, ("", None))
    if chosen == THEIRS and seen == conflict.seen:
        return
    if chosen == MINE and seen == conflict.seen:
        result.planned.append(Planned(change, place, order, restore=not place.whole))
        return
    if seen is not None:
        # Never a side by default: whoever chose nothing may have seen nothing.
        conflict.error = (
            _("Choose one of the two sides.")
            if seen == conflict.seen
            else _("It was changed again in the meantime: choose anew.")
        )
    result.conflicts.append(conflict)


class Finder:
    """Find the places of a page in the document as it is now."""

    def __init__(self, snapshot: Snapshot, current: dict[str, Any]) -> None:
        self.snapshot = snapshot
        self.current = current
        self._places: dict[str, list[int | None]] = {}

    def find(self, change: Change) -> Place:
        """Return the place of a change."""
        names = change.path.split(".")
        base: Any = self.snapshot.document
        now: Any = self.current
        keys = ""
        path: list[str] = []
        for depth, (name, key) in enumerate(zip(names, change.keys.split(SEPARATOR), strict=True)):
            if isinstance(base, list) and isinstance(now, list):
                places = self.places(keys, base, now)
                found = places[int(key)] if int(key) < len(places) else None
                if found is None:
                    return Place(".".join(path), MISSING, depth, whole=False)
                base = base[int(key) - self.start(keys)]
                now, name = now[found], str(found)
            elif isinstance(now, dict) and isinstance(base, dict):
                base, now = base.get(key, MISSING), now.get(key, MISSING)
            else:
                return Place(".".join(path), MISSING, depth, whole=False)
            keys = join_keys(keys, key)
            path.append(name)
        return Place(".".join(path), now, len(names), whole=True)

    def start(self, keys: str) -> int:
        """Return the index of the first element that the page had of a list."""
        info = self.snapshot.lists.get(keys)
        return info.start if info is not None else 0

    def digests(self, keys: str, base: list[Any]) -> Sequence[bytes]:
        """Return the fingerprints of all elements of a list of the page."""
        info = self.snapshot.lists.get(keys)
        return info.digests if info is not None else list(map(digest, base))

    def places(self, keys: str, base: list[Any], now: list[Any]) -> list[int | None]:
        """Return where each element of a list of the page is now."""
        if keys not in self._places:
            self._places[keys] = align(self.digests(keys, base), list(map(digest, now)))
        return self._places[keys]

    def matches(self, base: Any, keys: str, now: Any) -> bool:
        """Tell whether `now` is what the page showed, of which lists may be cut."""
        if isinstance(base, list) and isinstance(now, list):
            return list(self.digests(keys, base)) == list(map(digest, now))
        if isinstance(base, dict) and isinstance(now, dict):
            return list(base) == list(now) and all(
                self.matches(value, join_keys(keys, key), now[key]) for key, value in base.items()
            )
        return unchanged(base, now)

    def arrange(self, change: Change, place: Place) -> tuple[bool, list[Any]]:
        """
        Return whether a new order fits the list as it is now, and that order.

        It fits if each element that is moved or kept is still known, and each
        that is removed is still as it was. What others added stays behind the
        element that it was added after.
        """
        if not (place.whole and isinstance(place.value, list) and isinstance(change.base, list)):
            return False, [item for item in change.order if not isinstance(item, int)]
        places = self.places(change.keys, change.base, place.value)
        before = self.digests(change.keys, change.base)
        fits = all(
            found is not None and digest(place.value[found]) == before[index]
            for index in change.removed
            for found in [places[index]]
        )
        order: list[Any] = []
        for item in change.order:
            if not isinstance(item, int):
                order.append(item)
            elif (found := places[item]) is not None:
                order.append(found)
            else:
                fits = False
        # An element of theirs was added, unless it is what a removed one became.
        gone = {places[index] for index in change.removed}
        known = {found for found in places if found is not None}
        for index in range(len(place.value)):
            if index not in known and index not in gone:
                after = next((at for at, item in enumerate(order) if item == index - 1), None)
                order.insert(len(order) if after is None else after + 1, index)
        return fits, order

    def preview(self, change: Change) -> Any:
        """Return the list that a new order makes of what the page showed."""
        start = self.start(change.keys)
        base = change.base if isinstance(change.base, list) else []
        shown = []
        for item in change.order:
            if not isinstance(item, int):
                shown.append(item.value)
            elif 0 <= item - start < len(base):
                shown.append(base[item - start])
        return shown


def _starts(snapshot: Snapshot) -> dict[str, int]:
    return {keys.replace(SEPARATOR, "."): info.start for keys, info in snapshot.lists.items()}
