"""Virtuals: properties of a document that are shown but never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # They know the type of a property, but not of a subclass of it.
    virtual = property
else:

    class virtual(property):  # noqa: N801 - used as a decorator, as `property` is
        """
        A computed attribute, with a setter where one is given.

        `to_dict(virtuals=True)` and serializers that name it show it; it is never
        stored, and a filter by it is refused with the reason.
        """

        #: The attribute's name.
        name: str = ""

        def __set_name__(self, owner: type[Any], name: str) -> None:
            self.name = name

        def __repr__(self) -> str:
            return f"<virtual {self.name}>"


def collect(cls: type[Any]) -> dict[str, virtual]:
    """Return the virtuals of a class and of its parents, by name."""
    found: dict[str, virtual] = {}
    for base in reversed(cls.__mro__):
        for name, attribute in vars(base).items():
            if isinstance(attribute, virtual):
                found[name] = attribute
            else:
                found.pop(name, None)
    return found
