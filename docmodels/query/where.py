"""
Compile conditions: keyword arguments and Q objects to plain filters.

`filter()` joins what it is given with *and*; `exclude()` is the exact
complement, so that every document is in one of the two, missing and null
included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import Regex
from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.lookups import Lookup, element_field, find_lookup
from docmodels.lookups.placing import depth_of, is_operators, place_condition
from docmodels.query.protocols import OptionsLike

#: A filter that every document matches.
EVERYTHING: dict[str, Any] = {}
#: A filter that no document matches.
NOTHING: dict[str, Any] = {"$nor": [{}]}

#: A field of no family, for the lookups that all have.
_BASE: Field[Any] = Field()


def compile_q(meta: OptionsLike, q: Q) -> dict[str, Any]:
    """Compile a tree of conditions; raise FieldError or FilterValueError."""
    parts = [_compile_child(meta, child) for child in q.children]
    if q.connector == Q.OR:
        compiled = join_or(parts)
    elif q.connector == Q.XOR:
        compiled = _xor(parts)
    else:
        compiled = join_and(parts)
    return negate(compiled) if q.negated else compiled


def _compile_child(meta: OptionsLike, child: Any) -> dict[str, Any]:
    if isinstance(child, Q):
        return compile_q(meta, child)
    if isinstance(child, tuple):
        return compile_condition(meta, *child)
    raise FieldError(f"{meta.object_name}: {child!r} in a Q, expected path__lookup=value or a Q.")


def compile_condition(meta: OptionsLike, key: str, value: Any) -> dict[str, Any]:
    """Compile one `path__lookup=value`."""
    path, lookup_name = split_lookup(meta, key)
    resolved = meta.resolve(path)
    field = resolved.field
    if lookup_name == "elemmatch":
        match = {"$elemMatch": element_match(field, value, key)}
        return place_condition(resolved, match, whole=True)
    if isinstance(value, Q):
        raise FieldError(f"{key}: a Q object, expected a value; elemmatch takes a Q.")
    lookup: Lookup = _lookup_class(field, lookup_name)(field, value, key)
    return lookup.compile(resolved)


def split_lookup(meta: OptionsLike, key: str) -> tuple[str, str]:
    """Split `a__b__gt` into the path `a__b` and the lookup `gt`."""
    known = meta.split_cache.get(key)
    if known is not None:
        return known
    found = _split_lookup(meta, key)
    if len(meta.split_cache) < 1000:
        meta.split_cache[key] = found
    return found


def _split_lookup(meta: OptionsLike, key: str) -> tuple[str, str]:
    parts = key.split("__")
    if len(parts) == 1 or _is_declared(meta, key):
        return key, "exact"
    # The longest lookup that the field in front of it knows wins (`len__gt`).
    for count in (2, 1):
        name = "__".join(parts[-count:])
        if len(parts) > count and (name == "elemmatch" or _BASE.get_lookup(name)):
            return "__".join(parts[:-count]), name
        if len(parts) > count and (name in _all_lookups() or parts[-count] in _all_lookups()):
            path = "__".join(parts[:-count])
            if _knows(meta, path, name):
                return path, name
    return key, "exact"


def _is_declared(meta: OptionsLike, path: str) -> bool:
    # A field may be called `type` or `size`; a key of undeclared data may not.
    try:
        field = meta.resolve(path).field
    except FieldError:
        return False
    return field.model is not None and not field.name.endswith("]")


def _all_lookups() -> set[str]:
    names: set[str] = set()
    classes: list[Any] = [Field, *_subclasses(Field)]
    for cls in classes:
        names.update(cls.get_lookups())
    return names


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    return [s for sub in cls.__subclasses__() for s in (sub, *_subclasses(sub))]


def _knows(meta: OptionsLike, path: str, name: str) -> bool:
    try:
        field = meta.resolve(path).field
    except FieldError:
        return False
    return find_lookup(field, name) is not None


def _lookup_class(field: Field[Any], name: str) -> type[Lookup]:
    found = find_lookup(field, name)
    if found is None:
        choices = ", ".join(sorted(field.get_lookups()))
        raise FieldError(f"{field}: no lookup {name!r}. Choices are: {choices}.")
    return found


def element_match(field: Field[Any], value: Any, key: str) -> dict[str, Any]:
    """Compile what one element of a list has to match."""
    if isinstance(value, Mapping):
        value = Q(**value)
    if not isinstance(value, Q):
        raise FieldError(f"{key}: {value!r}, expected a Q of conditions on one element.")
    if field.bson_types and not isinstance(field, ListField):
        path = key.removesuffix("__elemmatch")
        raise FieldError(
            f"{key}: an {type(field).__name__}, expected a list; its paths are compared directly, "
            f"as in {path}__name."
        )
    element, levels = element_field(field), depth_of(field) - 1
    if isinstance(element, EmbeddedField):
        condition = compile_q(element.embedded_model._meta, value)
        _refuse_computed(condition, key)
    else:
        if levels > 0 and _is_about_lists(field, value):
            element, levels = field.base_field, 0  # type: ignore[attr-defined]
        condition = _scalar_match(element, value, key)
    for _level in range(levels):
        condition = {"$elemMatch": condition}
    return condition


def _is_about_lists(field: Any, q: Q) -> bool:
    """Return whether conditions on a list in a list mean that list, as `size` does."""
    children: list[Any] = [child for child in q.children if isinstance(child, tuple)]
    found = (find_lookup(field.base_field, name) for name, _operand in children)
    return any(lookup is not None and lookup.whole is True for lookup in found)


def _refuse_computed(condition: Any, key: str) -> None:
    """Raise FieldError for what the server takes at the top of a filter only."""
    if isinstance(condition, dict):
        for operator in condition.keys() & TOP_LEVEL:
            raise FieldError(
                f"{key}: {TOP_LEVEL[operator]}, which MongoDB refuses inside of elemmatch, "
                f"expected it beside, or unwind()."
            )
        condition = condition.values()
    elif not isinstance(condition, list):
        return
    for item in condition:
        _refuse_computed(item, key)


#: Operators that have no meaning for an element, with what compiles to them.
TOP_LEVEL = {
    "$expr": "a computed condition ($expr)",
    "$jsonSchema": "a schema",
    "$near": "a near",
    "$text": "a text search",
}


def _scalar_match(element: Field[Any], q: Q, key: str) -> dict[str, Any]:
    # The conditions are lookups of the element, `elemmatch=Q(gt=1, lt=5)`.
    operators: dict[str, Any] = {}
    if q.connector != Q.AND and len(q.children) > 1:
        raise FieldError(_ONE_ELEMENT.format(key))
    children: list[Any] = list(q.children)
    for child in children:
        if not isinstance(child, tuple):
            raise FieldError(_ONE_ELEMENT.format(key))
        name, operand = child
        compiled = _lookup_class(element, name)(element, operand, key).compile(_Element(element))
        _refuse_computed(compiled, key)
        if compiled.keys() != {""}:
            raise FieldError(_ONE_ELEMENT.format(key))
        condition = compiled[""]
        found = condition if is_operators(condition) else {"$eq": condition}
        for operator in found.keys() & operators.keys():
            raise FieldError(f"{key}: {operator} twice, expected each lookup once.")
        operators.update(found)
    return {"$not": operators} if q.negated and operators else operators


class _Element:
    """The resolved path of an element itself: it has no name."""

    db_path, in_list, nested = "", False, False

    def __init__(self, field: Field[Any]) -> None:
        self.field, self.fields = field, (field,)


_ONE_ELEMENT = "{}: expected lookups of one element, joined by and, as in Q(gt=1, lt=5)."


# Joining


def join_and(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a filter for all of `parts`, flat where that says the same."""
    merged: dict[str, Any] = {}
    clashing: list[dict[str, Any]] = []
    for part in parts:
        if not part:
            continue
        if not _merge(merged, part):
            clashing.append(part)
    if not clashing:
        return merged
    return {"$and": [merged, *clashing]} if merged else {"$and": clashing}


