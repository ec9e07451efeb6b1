"""Give the driver's collections with what the `Meta` of a document class says of them."""

from __future__ import annotations

from typing import Any

from docmodels.exceptions import NotSupportedError

#: How many collections a connection remembers; names may come from outside.
MAX_COLLECTIONS = 500


def require_usable(name: str) -> None:
    """Raise NotSupportedError for a collection of the server's own."""
    if name.startswith("system."):
        raise NotSupportedError(
            f"The collection '{name}' belongs to the server: it cannot be used here."
        )


def collection_of(meta: Any, connection: Any, *, fresh: bool = False, beside: str = "") -> Any:
    """
    Return the collection that the class is read from and written to.

    It has the read preference and the write concern of `Meta`; with `fresh`
    it reads where the alias does, for what was just written. `beside` names
    another collection, which holds what belongs to the documents.
    """
    found = connection.collection(beside or meta.collection)
    if not meta.collection_options:
        return found
    return found.with_options(**collection_options(meta, fresh=fresh))


def collection_options(meta: Any, *, fresh: bool = False) -> dict[str, Any]:
    """Return the driver's options for collections that hold what belongs to the class."""
    options: dict[str, Any] = meta.collection_options
    if fresh and options:
        options = {name: value for name, value in options.items() if name != "read_preference"}
    return options
