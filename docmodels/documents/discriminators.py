"""
Several classes in one collection, told apart by a key (`__t` unless set).

A subclass of a concrete document shares its collection. What it stores names
the class under the key, its queries carry the key, and whatever is read
through the base comes back as the right class. The same holds for embedded
documents. The rules are those of Mongoose (semantics K1 and K2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docmodels.documents.options import Options

#: What a class with a concrete parent takes from it alone.
OF_THE_PARENT = ("collection", "db_alias", "discriminator_key", "version_key", "abstract")
OF_THE_COLLECTION = ("capped", "collation", "shard_key", "timeseries", "validator")


def check_parents(name: str, meta: Any, parents: list[Options]) -> None:
    """Refuse parents that cannot share one collection."""
    concrete = [options for options in parents if not options.abstract]
    if len(concrete) > 1:
        names = ", ".join(options.object_name for options in concrete)
        raise TypeError(f"{name}: {names} are all concrete, expected one concrete parent at most.")
    if not concrete:
        return
    for option in (*OF_THE_PARENT, *OF_THE_COLLECTION):
        if getattr(meta, option, None) and (option in OF_THE_PARENT or option in vars(meta)):
            raise TypeError(
                f"{name}.Meta.{option}: set, expected it on {concrete[0].object_name} alone, "
                f"whose collection {name} shares."
            )


def adopt(options: Options, parents: list[Options]) -> None:
    """Let a class without a collection of its own take over its parent's."""
    for parent in parents:
        if not parent.abstract:
            options.parent = parent
            options.discriminator_key = parent.discriminator_key


def register(options: Options) -> None:
    """Make a class known to all classes that it inherits from."""
    if options.parent is None:
        return
    value = options.object_name
    options.discriminator = value
    if options.discriminator_key in options.by_key:
        raise TypeError(
            f"{value}: the key {options.discriminator_key!r} is declared as a field, expected it "
            f"for the class alone; choose another Meta.discriminator_key."
        )
    ancestor: Options | None = options.parent
    while ancestor is not None:
        taken = ancestor.children.get(value)
        if taken is not None and taken.__module__ != options.model.__module__:
            raise TypeError(
                f"{options.model.__module__}.{value}: {ancestor.object_name} has a subclass of "
                f"that name in {taken.__module__}, expected another name."
            )
        ancestor.children[value] = options.model
        _dispatch(ancestor)
        ancestor = ancestor.parent


def _dispatch(options: Options) -> None:
    """Let the loader of a base make instances of the right class."""
    load_own: Callable[..., Any] = getattr(options.load, "own", options.load)
    key, children = options.discriminator_key, options.children

    def load(raw: dict[str, Any], source: Any) -> Any:
        child = children.get(raw.get(key))  # type: ignore[arg-type]
        return load_own(raw, source) if child is None else child._meta.load(raw, source)

    load.own = load_own  # type: ignore[attr-defined]
    options.load = load
    # Made for the class alone.
    options.__dict__.pop("load_alone", None)


def class_of(options: Options, raw: Any) -> Any:
    """Return the class that the key in `raw` names, else the class itself."""
    value = raw.get(options.discriminator_key)
    return options.children.get(value, options.model) if isinstance(value, str) else options.model
