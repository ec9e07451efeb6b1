"""
Find and change keys of other documents, at a path of whatever shape.

A path is given in steps: keys in MongoDB, `LIST` for the step into the
elements of a list and `MAP` for that into the values of a map. What no plain
path leads to, the values of maps and lists in lists, is reached by
expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

LIST = "[]"
MAP = "{}"

Steps = tuple[str, ...]


class Told(NamedTuple):
    """What must be beside a key: the value of another key of what holds it."""

    name: str
    values: Sequence[Any]
    #: How many steps of the path are inside of what holds both.
    inside: int

    def path(self, steps: Steps) -> str | None:
        """Return its path in a filter, None where many of it are in one document."""
        around = steps[: len(steps) - self.inside]
        return None if {LIST, MAP}.intersection(around) else ".".join((*around, self.name))

    def test(self, here: str) -> dict[str, Any]:
        """Return the expression that tells whether it is in the dict at `here`."""
        return _is_one_of(f"{here}.{self.name}", self.values)


class Change(NamedTuple):
    """An update of many documents, with the conditions under which it can be sent."""

    where: dict[str, Any]
    update: Any
    array_filters: list[dict[str, Any]] | None = None


def condition(steps: Steps, keys: Sequence[Any], told: Told | None = None) -> dict[str, Any]:
    """Return what finds the documents that hold one of `keys`, beside what is `told`."""
    # No path leads to the values of a map, so no index does.
    in_map = MAP in steps
    where: dict[str, Any] = (
        {steps[0]: {"$exists": True}} if in_map else _plain(steps, {"$in": list(keys)})
    )
    inner = _told_inside(steps, told)
    if told is not None and (path := told.path(steps)) is not None:
        where[path] = {"$in": list(told.values)}
    if in_map or inner is not None:
        where["$expr"] = _holds(f"${steps[0]}", steps[1:], keys, 0, inner)
    return where


def _told_inside(steps: Steps, told: Told | None) -> Told | None:
    """Return `told` where a condition on the whole document does not say it."""
    return None if told is None or told.path(steps) is not None else told


def _plain(steps: Steps, leaf: dict[str, Any]) -> dict[str, Any]:
    names: list[str] = []
    for position, step in enumerate(steps):
        if step != LIST:
            names.append(step)
        elif steps[position + 1 : position + 2] == (LIST,):
            # A path enters a list, but not the lists that are its elements.
            depth = next(n for n, s in enumerate((*steps[position:], "")) if s != LIST)
            rest = steps[position + depth :]
            inner = _plain(rest, leaf) if rest else leaf
            for _level in range(depth):
                inner = {"$elemMatch": inner}
            return {".".join(names): inner}
    return {".".join(names): leaf}


def replacing(steps: Steps, keys: Sequence[Any], value: Any, told: Told | None = None) -> Change:
    """Return the update that stores `value` in the place of `keys`."""
    where, told = condition(steps, keys, told), _told_inside(steps, told)
    if not {LIST, MAP}.intersection(steps):
        return Change(_within_documents(where, steps), {"$set": {".".join(steps): value}})
    if told is None and steps.count(LIST) == 1 and MAP not in steps:
        path, filters = _in_list(steps, keys)
        return Change(_within_list(where, steps), {"$set": {path: value}}, filters)
    literal = {"$literal": value}

    def replace(here: str) -> Any:
        return {"$cond": [_is_one_of(here, keys), literal, here]}

    return Change(where, [{"$set": {steps[0]: _mapped(steps, replace, told=told)}}])


def removing(steps: Steps, keys: Sequence[Any], told: Told | None = None) -> Change:
    """Return the update that takes `keys` out of what they are in."""
    where, told = condition(steps, keys, told), _told_inside(steps, told)
    if not {LIST, MAP}.intersection(steps):
        return Change(_within_documents(where, steps), {"$unset": {".".join(steps): ""}})
    if told is None and steps.count(LIST) == 1 and MAP not in steps:
        where = _within_list(where, steps)
        if steps[-1] == LIST:
            return Change(where, {"$pull": {".".join(steps[:-1]): {"$in": list(keys)}}})
        path, filters = _in_list(steps, keys)
        return Change(where, {"$unset": {path: ""}}, filters)
    return Change(where, [{"$set": {steps[0]: _mapped(steps, None, keys, told)}}])


def placing_beside(steps: Steps, keys: Sequence[Any], name: str, value: Any) -> Change:
    """Return the update that stores `value` under the key `name` beside each of `keys`."""
    where = condition(steps, keys)
    around = (*steps[:-1], name)
    if not {LIST, MAP}.intersection(steps):
        return Change(_within_documents(where, steps), {"$set": {".".join(around): value}})
    if steps.count(LIST) == 1 and MAP not in steps:
        _path, filters = _in_list(steps, keys)
        path, _filters = _in_list(around, keys)
        return Change(_within_list(where, steps), {"$set": {path: value}}, filters)
    added = {name: {"$literal": value}}

    def place(here: str) -> Any:
        is_there = {"$and": [_is_object(here), _is_one_of(f"{here}.{steps[-1]}", keys)]}
        return {"$cond": [is_there, {"$mergeObjects": [here, added]}, here]}

    return Change(where, [{"$set": {steps[0]: _mapped(steps[:-1], place)}}])


def pairs_at(raw: dict[str, Any], steps: Steps, name: str) -> Iterator[tuple[Any, Any]]:
    """Yield each key at a path in a stored dict, and what is under `name` beside it, or None."""
    for around in values_at(raw, steps[:-1]) if len(steps) > 1 else (raw,):
        if isinstance(around, dict) and around.get(steps[-1]) is not None:
            yield around[steps[-1]], around.get(name)


def values_at(value: Any, steps: Steps) -> Iterator[Any]:
    """Yield the keys at a path in a stored dict, null left out, whatever else is stored there."""
    if not steps:
        if value is not None:
            yield value
        return
    step, rest = steps[0], steps[1:]
    inner: Iterable[Any] = ()
    if step == LIST:
        inner = value if isinstance(value, list) else ()
    elif isinstance(value, dict):
        inner = value.values() if step == MAP else [value[step]] if step in value else ()
    for item in inner:
        yield from values_at(item, rest)


# Plain updates


def _in_list(steps: Steps, keys: Sequence[Any]) -> tuple[str, list[dict[str, Any]]]:
    """Return the path into the elements of the one list, and the condition of an element."""
    path = ".".join("$[e]" if step == LIST else step for step in steps)
    inside = ("e", *steps[steps.index(LIST) + 1 :])
    return path, [{".".join(inside): {"$in": list(keys)}}]


def _within_list(where: dict[str, Any], steps: Steps) -> dict[str, Any]:
    # One document with something else in the place of the list would end the update of all.
    path = ".".join(steps[: steps.index(LIST)])
    return {"$and": [where, {path: {"$type": "array"}}]}


def _within_documents(where: dict[str, Any], steps: Steps) -> dict[str, Any]:
    around = [".".join(steps[:end]) for end in range(1, len(steps))]
    guards = [{path: {"$not": {"$type": "array"}}} for path in around]
    return {"$and": [where, *guards]} if guards else where


# Expressions


def _is_one_of(here: str, keys: Sequence[Any]) -> dict[str, Any]:
    return {"$in": [here, {"$literal": list(keys)}]}


def _is_object(here: str) -> dict[str, Any]:
    return {"$eq": [{"$type": here}, "object"]}


def _holds(
    here: str, steps: Steps, keys: Sequence[Any], depth: int, told: Told | None = None
) -> Any:
    """Return the expression that tells whether one of `keys` is below `here`."""
    if not steps:
        return _is_one_of(here, keys)
    step, rest, name = steps[0], steps[1:], f"v{depth}"
    if step not in {LIST, MAP}:
        below = _holds(f"{here}.{step}", rest, keys, depth, told)
        if told is not None and len(steps) == told.inside:
            return {"$and": [told.test(here), below]}
        return below
    is_map = step == MAP
    each = f"$${name}.v" if is_map else f"$${name}"
    any_of = {
        "$map": {
            "input": {"$objectToArray": here} if is_map else here,
            "as": name,
            "in": _holds(each, rest, keys, depth + 1, told),
        }
    }
    test = _is_object(here) if is_map else {"$isArray": [here]}
    return {"$cond": [test, {"$anyElementTrue": [any_of]}, False]}


def _mapped(steps: Steps, change: Any, keys: Sequence[Any] = (), told: Told | None = None) -> Any:
    """
    Return the expression of what is at the first step, changed at the last.

    `change` makes the expression of one key from where it is; without it
    `keys` are taken out.
    """
    return _rebuilt(f"${steps[0]}", steps[1:], change, keys, 0, told)


def _rebuilt(
    here: str, steps: Steps, change: Any, keys: Sequence[Any], depth: int, told: Told | None
) -> Any:
    if not steps:
        return change(here)
    step, rest, name = steps[0], steps[1:], f"v{depth}"
    is_taken = change is None and not rest
    if step == LIST:
        if is_taken:
            kept = {"$not": [_is_one_of(f"$${name}", keys)]}
            body: Any = {"$filter": {"input": here, "as": name, "cond": kept}}
        else:
            inner = _rebuilt(f"$${name}", rest, change, keys, depth + 1, told)
            body = {"$map": {"input": here, "as": name, "in": inner}}
        return {"$cond": [{"$isArray": [here]}, body, here]}
    pairs: dict[str, Any] = {"$objectToArray": here}
    if step == MAP and not is_taken:
        inner = _rebuilt(f"$${name}.v", rest, change, keys, depth + 1, told)
        changed = {"k": f"$${name}.k", "v": inner}
        body = {"$arrayToObject": {"$map": {"input": pairs, "as": name, "in": changed}}}
    elif is_taken:
        gone = _is_one_of(f"$${name}.v", keys)
        if step != MAP:
            gone = {"$and": [{"$eq": [f"$${name}.k", {"$literal": step}]}, gone]}
        kept = {"$not": [gone]}
        body = {"$arrayToObject": {"$filter": {"input": pairs, "as": name, "cond": kept}}}
    else:
        below = f"{here}.{step}"
        inner = _rebuilt(below, rest, change, keys, depth, told)
        is_missing = {"$eq": [{"$type": below}, "missing"]}
        body = {"$cond": [is_missing, here, {"$mergeObjects": [here, {step: inner}]}]}
    test = _is_object(here)
    if told is not None and len(steps) == told.inside:
        test = {"$and": [test, told.test(here)]}
    return {"$cond": [test, body, here]}
