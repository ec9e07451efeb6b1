"""Managers: `Document.objects`, where querysets begin."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from docmodels.queryset.queryset import QuerySet

D = TypeVar("D")


class ManagerDescriptor:
    """Give the manager to the class, and refuse it to instances."""

    def __init__(self, manager: BaseManager[Any]) -> None:
        self.manager = manager

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is not None:
            raise AttributeError(f"Manager isn't accessible via {owner.__name__} instances")
        if owner._meta.abstract:
            raise AttributeError(f"Manager isn't available; {owner._meta.object_name} is abstract")
        return self.manager


class BaseManager(Generic[D]):
    """What every manager has; `from_queryset` adds a queryset's methods."""

    _queryset_class: type[QuerySet[Any]] = QuerySet

    def __init__(self) -> None:
        self.name = ""
        self.model: Any = None
        self._db: str | None = None

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the attribute `name` of a document class."""
        self.name = self.name or name
        self.model = cls
        type.__setattr__(cls, name, ManagerDescriptor(self))
        cls._meta.add_manager(self)

    def clone(self) -> BaseManager[D]:
        """Return a copy that another class can install."""
        manager = object.__new__(type(self))
        manager.__dict__.update(self.__dict__)
        return manager

    @classmethod
    def from_queryset(
        cls, queryset_class: type[QuerySet[Any]], class_name: str | None = None
    ) -> type[Any]:
        """Return a manager class with the methods of `queryset_class`."""
        name = class_name or f"{cls.__name__}From{queryset_class.__name__}"
        return type(
            name, (cls,), {"_queryset_class": queryset_class, **_methods(cls, queryset_class)}
        )

    def get_queryset(self) -> QuerySet[D]:
        """Return a new queryset of all documents; override it to narrow."""
        return self._queryset_class(model=self.model, using=self._db)

    def all(self) -> QuerySet[D]:
        """Return all documents."""
        return self.get_queryset()

    @property
    def db(self) -> str:
        """Return the alias that a read would use now."""
        return self.get_queryset().db

    def db_manager(self, using: str) -> BaseManager[D]:
        """Return a copy of the manager that is bound to an alias."""
        manager = self.clone()
        manager._db = using
        return manager

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>" if self.model else f"<{type(self).__name__}>"


def _methods(base: type[Any], queryset_class: type[Any]) -> dict[str, Callable[..., Any]]:
    methods = {}
    for name, method in inspect.getmembers(queryset_class, inspect.isfunction):
        # As in Django: public methods, unless `queryset_only` says otherwise.
        only = getattr(method, "queryset_only", None)
        if hasattr(base, name) or only or (only is None and name.startswith("_")):
            continue
        methods[name] = _forward(name, method)
    return methods


def _forward(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def manager_method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.get_queryset(), name)(*args, **kwargs)

    manager_method.__name__ = method.__name__
    manager_method.__qualname__ = method.__qualname__
    manager_method.__doc__ = method.__doc__
    return manager_method


if TYPE_CHECKING:

    class _QuerySetManager(BaseManager[D]):
        """What type checkers know of the methods that come from the queryset."""

        filter: Callable[..., QuerySet[D]]
        exclude: Callable[..., QuerySet[D]]
        complex_filter: Callable[..., QuerySet[D]]
        raw_filter: Callable[..., QuerySet[D]]
        none: Callable[[], QuerySet[D]]
        using: Callable[[str], QuerySet[D]]
        order_by: Callable[..., QuerySet[D]]
        reverse: Callable[[], QuerySet[D]]
        only: Callable[..., QuerySet[D]]
        defer: Callable[..., QuerySet[D]]
        select: Callable[..., QuerySet[D]]
        unwind: Callable[[str], QuerySet[D]]
        get: Callable[..., D]
        create: Callable[..., D]
        latest: Callable[..., D]
        earliest: Callable[..., D]
        first: Callable[[], D | None]
        last: Callable[[], D | None]
        get_or_create: Callable[..., tuple[D, bool]]
        update_or_create: Callable[..., tuple[D, bool]]
        bulk_create: Callable[..., list[D]]
        in_bulk: Callable[..., dict[Any, D]]
        iterator: Callable[..., Iterator[D]]
        count: Callable[[], int]
        exists: Callable[[], bool]

        def __getattr__(self, name: str) -> Any: ...

else:

    class _QuerySetManager(BaseManager[D]):
        """The methods of the queryset, as `from_queryset` would give them."""

    for _name, _method in _methods(BaseManager, QuerySet).items():
        setattr(_QuerySetManager, _name, _method)


class Manager(_QuerySetManager[D]):
    """The manager that a document has where it declares none."""


def _as_manager(cls: type[QuerySet[Any]]) -> Any:
    """Return a manager with the methods of this queryset class."""
    return Manager.from_queryset(cls)()


# The queryset lies below its manager; Django spells this as a method of it.
QuerySet.as_manager = classmethod(_as_manager)  # type: ignore[attr-defined]
