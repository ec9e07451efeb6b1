"""
Conditions on what references lead to: `customer__country="NO"`.

A document holds a key, so such a condition becomes one on the key, whose
values are not known yet: `{"customer": {"$in": KeysOf(…)}}`. It is plain data;
whoever sends the query asks for the keys first (`docmodels.query.settling`).
It says the same as if the documents were embedded in the place of their keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bson import Regex
from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.constants import LOOKUP_SEP, PATH_SEP
from docmodels.exceptions import InvalidCondition
from docmodels.lookups import element_field
from docmodels.lookups.placing import is_operators, place_condition
from docmodels.query.joining import negate
from docmodels.query.protocols import OptionsLike
from docmodels.query.relations import find

#: Operators whose conditions hold of what is not there.
_NEGATIVE = frozenset({"$ne", "$nin", "$not"})
_JOINED = frozenset({"$and", "$or", "$nor"})
#: What the query for the keys cannot take, with what compiles to it.
_REFUSED = {"$near": "near", "$nearSphere": "near", "$text": "a text search"}


class KeysOf:
    """The keys that documents of another class are referred to by: of those that match."""

    __slots__ = ("condition", "is_single", "key_path", "model", "path")

    def __init__(
        self, model: Any, key_path: str, condition: dict[str, Any], path: str, *, is_single: bool
    ) -> None:
        self.model = model
        #: The stored path of the key, in the documents of `model`.
        self.key_path = key_path
        #: The filter that chooses among them.
        self.condition = condition
        #: The path of names that leads to them, for messages.
        self.path = path
        #: Whether at most one document is referred to, so that all conditions are on the same.
        self.is_single = is_single

    def replaced(self, condition: dict[str, Any]) -> KeysOf:
        """Return the keys of documents that meet another condition."""
        return KeysOf(self.model, self.key_path, condition, self.path, is_single=self.is_single)

    @property
    def about(self) -> tuple[Any, ...]:
        """Return what is equal where conditions can be asked together."""
        return self.model, self.key_path, self.is_single

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeysOf):
            return NotImplemented
        return self.about == other.about and self.condition == other.condition

    def __hash__(self) -> int:
        return hash(self.about)

    def __repr__(self) -> str:
        return f"KeysOf({self.model._meta.label!r}, {self.condition!r})"


class Crossing(NamedTuple):
    """Where a key of a filter leaves the document."""

    #: Names up to the relation.
    path: str
    #: Where the key is stored here, as `meta.resolve()` gives it.
    resolved: Any
    #: The reference, or the reverse relation.
    relation: Any
    #: What of the key is behind it: a path and a lookup of the other class.
    rest: str

    @property
    def is_reverse(self) -> bool:
        """Return whether the other documents hold the key."""
        return self.relation.reference is None

    @property
    def model(self) -> Any:
        """Return the class that is crossed to."""
        return self.relation.related_model


def find_crossing(meta: OptionsLike, key: str) -> Crossing | None:
    """Return where a key of a filter leaves the document, None where it does not."""
    known = meta.crossings
    if key in known:
        found: Crossing | None = known[key]
        return found
    found = _find(meta, key)
    # Keys may come from requests.
    if len(known) < 1000:
        known[key] = found
    return found


def _find(meta: OptionsLike, key: str) -> Crossing | None:
    separator = PATH_SEP if PATH_SEP in key else LOOKUP_SEP
    parts = key.replace(PATH_SEP, LOOKUP_SEP).split(LOOKUP_SEP)
    for count in range(1, len(parts) + 1):
        path, behind = separator.join(parts[:count]), parts[count:]
        try:
            resolved = meta.resolve(path)
        except FieldError:
            return _reverse(meta, path, behind) if count == 1 else None
        reference = reference_of(resolved.field)
        if behind and reference is not None and leads_on(reference, behind[0]):
            return Crossing(path, resolved, reference, LOOKUP_SEP.join(behind))
    return None


def _reverse(meta: OptionsLike, name: str, behind: list[str]) -> Crossing | None:
    options: Any = getattr(meta, "meta", meta)
    model = getattr(options, "model", None)
    relation = None if model is None or options.embedded else find(options, name)
    if relation is None or not getattr(relation, "is_reverse", False):
        return None
    _check_reverse(options, relation)
    return Crossing(name, meta.resolve(relation.local_name), relation, LOOKUP_SEP.join(behind))


def _check_reverse(meta: Any, relation: Any) -> None:
    """Raise FieldError for a relation whose documents no condition can tell from others."""
    path = f"{meta.object_name}.{relation.name}"
    if relation.counts:
        raise FieldError(
            f"{path}: a number that the server counts when it is read, expected a stored path; "
            f"lookup() joins what annotate(n=Size(…)) counts."
        )
    if relation.skip or relation.limit is not None or (relation.order_by and not relation.many):
        raise FieldError(
            f"{path}: a part of the documents that refer, in an order, expected a Related without "
            f"limit, skip and many=False; {relation.name!r} can be populated."
        )


def reference_of(field: Any) -> Any:
    """Return the reference that a field is, or the elements of its lists are; else None."""
    element = element_field(field)
    return element if element.reference is element else None


def leads_on(reference: Any, part: str) -> bool:
    """Return whether a part of a path is of the document, and not of its key."""
    if reference.is_dynamic or reference.get_inner(part) is not None:
        return False
    try:
        model = reference.related_model
    except LookupError:
        return False
    return part == "pk" or part in model._meta.attributes or find(model._meta, part) is not None


def fields_along(meta: Any, path: str) -> tuple[Any, ...]:
    """Return the fields of a path of a filter, also those behind references."""
    crossing = find_crossing(meta, path)
    if crossing is None:
        fields: tuple[Any, ...] = meta.resolve(path).fields
        return fields
    other = crossing.model._meta
    held = other.resolve(crossing.relation.foreign_field).fields if crossing.is_reverse else ()
    own = crossing.resolved.fields
    return (*own, *held, *fields_along(other, crossing.rest or "pk"))


def compile_crossing(
    crossing: Crossing, value: Any, key: str, compile_q: Callable[[Any, Q], dict[str, Any]]
) -> dict[str, Any]:
    """Compile a condition on documents that are referred to, by conditions of their class."""
    meta = crossing.model._meta
    rest = crossing.rest
    if crossing.is_reverse:
        if rest in {"isnull", "exists"}:
            compiled = _has(crossing, {})
            return compiled if bool(value) is (rest == "exists") else negate(compiled)
        if rest in {"", "exact", "in", "ne", "nin"}:
            rest = f"pk__{rest}" if rest else "pk"
            value = _key_of(value)
    if rest == "elemmatch":
        return match_one(crossing, value, key, compile_q)
    inner = compile_q(meta, Q((rest, value)))
    _refuse_sorting(inner, key)
    if crossing.is_reverse or crossing.resolved.in_list or _is_list(crossing.resolved.field):
        return _any_of(crossing, inner)
    if holds_for_nothing(inner):
        # So does a reference that leads nowhere: all but those that lead to what does not match.
        return negate(_has(crossing, negate(inner)))
    return _has(crossing, inner)


def _key_of(value: Any) -> Any:
    """Return the key of a document, and those of a list of them."""
    if isinstance(value, (list, tuple, set)):
        return [_key_of(item) for item in value]
    return value.pk if hasattr(value, "_meta") and hasattr(value, "pk") else value


def match_one(
    crossing: Crossing, value: Any, key: str, compile_q: Callable[[Any, Q], dict[str, Any]]
) -> dict[str, Any]:
    """Compile conditions that one of several documents has to meet."""
    if isinstance(value, dict):
        value = Q(**value)
    if not isinstance(value, Q):
        raise InvalidCondition(f"{key}: {value!r}, expected a Q of conditions on one document.")
    inner = compile_q(crossing.model._meta, value)
    _refuse_sorting(inner, key)
    return _has(crossing, inner)


def _is_list(field: Any) -> bool:
    return field.reference is not field


def _any_of(crossing: Crossing, inner: dict[str, Any]) -> dict[str, Any]:
    """Return the condition on several documents: as on a list, any may meet it, none a denial."""
    if _is_negative(inner):
        return negate(_any_of(crossing, negate(inner)))
    found = _has(crossing, inner)
    if holds_for_nothing(inner) and not crossing.is_reverse:
        return {"$or": [{crossing.resolved.db_path: None}, found]}
    return found


def _has(crossing: Crossing, inner: dict[str, Any]) -> dict[str, Any]:
    """Return the filter for what refers to, or is referred to by, a document that matches."""
    relation, resolved = crossing.relation, crossing.resolved
    meta = crossing.model._meta
    path = crossing.path.replace(PATH_SEP, LOOKUP_SEP)
    if crossing.is_reverse:
        foreign = meta.resolve(relation.foreign_field).db_path
        keys = KeysOf(crossing.model, foreign, inner, path, is_single=False)
    else:
        is_single = not (resolved.in_list or _is_list(resolved.field))
        target = relation.target_field.db_field
        keys = KeysOf(crossing.model, target, inner, path, is_single=is_single)
    return place_condition(resolved, {"$in": keys}, whole=False)


def _refuse_sorting(condition: Any, key: str) -> None:
    """Raise FieldError for what a query for keys would not give, or in an order."""
    if isinstance(condition, dict):
        for operator in condition.keys() & _REFUSED.keys():
            raise InvalidCondition(
                f"{key}: {_REFUSED[operator]} across a reference, expected it in a query of its "
                f"own, whose keys are given to `in`."
            )
        for value in condition.values():
            _refuse_sorting(value, key)
    elif isinstance(condition, list):
        for item in condition:
            _refuse_sorting(item, key)


def _is_negative(compiled: dict[str, Any]) -> bool:
    """Return whether a filter denies something of one path."""
    if len(compiled) != 1:
        return False
    ((key, condition),) = compiled.items()
    if key.startswith("$") or not is_operators(condition) or len(condition) != 1:
        return False
    ((operator, value),) = condition.items()
    return operator in _NEGATIVE or (operator == "$exists" and not value)


def holds_for_nothing(condition: dict[str, Any]) -> bool:
    """Return whether a filter matches a document that has none of its paths."""
    return all(_holds(key, value) for key, value in condition.items())


def _holds(key: str, value: Any) -> bool:
    if key in _JOINED:
        found = [holds_for_nothing(part) for part in value]
        return all(found) if key == "$and" else any(found) is (key == "$or")
    if key.startswith("$"):
        return False
    if not is_operators(value):
        return value is None
    return _operators_hold(value)


def _operators_hold(operators: dict[str, Any]) -> bool:
    return all(_operator_holds(operator, value) for operator, value in operators.items())


def _operator_holds(operator: str, value: Any) -> bool:
    if operator == "$eq":
        return value is None
    if operator == "$ne":
        return value is not None
    if operator in {"$in", "$nin"}:
        has_null = not isinstance(value, KeysOf) and any(item is None for item in value)
        return has_null is (operator == "$in")
    if operator == "$exists":
        return not value
    if operator == "$not":
        return isinstance(value, (dict, Regex)) and not (
            isinstance(value, dict) and _operators_hold(value)
        )
    return False


def has_keys(condition: Any) -> bool:
    """Return whether a compiled filter has keys in it that are not known yet."""
    if isinstance(condition, KeysOf):
        return True
    if isinstance(condition, dict):
        return any(
            has_keys(value)
            for key, value in condition.items()
            if value.__class__ is not list or key in _JOINED
        )
    return isinstance(condition, list) and any(map(has_keys, condition))


def refuse_keys(is_across: bool, name: str, method: str) -> None:
    """Raise FieldError where a part of a query cannot ask for keys before it is sent."""
    if is_across:
        raise FieldError(
            f"{name}: a condition across a reference in {method}, expected one on stored paths, "
            f"such as the keys themselves: …__in=….values_list('pk', flat=True)."
        )