def _merge(merged: dict[str, Any], part: dict[str, Any]) -> bool:
    if merged.keys().isdisjoint(part):
        merged.update(part)
        return True
    for key, condition in part.items():
        known: Any = merged.get(key)
        if key in merged and not (
            is_operators(known)
            and is_operators(condition)
            and known.keys().isdisjoint(condition)
            and "$regex" not in known
            and "$regex" not in condition
        ):
            return False
    for key, condition in part.items():
        merged[key] = {**merged[key], **condition} if key in merged else condition
    return True


def join_or(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a filter for any of `parts`."""
    if not parts:
        return {}
    if any(not part for part in parts):
        return {}
    return parts[0] if len(parts) == 1 else {"$or": parts}


def _xor(parts: list[dict[str, Any]]) -> dict[str, Any]:
    # True for an odd number of true operands, as in Django.
    result = parts[0] if parts else {}
    for part in parts[1:]:
        result = join_or([join_and([result, negate(part)]), join_and([negate(result), part])])
    return result


def negate(compiled: dict[str, Any]) -> dict[str, Any]:
    """Return the exact complement of a filter."""
    if not compiled:
        return dict(NOTHING)
    if len(compiled) > 1:
        return {"$nor": [compiled]}
    ((key, condition),) = compiled.items()
    if key == "$or":
        return {"$nor": condition}
    if key == "$nor" and len(condition) == 1:
        return condition[0]
    if key.startswith("$"):
        return {"$nor": [compiled]}
    if not is_operators(condition):
        return {key: {"$ne": condition}}
    if isinstance(condition.get("$eq"), Regex):
        # The server refuses a pattern in `$ne`.
        return {key: {"$not": condition}}
    if len(condition) == 1:
        ((operator, value),) = condition.items()
        opposite = _OPPOSITES.get(operator)
        if opposite is not None:
            return {key: {opposite: value}}
        if operator == "$exists":
            return {key: {"$exists": not value}}
        if operator == "$ne":
            return {key: {"$eq": value} if isinstance(value, (dict, list)) else value}
    return {key: {"$not": condition}}


_OPPOSITES = {"$eq": "$ne", "$in": "$nin", "$nin": "$in"}
