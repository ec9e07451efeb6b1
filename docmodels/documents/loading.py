"""
Make the function that turns a stored dict into an instance.

Loading never casts, validates or runs `__init__`: the decoded values go
straight into the slots, what is not there leaves its slot empty, and what is
not declared is kept aside. The function is generated once for each class, as
a line of Python for each field; that is several times faster than a loop over
the fields.

The instance is made from a *twin*, a class of the same layout without the
document's `__setattr__`, so that the interpreter stores into the slots
directly, and is given its own class at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docmodels.tracking import Source


def make_twin(cls: type[Any]) -> type[Any]:
    """Return a class of the same layout as `cls` that stores directly."""
    base: Any = cls.__base__
    return type.__new__(
        type(cls),
        cls.__name__,
        (base,),
        {
            "__slots__": cls.__dict__.get("__slots__", ()),
            "__setattr__": object.__setattr__,
            "__module__": cls.__module__,
            "__doc__": None,
        },
    )


def make_loader(cls: type[Any]) -> Callable[[dict[str, Any], Source], Any]:
    """Return the function that makes an instance of `cls` from a stored dict."""
    meta = cls._meta
    keys = {field.attname: field.db_field for field in meta.fields}
    if meta.version_key and not meta.embedded:
        keys["_version"] = meta.version_key
    expected = {f.attname for f in meta.fields if not f.blank and f.name != meta.version_key}
    lines = [
        "def load(raw, source):",
        "    self = new(twin)",
        "    self._source = source",
        "    try:",
        *(f"        self.{name} = raw[{key!r}]" for name, key in keys.items() if name in expected),
        "        pass",
        "    except KeyError:",
        "        return load_sparse(self, raw, source)",
        f"    count = {len(expected)}",
    ]
    for name, key in keys.items():
        if name not in expected:
            lines += [
                f"    if {key!r} in raw:",
                f"        self.{name} = raw[{key!r}]",
                "        count += 1",
            ]
    lines += [
        "    if count != len(raw):",
        "        self._undeclared = {k: v for k, v in raw.items() if k not in known}",
        "    self.__class__ = cls",
        "    return self",
    ]
    known = frozenset(keys.values())
    items = list(keys.items())

    def load_sparse(self: Any, raw: dict[str, Any], source: Source) -> Any:
        count = 0
        for name, key in items:
            if key in raw:
                setattr(self, name, raw[key])
                count += 1
        if count != len(raw):
            self._undeclared = {k: v for k, v in raw.items() if k not in known}
        self.__class__ = cls
        return self

    namespace = {
        "new": object.__new__,
        "twin": make_twin(cls),
        "cls": cls,
        "known": known,
        "load_sparse": load_sparse,
    }
    exec("\n".join(lines), namespace)
    return namespace["load"]  # type: ignore[return-value]
