"""
Put keys that were asked for into a filter, or a join where they are too many.

`{"customer": {"$in": KeysOf(…)}}` becomes `{"customer": {"$in": [key, …]}}`.
Where there are more keys than one query should carry, `$lookup` looks at the
documents instead, behind all conditions that need no join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import FieldError

from docmodels.lookups.placing import is_operators
from docmodels.query.across import KeysOf
from docmodels.query.joining import join_and, join_or, negate
from docmodels.query.steps import Step

_JOINED = frozenset({"$and", "$or", "$nor"})
_ANY = ("$in", "$nin")
#: The keys under which a `$lookup` says whether there is a document; no result has them.
_PREFIX = "__docmodels_has"

#: Gives the keys, or None where they are too many.
Ask = Callable[[KeysOf], list[Any] | None]
#: Gives the `$lookup` of keys at a stored path, under a name.
Join = Callable[[KeysOf, str, str], dict[str, Any]]


@dataclass(eq=False, repr=False)
class Joined(Step):
    """A filter on what documents refer to: joins, the filter, and no trace of the joins."""

    lookups: tuple[dict[str, Any], ...]
    condition: dict[str, Any]
    names: tuple[str, ...]
    paths: frozenset[str] = frozenset()

    changes_rows: ClassVar[bool] = True

    def stages(self) -> list[dict[str, Any]]:
        """Return each `$lookup`, a `$match`, and the `$project` that takes them away."""
        hidden = {"$project": dict.fromkeys(self.names, 0)}
        return [*self.lookups, {"$match": self.condition}, hidden]

    @property
    def reads(self) -> frozenset[str]:
        """Return the paths of other steps that the filter reads."""
        return self.paths


class Settled:
    """A filter without keys to be asked for: what needs no join, and the rest."""

    def __init__(self, condition: dict[str, Any], ask: Ask, join: Join) -> None:
        self._join = join
        self._found: dict[KeysOf, list[Any] | None] = {}
        self.lookups: list[dict[str, Any]] = []
        self._names: dict[tuple[KeysOf, str], str] = {}
        own: list[dict[str, Any]] = []
        late: list[dict[str, Any]] = []
        for part in _parts(merged(condition)):
            keys = list(_keys_in(part))
            for wanted in keys:
                self._found[wanted] = ask(wanted)
            is_known = all(self._found[wanted] is not None for wanted in keys)
            (own if is_known else late).append(self._filled(part))
        #: The filter that no join is needed for.
        self.own = join_and(own)
        #: The filter behind the joins.
        self.late = join_and(late)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the joins."""
        return tuple(self._names.values())

    def _filled(self, part: dict[str, Any]) -> dict[str, Any]:
        """Return the filter with keys, or the name of a join, in the place of `KeysOf`."""
        filled = []
        for key, value in part.items():
            if key in _JOINED:
                filled.append({key: [self._filled(inner) for inner in value]})
            elif not is_operators(value):
                filled.append({key: value})
            else:
                filled.append(self._filled_path(key, value))
        return join_and(filled)

    def _filled_path(self, path: str, operators: dict[str, Any]) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        rest: dict[str, Any] = {}
        for operator, value in operators.items():
            if operator == "$not" and any(self._is_joined(keys) for keys in _keys_in(value)):
                parts.append(negate(self._filled_path(path, value)))
            elif not isinstance(value, KeysOf):
                rest[operator] = self._filled_inside(path, value)
            elif self._is_joined(value):
                parts.append({self._name(value, path): {"$ne": []} if operator == "$in" else []})
            else:
                rest[operator] = self._found[value]
        return join_and([{path: rest}, *parts] if rest else parts)

    def _filled_inside(self, path: str, value: Any) -> Any:
        """Return what an operator compares with, such as `$elemMatch`, with keys filled in."""
        if isinstance(value, KeysOf):
            if self._is_joined(value):
                raise FieldError(
                    f"{value.path}: too many documents of {value.model._meta.label} match, which "
                    f"no join reaches inside of elemmatch or of lists in lists, expected fewer, or "
                    f"a higher DOCMODELS['REFERENCE_FILTER_LIMIT']."
                )
            return self._found[value]
        if isinstance(value, dict):
            return {key: self._filled_inside(path, inner) for key, inner in value.items()}
        if isinstance(value, list) and any(True for _keys in _keys_in(value)):
            return [self._filled_inside(path, inner) for inner in value]
        return value

    def _is_joined(self, keys: KeysOf) -> bool:
        return self._found[keys] is None

    def _name(self, keys: KeysOf, path: str) -> str:
        """Return the name of the join of `keys` at a path, which is made once."""
        name = self._names.get((keys, path))
        if name is None:
            name = self._names[keys, path] = f"{_PREFIX}{len(self._names)}"
            self.lookups.append(self._join(keys, path, name))
        return name


