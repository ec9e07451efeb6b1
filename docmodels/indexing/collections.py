"""Compare a collection with what its document declares, and change what can be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from docmodels.documents.storage import validation_options
from docmodels.queryset.collections import collection_info


class CollectionPlan(NamedTuple):
    """What a sync would do with the collection itself."""

    #: The options to create it with, None where it is there.
    create: dict[str, Any] | None = None
    #: The options of a `collMod`: a new schema, its level, a new lifetime.
    modify: Mapping[str, Any] = {}
    #: What only a new collection can have; a sync leaves it as it is.
    fixed: tuple[str, ...] = ()
    #: The collation that indexes have where they declare none.
    collation: Mapping[str, Any] | None = None

    @property
    def in_sync(self) -> bool:
        """Return whether a sync would leave the collection alone."""
        return self.create is None and not self.modify


def plan_collection(meta: Any, connection: Any) -> CollectionPlan:
    """Compare the collection with what the document declares."""
    root = meta.root
    info = collection_info(root, connection)
    if info is None:
        return CollectionPlan(root.creation_options(), collation=root.collation)
    stored: Mapping[str, Any] = info.get("options", {})
    modify = {
        name: value for name, value in validation_options(root).items() if stored.get(name) != value
    }
    if root.timeseries and "expireAfterSeconds" in root.timeseries:
        seconds = root.timeseries["expireAfterSeconds"]
        if stored.get("expireAfterSeconds") != seconds:
            modify["expireAfterSeconds"] = seconds
    collation = stored.get("collation")
    return CollectionPlan(None, modify, tuple(_fixed(root, stored)), collation)


def modify_collection(meta: Any, connection: Any, options: Mapping[str, Any]) -> None:
    """Send the `collMod` of a plan."""
    with connection.wrap_write_errors:
        connection.database.command({"collMod": meta.collection, **options})


def _fixed(root: Any, stored: Mapping[str, Any]) -> Iterator[str]:
    for name, wanted in (
        ("capped", root.capped),
        ("collation", root.collation),
        ("timeseries", root.timeseries),
    ):
        found = stored if name == "capped" and stored.get("capped") else stored.get(name)
        if wanted and not (isinstance(found, Mapping) and _holds(found, wanted)):
            yield f"{name} is {_shown(found, wanted)}, declared is {wanted}"


def _holds(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    # The server fills in what a declaration leaves open, and rounds sizes up by 256.
    return all(
        found.get(name) == value or (name == "size" and found.get(name) == -(-value // 256) * 256)
        for name, value in wanted.items()
        if name != "expireAfterSeconds"
    )


def _shown(found: Any, wanted: Mapping[str, Any]) -> Any:
    return {name: found.get(name) for name in wanted} if isinstance(found, Mapping) else found
