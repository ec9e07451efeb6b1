"""What the compiler asks of the options of a document class."""

from __future__ import annotations

from typing import Any, Protocol


class OptionsLike(Protocol):
    """The part of `_meta` that compiling needs; the class lies in a higher layer."""

    object_name: str
    pk: Any
    #: What tells documents of the class from others of the collection.
    discriminator_filter: dict[str, Any]
    #: Names of the fields that are left out unless asked for.
    hidden_names: frozenset[str]
    #: Names of the fields of the shard key.
    shard_fields: frozenset[str]
    #: How keys of filters were split, by key.
    split_cache: dict[str, tuple[str, str]]
    #: Where keys of filters leave the document, by key; None where they do not.
    crossings: dict[str, Any]
    #: The fields by name and by attribute.
    attributes: dict[str, Any]
    #: How equalities of names are compiled, by name; None for other lookups.
    equalities: dict[str, Any]
    #: The sort keys of orders by paths, as far as they were sent.
    sorts: dict[tuple[str, ...], list[tuple[str, int]]]

    def resolve(self, path: str) -> Any:
        """Return the fields and the stored path of a path of names."""