def _parts(condition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the conditions of a filter that all have to hold."""
    for key, value in condition.items():
        if key == "$and":
            for part in value:
                yield from _parts(part)
        else:
            yield {key: value}


def _keys_in(value: Any) -> Iterator[KeysOf]:
    if isinstance(value, KeysOf):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys_in(inner)


def _parts_merged_inside(condition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the conditions that all have to hold, alternatives asked together."""
    for part in _parts(condition):
        ((key, value),) = part.items()
        if key not in _JOINED:
            yield part
            continue
        alternatives = _merged_alternatives([merged(inner) for inner in value])
        if len(alternatives) > 1:
            yield {key: alternatives}
        else:
            # What is left of them is one condition more.
            yield from _parts(alternatives[0] if key == "$or" else negate(alternatives[0]))


def merged(condition: dict[str, Any]) -> dict[str, Any]:
    """
    Return a filter that asks once for what several conditions ask of the same documents.

    `customer__country="NO", customer__age__gt=30` is one question: both are
    on one customer. Alternatives are so also where there are several documents.
    """
    others: list[dict[str, Any]] = []
    asked: dict[tuple[Any, ...], list[tuple[str, KeysOf]]] = {}
    for part in _parts_merged_inside(condition):
        ((path, value),) = part.items()
        if path in _JOINED:
            others.append(part)
            continue
        rest = value
        if is_operators(value):
            rest = dict(value)
            for operator in _ANY:
                keys = rest.get(operator)
                if isinstance(keys, KeysOf):
                    del rest[operator]
                    # Of several documents one may meet the one condition, another the other.
                    key = (path, *keys.about) if keys.is_single else (path, operator, id(keys))
                    asked.setdefault(key, []).append((operator, keys))
        if rest != {} or value == {}:
            others.append({path: rest})
    return join_and([*others, *(_one_question(key[0], found) for key, found in asked.items())])


def _one_question(path: str, found: list[tuple[str, KeysOf]]) -> dict[str, Any]:
    """Return one condition for several on the same document at a path."""
    if len(found) == 1:
        ((operator, keys),) = found
        return {path: {operator: keys}}
    wanted = [keys.condition for operator, keys in found if operator == "$in"]
    denied = [keys.condition for operator, keys in found if operator == "$nin"]
    keys = found[0][1]
    if not wanted:
        return {path: {"$nin": keys.replaced(join_or(denied))}}
    conditions = [*wanted, *(negate(condition) for condition in denied)]
    return {path: {"$in": keys.replaced(join_and(conditions))}}


def _merged_alternatives(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    others: list[dict[str, Any]] = []
    asked: dict[tuple[Any, ...], list[KeysOf]] = {}
    for part in parts:
        path, value = next(iter(part.items()), ("", None))
        keys = (
            value.get("$in") if isinstance(value, dict) and len(part) == len(value) == 1 else None
        )
        if isinstance(keys, KeysOf):
            asked.setdefault((path, *keys.about), []).append(keys)
        else:
            others.append(part)
    return [*others, *({key[0]: {"$in": _any_of(found)}} for key, found in asked.items())]


def _any_of(found: list[KeysOf]) -> KeysOf:
    if len(found) == 1:
        return found[0]
    return found[0].replaced(join_or([keys.condition for keys in found]))
