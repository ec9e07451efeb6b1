"""What is public: the names of `docmodels.documents`, and the members of its classes."""

import inspect
from collections.abc import Iterator
from typing import Any

from django.utils.functional import cached_property

from docmodels import documents
from docmodels.documents import ops
from docmodels.tracking import TrackedDict, TrackedList


def classes() -> dict[str, type]:
    """Return the public classes by name, with the containers that fields give."""
    named = {name: getattr(documents, name) for name in documents.__all__}
    found = {name: value for name, value in named.items() if isinstance(value, type)}
    operators = {f"ops.{name}": getattr(ops, name) for name in ops.__all__}
    containers = {"TrackedList": TrackedList, "TrackedDict": TrackedDict}
    return found | containers | {n: v for n, v in operators.items() if isinstance(v, type)}


def functions() -> dict[str, Any]:
    """Return the public functions by name."""
    named = {name: getattr(documents, name) for name in documents.__all__}
    return {name: value for name, value in named.items() if inspect.isfunction(value)}


def members(cls: type) -> dict[str, Any]:
    """Return the public methods and properties that a class has from this package."""
    return {name: value for name, value in _members(cls) if not name.startswith("_")}


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("docmodels."):
            for name, value in vars(base).items():
                if inspect.isroutine(value) or isinstance(value, (property, cached_property)):
                    yield name, value


def function_of(member: Any) -> Any:
    """Return the function behind a method, a classmethod or a property of any kind."""
    if isinstance(member, property):
        member = member.fget
    elif isinstance(member, cached_property):
        member = member.func
    return inspect.unwrap(getattr(member, "__func__", member))
