"""Declare indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.collation import Collation

#: Names of special index kinds that may follow a colon, as in `"place:2dsphere"`.
KINDS = ("2dsphere", "2d", "hashed", "text")
#: What a path ends with whose index has all that is inside of it.
WILDCARD = "$**"


def collation_of(value: Any) -> dict[str, Any]:
    """
    Return a collation as the server takes it, of a locale, a dict or pymongo's own.

    Raise TypeError for anything else.
    """
    if isinstance(value, str) and value:
        return {"locale": value}
    found = value.document if isinstance(value, Collation) else value
    if not isinstance(found, Mapping) or "locale" not in found:
        raise TypeError(f"collation: {value!r}, expected a locale such as 'de', or a Collation.")
    return dict(found)


def options_of(db_index: Any) -> dict[str, Any] | None:
    """
    Return what the `db_index` of a field says of its index, None where there is to be none.

    Raise TypeError for anything but a boolean, a kind and a dict of options.
    """
    if not db_index:
        return None
    options: Any = {} if db_index is True else db_index
    if isinstance(db_index, str):
        options = {"kind": db_index}
    kinds = (None, "wildcard", *KINDS)
    if not isinstance(options, Mapping) or options.get("kind") not in kinds or "fields" in options:
        raise TypeError(
            f"db_index: {db_index!r}, expected True, a kind, or a dict of the options of an Index "
            f"and a kind. Kinds are: {', '.join(filter(None, kinds))}."
        )
    index_of("path", options)
    return dict(options)


def index_of(path: str, options: Mapping[str, Any]) -> Index:
    """Return the index of one path that a field declares by `db_index`."""
    rest = {name: value for name, value in options.items() if name != "kind"}
    kind = options.get("kind")
    if kind == "wildcard":
        path = f"{path}__{WILDCARD}"
    return Index(fields=[f"{path}:{kind}" if kind in KINDS else path], **rest)


class Index:
    """
    An index of a collection.

    `fields` are paths of the document, `"-"` before one means descending and
    `":2dsphere"`, `":2d"`, `":hashed"` or `":text"` behind one the kind; `"$**"` is all paths,
    `"attributes__$**"` all inside of one. With
    `unique` no two documents have the same values, `sparse` leaves out those
    without any of the paths, `partial` (a Q, or a dict in MongoDB's own form)
    those that it does not match. `expire_after`, in seconds or a timedelta,
    lets the server delete documents so long after the time at the path;
    `collation` is a `Collation`, a locale or a dict; a `hidden` index is kept up to
    date and not used; `name` is made of the stored keys unless given.

    Raise ValueError for no fields and for an unknown kind; paths that do not
    exist are found by the system checks.
    """

    def __init__(
        self,
        *,
        fields: Sequence[str],
        unique: bool = False,
        sparse: bool = False,
        partial: Any = None,
        expire_after: Any = None,
        collation: Any = None,
        hidden: bool = False,
        name: str | None = None,
    ) -> None:
        if isinstance(fields, str) or not fields:
            raise ValueError(f"Index.fields: {fields!r}, expected a list of at least one path.")
        self.fields = list(fields)
        self.unique = unique
        self.sparse = sparse
        self.partial = partial
        self.expire_after = expire_after
        self.collation = collation_of(collation) if collation else None
        self.hidden = hidden
        self.name = name

    def parts(self) -> list[tuple[str, Any]]:
        """Return (path, direction or kind) for each field."""
        parts: list[tuple[str, Any]] = []
        for field in self.fields:
            path, _colon, kind = field.partition(":")
            if kind:
                if kind not in KINDS:
                    raise ValueError(
                        f"Index.fields: {field!r}, expected one of the kinds {', '.join(KINDS)}."
                    )
                parts.append((path, kind))
            elif path.startswith("-"):
                parts.append((path[1:], -1))
            else:
                parts.append((path, 1))
        return parts

    def __repr__(self) -> str:
        options = [f"fields={self.fields!r}"]
        for name in ("unique", "sparse", "partial", "expire_after", "collation", "hidden", "name"):
            value = getattr(self, name)
            if value:
                options.append(f"{name}={value!r}")
        return f"Index({', '.join(options)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((tuple(self.fields), self.name))
