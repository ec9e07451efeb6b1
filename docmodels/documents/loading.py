"""
Make the function that turns a stored dict into an instance.

Loading never casts, validates or runs `__init__`: the decoded values go
straight into the slots, what is not there leaves its slot empty, and what is
not declared is kept aside. The function is generated once for each class, as
a line of Python for each field; that is several times faster than a loop over
the fields.

The lines call the setters of the slots, which know nothing of the document's
`__setattr__`. Storing by attribute into another class of the same layout and
assigning `__class__` is no faster, and Python then makes a `__dict__` for
each instance, which nobody asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docmodels.documents.upgrades import make_upgrading
from docmodels.tracking import Source


def make_loader(
    cls: type[Any], fill: tuple[Any, ...] = ()
) -> Callable[[dict[str, Any], Source], Any]:
    """
    Return the function that makes an instance of `cls` from a stored dict.

    `fill` are setters of private slots, with what they are filled with at once.
    """
    meta = cls._meta
    setters = {field.db_field: field.slot_set for field in meta.fields}
    expected = [f.db_field for f in meta.fields if not f.blank and f.db_field != meta.version_key]
    if meta.version_key and not meta.embedded:
        setters[meta.version_key] = _version_setter(cls, setters.get(meta.version_key))
    if meta.parent is not None:
        # The class says what the key holds; an embedded one may lack it.
        setters[meta.discriminator_key] = cls._kind.__set__ if meta.embedded else _ignore
    if meta.schema_version is not None:
        setters[meta.schema_key] = _ignore
    set_undeclared = cls._undeclared.__set__
    names = {key: f"set_{position}" for position, key in enumerate(setters)}
    init = meta.hooks.get("init")
    lines = [
        "def load(raw, source):",
        "    self = new(cls)",
        "    set_source(self, source)",
        *(f"    fill_{number}(self, empty_{number})" for number in range(len(fill))),
        *(["    init.run_pre(self, raw)"] if init else []),
        "    try:",
        *(f"        {names[key]}(self, raw[{key!r}])" for key in expected),
        "        pass",
        "    except KeyError:",
        "        load_sparse(self, raw)",
        *(["        init.run_post(self)"] if init else []),
        "        return self",
        f"    count = {len(expected)}",
    ]
    for key, name in names.items():
        if key not in expected:
            lines += [
                f"    if {key!r} in raw:",
                f"        {name}(self, raw[{key!r}])",
                "        count += 1",
            ]
    lines += [
        "    if count != len(raw):",
        "        keep_undeclared(self, raw)",
        "    return self",
    ]

    if init:
        lines.insert(-1, "    init.run_post(self)")

    def load_sparse(self: Any, raw: dict[str, Any]) -> None:
        count = 0
        for key, setter in setters.items():
            if key in raw:
                setter(self, raw[key])
                count += 1
        if count != len(raw):
            keep_undeclared(self, raw)

    def keep_undeclared(self: Any, raw: dict[str, Any]) -> None:
        set_undeclared(self, {key: value for key, value in raw.items() if key not in setters})

    namespace = {
        "new": object.__new__,
        "cls": cls,
        "init": init,
        **{f"fill_{number}": put for number, (put, _empty) in enumerate(fill)},
        **{f"empty_{number}": empty for number, (_put, empty) in enumerate(fill)},
        "set_source": cls._source.__set__,
        "load_sparse": load_sparse,
        "keep_undeclared": keep_undeclared,
        **{names[key]: setter for key, setter in setters.items()},
    }
    exec("\n".join(lines), namespace)
    load: Callable[[dict[str, Any], Source], Any] = namespace["load"]
    return load if meta.schema_version is None else make_upgrading(cls, load)


def _ignore(self: Any, value: Any) -> None:
    """Keep nothing of a value."""


def _version_setter(cls: type[Any], declared: Callable[..., None] | None) -> Callable[..., None]:
    set_version: Callable[..., None] = cls._version.__set__
    if declared is None:
        return set_version

    def set_both(self: Any, value: Any) -> None:
        set_version(self, value)
        declared(self, value)

    return set_both
