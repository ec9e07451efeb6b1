"""
Managers: `Document.objects`, where querysets begin.

A manager has the methods of its queryset class. Type checkers read their
signatures in `methods.pyi`, which is written from the queryset's own.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from docmodels.connections import router
from docmodels.queryset.getting import get_plainly
from docmodels.queryset.queryset import QuerySet

if TYPE_CHECKING:
    from typing import Generic, Protocol

    from typing_extensions import TypeVar

    from docmodels.queryset.methods import Methods

    D = TypeVar("D", default=Any)
    #: The class of the querysets that the manager gives.
    Q = TypeVar("Q", covariant=True, default=QuerySet[D])
    M = TypeVar("M", covariant=True)

    class HasManager(Protocol[M]):
        """A queryset class, for the manager that it makes."""

        def as_manager(self) -> M:
            """Return the manager."""

else:
    D = Q = M = None

    class Methods:
        """What a manager is of, which nothing needs at run time."""

        def __class_getitem__(cls, parameters: Any) -> type[Methods]:
            return cls

    Generic = HasManager = Methods


class ManagerDescriptor:
    """Give the manager to the class, and refuse it to instances."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is not None:
            raise AttributeError(f"Manager isn't accessible via {owner.__name__} instances")
        if owner._meta.abstract:
            raise AttributeError(f"Manager isn't available; {owner._meta.object_name} is abstract")
        return self.manager


class BaseManager(Generic[D, Q]):
    """What every manager has; `from_queryset` adds a queryset's methods."""

    _queryset_class: type[QuerySet[Any]] = QuerySet

    def __init__(self) -> None:
        self.name = ""
        self.model: Any = None
        self._db: str | None = None

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the attribute `name` of the document class `cls`."""
        self.name = self.name or name
        self.model = cls
        type.__setattr__(cls, name, ManagerDescriptor(self))
        cls._meta.add_manager(self)

    def clone(self) -> Self:
        """Return a copy that another class can install."""
        manager = object.__new__(type(self))
        manager.__dict__.update(self.__dict__)
        return manager

    @classmethod
    def from_queryset(cls, queryset_class: HasManager[M], class_name: str | None = None) -> type[M]:
        """
        Return a manager class with the public methods of `queryset_class`.

        `queryset_class` is a subclass of QuerySet, `class_name` the name of the
        new class. A method whose `queryset_only` is True is left out, a private
        one whose `queryset_only` is False is taken in.
        """
        given: Any = queryset_class
        name = class_name or f"{cls.__name__}From{given.__name__}"
        made: Any = type(name, (cls,), {"_queryset_class": given, **_methods(cls, given)})
        return made

    def get_queryset(self) -> Q:
        """Return a new queryset of all documents; override it to narrow."""
        queryset: Any = self._queryset_class(model=self.model, using=self._db)
        return queryset

    def all(self) -> Q:
        """Return all documents."""
        return self.get_queryset()

    @property
    def db(self) -> str:
        """Return the alias that a read would use now."""
        queryset: Any = self.get_queryset()
        return queryset.db

    def db_manager(self, using: str) -> Self:
        """Return a copy of the manager that reads and writes through the alias `using`."""
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
    if method is QuerySet.get:
        return get
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def asynchronous(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await getattr(self.get_queryset(), name)(*args, **kwargs)

        return asynchronous

    @functools.wraps(method)
    def manager_method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.get_queryset(), name)(*args, **kwargs)

    return manager_method


@functools.wraps(QuerySet.get)
def get(self: Any, *args: Any, **conditions: Any) -> Any:
    model = self.model
    meta = model._meta
    if (
        conditions
        and not args
        and meta.begins_plainly
        and not router.routers
        # A project's own would do something else.
        and self._queryset_class._gets_plainly
        and self._queryset_class.get is get.__wrapped__
        and getattr(self.get_queryset, "__func__", None) is BaseManager.get_queryset
    ):
        found = get_plainly(model, self._db or meta.alias, conditions)
        if found is not None:
            return found
    return self.get_queryset().get(*args, **conditions)


class Manager(BaseManager[D, Q], Methods[D, Q]):
    """
    The manager that a document has where it declares none, as `objects`.

    It has the methods of a queryset, each of which begins with all documents.
    """


for _name, _method in _methods(BaseManager, QuerySet).items():
    setattr(Manager, _name, _method)


if TYPE_CHECKING:

    class CustomManager(Manager[D, Q]):
        """A manager that has the methods of a queryset class of a project, too."""

        def __getattr__(self, name: str) -> Any: ...

    class ManagerOfClass:
        """`objects` of a class that declares none; one that does has its own's type."""

        def __get__(self, instance: Any, owner: type[D]) -> Manager[D]: ...


def _as_manager(cls: Any) -> Any:
    """Return a manager with the methods of this queryset class, as `from_queryset()` does."""
    return Manager.from_queryset(cls)()


# The queryset lies below its manager; Django spells this as a method of it.
QuerySet.as_manager = classmethod(_as_manager)  # type: ignore[method-assign,assignment]
