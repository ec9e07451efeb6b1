"""
Hooks: methods that run around an event of a document or of a query.

`@pre("save")` runs before, `@post("save")` after, `@on_error("save")` when the
event failed. On a plain method the hook belongs to the document (events
validate, save, delete, init); on a classmethod it belongs to queries of the
class (find, find_one, count, distinct, update, delete, aggregate, bulk …) and
is given the queryset. Hooks are inherited, parents first, and an overridden
method replaces its parent's.

The order and the rules of errors are those of Mongoose (semantics S1 to S4). A
hook may be a coroutine function, which the asynchronous calls await.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import iscoroutinefunction
from typing import Any, NamedTuple, TypeVar

from docmodels.connections.bridging import finish, is_bridged
from docmodels.exceptions import AsynchronousOnlyOperation

F = TypeVar("F")

DOCUMENT_EVENTS = ("init", "validate", "save", "delete")
QUERY_EVENTS = (
    "find", "find_one", "count", "distinct", "update", "delete", "aggregate", "bulk",
    "find_one_and_update", "find_one_and_replace", "find_one_and_delete",
)  # fmt: skip

_MARK = "_docmodels_hooks"


class Hook(NamedTuple):
    """One hook of a class, found by the name of its method."""

    #: "pre", "post" or "error".
    when: str
    event: str
    #: Whether it belongs to queries, not to documents.
    query: bool
    name: str


def pre(*events: str) -> Callable[[F], F]:
    """Run the method before each of `events`; an error ends the event."""
    return _marker("pre", events)


def post(*events: str) -> Callable[[F], F]:
    """Run the method after each of `events`."""
    return _marker("post", events)


def on_error(*events: str) -> Callable[[F], F]:
    """
    Run the method with the error when one of `events` failed.

    It may raise another error in place of it, but never swallow it.
    """
    return _marker("error", events)


def _marker(when: str, events: tuple[str, ...]) -> Callable[[F], F]:
    known = sorted({*DOCUMENT_EVENTS, *QUERY_EVENTS})
    for event in events:
        if event not in known:
            raise ValueError(f"{event!r} is no event of a hook. Choices are: {', '.join(known)}.")
    if not events:
        raise ValueError(f"A hook needs an event. Choices are: {', '.join(known)}.")

    def mark(method: F) -> F:
        function = getattr(method, "__func__", method)
        marks = [*getattr(function, _MARK, ()), *((when, event) for event in events)]
        setattr(function, _MARK, marks)
        return method

    return mark


def collect(cls: Any) -> tuple[Hook, ...]:
    """Return the hooks of a class, those of its parents first."""
    found: dict[tuple[str, str, str], Hook] = {}
    for base in reversed(cls.__mro__):
        for name, attribute in vars(base).items():
            query = isinstance(attribute, classmethod)
            function = attribute.__func__ if query else attribute
            for when, event in getattr(function, _MARK, ()):
                _check(cls, name, event, query=query)
                if query and cls._meta.embedded:
                    raise TypeError(
                        f"{cls.__name__}.{name}: a hook of queries, which an embedded document has "
                        f"not, expected it on a document."
                    )
                found.setdefault((when, event, name), Hook(when, event, query, name))
    return tuple(hook for hook in found.values() if _is_hook(cls, hook))


def _is_hook(cls: type[Any], hook: Hook) -> bool:
    # A child that overrides the method without the decorator is still a hook,
    # as in Python's own overriding; `name = None` takes it away.
    method = getattr(cls, hook.name, None)
    if iscoroutinefunction(method) and hook.event == "init":
        raise TypeError(
            f"{cls.__name__}.{hook.name}: a coroutine function as a hook of 'init', expected a "
            f"function: nothing is awaited while objects are made."
        )
    return callable(method)


def _check(cls: type[Any], name: str, event: str, *, query: bool) -> None:
    allowed = QUERY_EVENTS if query else DOCUMENT_EVENTS
    if event not in allowed:
        kind = "classmethod" if not query else "method of the document"
        raise TypeError(
            f"{cls.__name__}.{name}: a hook of {event!r}, expected a {kind}. Choices here are: "
            f"{', '.join(allowed)}."
        )


class HookChain:
    """The hooks of one event of a class, in order of registration."""

    __slots__ = ("hooks",)

    def __init__(self, hooks: Iterable[Hook]) -> None:
        self.hooks = tuple(hooks)

    def __bool__(self) -> bool:
        return bool(self.hooks)

    def require_awaited(self, target: Any, cls: Any) -> None:
        """Raise AsynchronousOnlyOperation for hooks that nothing awaits, before any runs."""
        if is_bridged():
            return
        for hook in self.hooks:
            if iscoroutinefunction(getattr(target, hook.name)):
                raise AsynchronousOnlyOperation(
                    f"{cls.__name__}.{hook.name}: a coroutine function as a hook of "
                    f"{hook.event!r}, and nothing awaits it in a synchronous call; expected an "
                    f"asynchronous one, such as `await document.asave()`."
                )

    def run_pre(self, target: Any, *args: Any) -> None:
        """Run what comes before."""
        for hook in self.hooks:
            if hook.when == "pre":
                _run(target, hook, *args)

    def run_post(self, target: Any, *args: Any) -> None:
        """Run what comes after; an error is shown to the later error hooks."""
        for position, hook in enumerate(self.hooks):
            if hook.when == "post":
                try:
                    _run(target, hook, *args)
                except Exception as error:
                    self.run_error(target, error, after=position)
                    raise

    def run_error(self, target: Any, error: Exception, *, after: int = -1) -> None:
        """Show `error` to the error hooks registered after a position."""
        for hook in self.hooks[after + 1 :]:
            if hook.when == "error":
                _run(target, hook, error)

    def run_query(self, queryset: Any, action: Callable[[Any], Any]) -> Any:
        """
        Run `action` on a queryset with the hooks around it.

        A pre hook may return another queryset, a post hook another result.
        """
        cls = queryset.model
        self.require_awaited(cls, cls)
        try:
            for hook in self.hooks:
                if hook.when == "pre":
                    changed = _run(cls, hook, queryset)
                    queryset = queryset if changed is None else changed
            result = action(queryset)
        except Exception as error:
            self.run_error(cls, error)
            raise
        for position, hook in enumerate(self.hooks):
            if hook.when == "post":
                try:
                    changed = _run(cls, hook, queryset, result)
                except Exception as error:
                    self.run_error(cls, error, after=position)
                    raise
                result = result if changed is None else changed
        return result


def _run(target: Any, hook: Hook, *args: Any) -> Any:
    method = getattr(target, hook.name)
    return finish(method(*args), method)


def chains(hooks: Iterable[Hook], *, query: bool) -> dict[str, HookChain]:
    """Return the chain of each event that has hooks."""
    events: dict[str, list[Hook]] = {}
    for hook in hooks:
        if hook.query is query:
            events.setdefault(hook.event, []).append(hook)
    return {event: HookChain(found) for event, found in events.items()}


class Run:
    """The hooks of one save or delete, of the document and of what it embeds."""

    def __init__(self, document: Any, *, enabled: bool = True) -> None:
        meta = document._meta
        self.document = document
        self.enabled = enabled and bool(meta.hooks or meta.embeds_hooks)

    def pre(self, event: str) -> None:
        """Run pre hooks: of a save those of children first, else of the parent."""
        if self.enabled:
            targets = [self.document, *self._embedded()]
            for target in targets:
                self._chain(target, event).require_awaited(target, type(target))
            for target in reversed(targets) if event == "save" else targets:
                self._chain(target, event).run_pre(target)

    def post(self, event: str) -> None:
        """Run post hooks, those of children first."""
        if self.enabled:
            for target in (*self._embedded(), self.document):
                self._chain(target, event).run_post(target)

    def error(self, event: str, error: Exception) -> None:
        """Show an error to the error hooks of the document."""
        if self.enabled:
            self._chain(self.document, event).run_error(self.document, error)

    def _embedded(self) -> list[Any]:
        return list(_embedded_in(self.document)) if self.document._meta.embeds_hooks else []

    @staticmethod
    def _chain(target: Any, event: str) -> HookChain:
        return target._meta.hooks.get(event, _NOTHING)


_NOTHING = HookChain(())


def _embedded_in(value: Any) -> Iterator[Any]:
    """Yield the embedded documents inside, outermost first."""
    if hasattr(value, "_meta"):
        for field in value._meta.fields:
            if field.converted_types:
                inner = value._slot_value(field)
                if hasattr(inner, "_meta"):
                    yield inner
                yield from _embedded_in(inner)
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            if hasattr(item, "_meta"):
                yield item
            yield from _embedded_in(item)
