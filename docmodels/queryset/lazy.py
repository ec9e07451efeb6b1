"""
Documents that are decoded when they are touched.

`lazy()` keeps the bytes of a batch as they came, and a document knows where it
begins. Any use of it decodes it and makes it the document that it would have
been from the beginning; one that nobody looks into costs almost nothing.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from docmodels import codecs, signals
from docmodels.tracking import Source

_touching = threading.RLock()


def can_wait(model: Any) -> bool:
    """
    Return whether documents of a class can be decoded later.

    They cannot where somebody is told of each one that is loaded, or where the
    class is known only from what is stored.
    """
    meta = model._meta
    return not (meta.hooks.get("init") or meta.children or signals.post_init.has_listeners(model))


def make_untouched(
    model: Any, source: Source, codec_options: Any, load: Callable[[Any], list[Any]]
) -> Callable[[Any], list[Any]]:
    """
    Return the function that makes untouched documents of an undecoded batch.

    A batch that is decoded already is given to `load`.
    """
    untouched = untouched_class(model)
    make, keep, keep_known = object.__new__, untouched._keep, untouched._keep_known

    def instances(batch: Any) -> list[Any]:
        if not isinstance(batch, bytes):
            return load(batch)
        known = (batch, source, codec_options)
        made = []
        for start in codecs.starts_of(batch):
            document = make(untouched)
            keep(document, start)
            keep_known(document, known)
            made.append(document)
        return made

    return instances


@functools.cache
def untouched_class(model: Any) -> Any:
    """Return the class of documents of `model` that nobody has touched."""
    slots = tuple(_slots(model))
    # Two slots that are free in the meantime: a tuple of both, or a part of the bytes, would be
    # one more object to make, and for the garbage collector to look at.
    kept, kept_known = _private_slot(slots, "_source"), _private_slot(slots, "_errors")

    def touch(self: Any) -> None:
        with _touching:
            if type(self) is model:
                # Another thread was faster.
                return
            batch, source, codec_options = kept_known.__get__(self)
            raw = codecs.document_at(batch, kept.__get__(self))
            made = model._meta.load(codecs.decode_document(raw, codec_options), source)
            kept_known.__delete__(self)
            for slot in slots:
                with suppress(AttributeError):
                    slot.__set__(self, slot.__get__(made))
            object.__setattr__(self, "__class__", model)

    def passing_on(name: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any) -> Any:
            touch(self)
            return getattr(model, name)(self, *args)

        method.__name__ = name
        return method

    def equals(self: Any, other: Any) -> Any:
        touch(self)
        # Not by the method of `model`, for which another class is never equal: if the other
        # one is untouched, Python asks that one first.
        return self == other

    namespace: dict[str, Any] = {name: passing_on(name) for name in _SPECIAL}
    namespace |= {
        "__eq__": equals,
        "__slots__": (),
        "__module__": model.__module__,
        "__qualname__": model.__qualname__,
        "__doc__": model.__doc__,
        "_keep": kept.__set__,
        "_keep_known": kept_known.__set__,
    }
    # Not by the metaclass: it is no document class of its own, but a state of its documents.
    return type.__new__(type(model), model.__name__, (model,), namespace)


#: What Python looks up in the class. The first is asked for everything else, by other special
#: methods too.
_SPECIAL = (
    "__getattribute__", "__setattr__", "__delattr__", "__hash__", "__repr__", "__str__",
    "__reduce_ex__", "__copy__",
)  # fmt: skip


def _private_slot(slots: Any, name: str) -> Any:
    return next(slot for slot in slots if slot.__name__ == name)


def _slots(model: Any) -> Any:
    """Yield the descriptors of all slots of a class, fields' own ones among them."""
    for field in model._meta.fields:
        yield field.slot
    for cls in model.__mro__:
        for name in vars(cls).get("__slots__", ()):
            if name.startswith("_") and not name.startswith("__"):
                yield vars(cls)[name]
