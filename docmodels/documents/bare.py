"""
The bare class of a document class: the same slots, and nothing else.

A document class has a `__setattr__`, which keeps Python from storing by
attribute into a slot at once; to call the setter of the slot takes several
times as long. So objects are filled as objects of the bare class, and then
become documents by an assignment of `__class__`, which Python allows between
classes of the same layout.
"""

from __future__ import annotations

import sys
from keyword import iskeyword
from types import MethodType
from typing import Any
from unicodedata import normalize

#: What marks a bare class, in its own namespace.
MARK = "_is_bare"

#: The lines that follow when `self` has been made. Up to Python 3.12 room for attributes is
#: reserved in each object, of which an assigned `__class__` makes a dict that nobody asked for.
AFTER_NEW = ["del self.__dict__"] if sys.version_info < (3, 13) else []


def make_bare(cls: Any) -> type[Any] | None:
    """Return the bare class of `cls`, None where the setters of its slots have to be called."""
    base, slots = cls.__base__, [field.slot for field in cls._meta.fields]
    if isinstance(base.__init_subclass__, MethodType):
        # It is told of each subclass, and this one is none of its business.
        return None
    if not all(_is_name(slot.__name__) for slot in slots):
        return None
    own = cls.__dict__.get("__slots__", ())
    bare: type[Any] = type.__new__(
        type(cls),
        cls.__name__,
        (base,),
        {
            "__slots__": own,
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
            "__setattr__": object.__setattr__,
            "__delattr__": object.__delattr__,
            MARK: True,
            # Over an attribute that a parent has put in the place of its slot.
            **{slot.__name__: slot for slot in slots if slot.__name__ not in own},
        },
    )
    try:
        object.__new__(bare).__class__ = cls
    except TypeError:
        return None
    return bare


def _is_name(text: str) -> bool:
    """Tell what can stand behind a dot, as it is, from the names that only `setattr()` gives."""
    # Python reads identifiers in this form.
    is_read_so = text.isascii() or normalize("NFKC", text) == text
    return text.isidentifier() and not iskeyword(text) and is_read_so


def is_bare(cls: type[Any]) -> bool:
    """Tell bare classes from document classes, of whose bases they are subclasses, too."""
    return MARK in cls.__dict__
