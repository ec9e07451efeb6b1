"""
Make the function that turns a stored dict into an instance.

Loading never casts, validates or runs `__init__`: the decoded values go
straight into the slots, what is not there leaves its slot empty, and what is
not declared is kept aside. The function is generated once for each class, as
a line of Python for each field; that is several times faster than a loop over
the fields. An instance is filled while it is one of the bare class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docmodels.documents.bare import AFTER_NEW
from docmodels.documents.upgrades import make_upgrading
from docmodels.tracking import Source

#: Member descriptors that are filled with the same value.
Slots = tuple[Any, ...]


def make_loader(
    cls: type[Any], fill: Sequence[tuple[Any, Any]] = ()
) -> Callable[[dict[str, Any], Source], Any]:
    """
    Return the function that makes an instance of `cls` from a stored dict.

    `fill` are private slots, with what they are filled with at once.
    """
    meta = cls._meta
    slots = _slots_by_key(cls)
    expected = [f.db_field for f in meta.fields if not f.blank and f.db_field != meta.version_key]
    first = [(cls._source, "source"), *((s, f"empty_{n}") for n, (s, _) in enumerate(fill))]
    init = meta.hooks.get("init")
    # Hooks that run before are to see an object of the class.
    bare = None if init else meta.bare
    put = _Put(bare is not None)
    become = ["self.__class__ = cls"] if bare else []
    lines = [
        "self = new(made)",
        *(AFTER_NEW if bare else []),
        *(put((slot,), value) for slot, value in first),
        *(["init.run_pre(self, raw)"] if init else []),
        "try:",
        *(f"    {put(slots[key], f'raw[{key!r}]')}" for key in expected),
        "    pass",
        "except KeyError:",
        *(f"    {line}" for line in become),
        "    load_sparse(self, raw)",
        *(["    init.run_post(self)"] if init else []),
        "    return self",
        f"count = {len(expected)}",
    ]
    for key, many in slots.items():
        if key not in expected:
            lines += [
                f"if {key!r} in raw:",
                f"    {put(many, f'raw[{key!r}]')}",
                "    count += 1",
            ]
    lines += [
        *become,
        "if count != len(raw):",
        "    keep_undeclared(self, raw)",
        *(["init.run_post(self)"] if init else []),
        "return self",
    ]

    def load_sparse(self: Any, raw: dict[str, Any]) -> None:
        count = 0
        for key, many in slots.items():
            if key in raw:
                for slot in many:
                    slot.__set__(self, raw[key])
                count += 1
        if count != len(raw):
            keep_undeclared(self, raw)

    set_undeclared = cls._undeclared.__set__

    def keep_undeclared(self: Any, raw: dict[str, Any]) -> None:
        set_undeclared(self, {key: value for key, value in raw.items() if key not in slots})

    namespace = {
        **put.setters,
        **{f"empty_{number}": value for number, (_slot, value) in enumerate(fill)},
        "new": object.__new__,
        "made": bare or cls,
        "cls": cls,
        "init": init,
        "load_sparse": load_sparse,
        "keep_undeclared": keep_undeclared,
    }
    exec("\n    ".join(["def load(raw, source):", *lines]), namespace)
    load: Callable[[dict[str, Any], Source], Any] = namespace["load"]
    return load if meta.schema_version is None else make_upgrading(cls, load)


def _slots_by_key(cls: type[Any]) -> dict[str, Slots]:
    """Return what is filled with each stored key that the class knows, nothing for some."""
    meta = cls._meta
    slots: dict[str, Slots] = {field.db_field: (field.slot,) for field in meta.fields}
    if meta.version_key and not meta.embedded:
        slots[meta.version_key] = (cls._version, *slots.get(meta.version_key, ()))
    if meta.parent is not None:
        # The class says what the key holds; an embedded one may lack it.
        slots[meta.discriminator_key] = (cls._kind,) if meta.embedded else ()
    if meta.schema_version is not None:
        slots[meta.schema_key] = ()
    return slots


class _Put:
    """Write the lines that put a value into slots of `self`."""

    def __init__(self, by_attribute: bool) -> None:
        self.by_attribute = by_attribute
        #: The setters that are called, by the names that they have in the lines.
        self.setters: dict[str, Any] = {}

    def __call__(self, slots: Slots, value: str) -> str:
        if self.by_attribute:
            return " = ".join([*(f"self.{slot.__name__}" for slot in slots), value])
        calls = []
        for slot in slots:
            # By number: Python may read the name of a field as another one.
            name = f"set_{len(self.setters)}"
            self.setters[name] = slot.__set__
            calls.append(f"{name}(self, {value})")
        return "; ".join(calls) or "pass"
