"""
Compile conditions: keyword arguments and Q objects to plain filters.

`filter()` joins what it is given with *and*; `exclude()` is the exact
complement, so that every document is in one of the two, missing and null
included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.exceptions import FilterValueError, InvalidCondition
from docmodels.fields import EmbeddedField, Field, ListField
from docmodels.lookups import Lookup, Trusted, element_field, find_lookup
from docmodels.lookups.keys import MapValues
from docmodels.lookups.placing import depth_of, is_operators, place_condition
from docmodels.query.across import (
    Crossing,
    compile_crossing,
    find_crossing,
    leads_on,
    match_one,
    reference_of,
)
from docmodels.query.comparing import EXPRESSIONS, compare, has_expression
from docmodels.query.joining import join_and, join_or, join_xor, negate
from docmodels.query.map_values import any_of_map
from docmodels.query.naming import suggest
from docmodels.query.protocols import OptionsLike
from docmodels.query.trees import keys_of

__all__ = [
    "compile_condition",
    "compile_q",
    "element_match",
    "join_and",
    "join_or",
    "negate",
    "split_lookup",
]

#: A field of no family, for the lookups that all have.
_BASE: Field[Any] = Field()


def compile_q(
    meta: OptionsLike, q: Q, *, across: bool = False, exclude: bool = False
) -> dict[str, Any]:
    """
    Compile a tree of conditions, or its complement; raise FieldError or FilterValueError.

    With `across` they may be on what references lead to, and the filter has to
    be settled before it is sent.
    """
    parts = [_compile_child(meta, child, across) for child in q.children]
    try:
        compiled = _JOINS[q.connector](parts)
        compiled = negate(compiled) if q.negated else compiled
        return negate(compiled) if exclude else compiled
    except InvalidCondition as error:
        error.name_document(meta.object_name)
        raise


#: What joins compiled filters, by the connector of a Q.
_JOINS = {Q.AND: join_and, Q.OR: join_or, Q.XOR: join_xor}


def _compile_across(meta: OptionsLike, q: Q) -> dict[str, Any]:
    return compile_q(meta, q, across=True)


def _compile_child(meta: OptionsLike, child: Any, across: bool) -> dict[str, Any]:
    if isinstance(child, Q):
        return compile_q(meta, child, across=across)
    if isinstance(child, tuple):
        return compile_condition(meta, *child, across=across)
    if isinstance(child, Trusted):
        return dict(child.condition)
    raise FieldError(f"{meta.object_name}: {child!r} in a Q, expected path__lookup=value or a Q.")


def compile_condition(
    meta: OptionsLike, key: str, value: Any, *, across: bool = False
) -> dict[str, Any]:
    """Compile one `path__lookup=value`; see `compile_q()` of `across`."""
    try:
        return _compile_condition(meta, key, value, across=across)
    except (FilterValueError, InvalidCondition) as error:
        error.name_document(meta.object_name)
        raise


def _compile_condition(meta: OptionsLike, key: str, value: Any, *, across: bool) -> dict[str, Any]:
    crossing = find_crossing(meta, key)
    if crossing is not None:
        _check_crossing(meta, crossing, key, value, across)
        return compile_crossing(crossing, value, key, _compile_across)
    path, lookup_name = split_lookup(meta, key)
    resolved = meta.resolve(path)
    field = resolved.field
    if lookup_name == "elemmatch":
        reference = reference_of(field)
        if reference is not None and _is_about_target(reference, value):
            crossing = Crossing(path, resolved, reference, lookup_name)
            _check_crossing(meta, crossing, key, value, across)
            return match_one(crossing, value, key, _compile_across)
        match = {"$elemMatch": element_match(field, value, key, across=across)}
        return place_condition(resolved, match, whole=True)
    if lookup_name.partition("__")[0] == MapValues.lookup_name:
        return _match_map(resolved, lookup_name, value, key)
    if isinstance(value, _NO_VALUES):
        return _compile_no_value(meta, resolved, lookup_name, value, key)
    if has_expression(lookup_name, value):
        return compare(meta, resolved, lookup_name, value, key)
    lookup: Lookup = _lookup_class(field, lookup_name, key)(field, value, key)
    return lookup.compile(resolved)


def _check_crossing(
    meta: OptionsLike, crossing: Crossing, key: str, value: Any, across: bool
) -> None:
    """Raise FieldError where no query can ask for the keys first."""
    where = f"{meta.object_name}.{key}"
    if not across:
        raise FieldError(
            f"{where}: on the documents of {crossing.path!r}, expected a stored path; conditions "
            f"across references are for filter() and exclude()."
        )
    if isinstance(value, EXPRESSIONS) or has_expression(key.rpartition("__")[2], value):
        raise FieldError(
            f"{where}: {value!r}, expected a value: documents of two collections are compared by "
            f"lookup()."
        )


def _is_about_target(reference: Any, value: Any) -> bool:
    """Return whether conditions are on the document of a key, and not on the key."""
    if isinstance(value, Mapping):
        value = Q(**value)
    keys = keys_of(value) if isinstance(value, Q) else []
    names = {key.partition("__")[0] for key in keys}
    return any(leads_on(reference, name) for name in names)


#: What may stand in the place of a value, and is compiled otherwise.
_NO_VALUES = (Q, Trusted, *EXPRESSIONS)


def _compile_no_value(
    meta: OptionsLike, resolved: Any, lookup_name: str, value: Any, key: str
) -> dict[str, Any]:
    if isinstance(value, Q):
        raise InvalidCondition(f"{key}: a Q object, expected a value; elemmatch takes a Q.")
    if not isinstance(value, Trusted):
        return compare(meta, resolved, lookup_name, value, key)
    if lookup_name != "exact" or not is_operators(value.condition):
        raise InvalidCondition(
            f"{key}: {value!r}, expected a dict of operators for a path without a lookup."
        )
    return {resolved.db_path: value.condition}


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


def _lookup_class(field: Field[Any], name: str, key: str) -> type[Lookup]:
    found = find_lookup(field, name)
    if found is None:
        known = sorted(field.get_lookups())
        raise InvalidCondition(
            f"{key}: no lookup {name!r} of {field.description}.{suggest(name, known)} Choices are: "
            f"{', '.join(known)}."
        )
    return found


def element_match(
    field: Field[Any], value: Any, key: str, *, across: bool = False
) -> dict[str, Any]:
    """Compile what one element of a list has to match."""
    if isinstance(value, Mapping):
        value = Q(**value)
    if not isinstance(value, Q):
        raise InvalidCondition(f"{key}: {value!r}, expected a Q of conditions on one element.")
    if field.bson_types and not isinstance(field, ListField):
        path = key.removesuffix("__elemmatch")
        raise InvalidCondition(
            f"{key}: an {type(field).__name__}, expected a list; its paths are compared directly, "
            f"as in {path}__name."
        )
    element, levels = element_field(field), depth_of(field) - 1
    if isinstance(element, EmbeddedField):
        condition = _compile_inside(element, value, key, across=across)
    else:
        if levels > 0 and _is_about_lists(field, value):
            element, levels = field.base_field, 0  # type: ignore[attr-defined]
        condition = _scalar_match(element, value, key)
    for _level in range(levels):
        condition = {"$elemMatch": condition}
    return condition


def _compile_inside(field: Any, value: Q, key: str, *, across: bool = False) -> dict[str, Any]:
    """Compile conditions on one embedded document; errors name the path `key` that leads there."""
    meta = field.embedded_model._meta
    try:
        condition = compile_q(meta, value, across=across)
    except (FilterValueError, InvalidCondition) as error:
        error.name_path(meta.object_name, key)
        raise
    except FieldError as error:
        own, told = f"{meta.object_name}.", str(error)
        path = f"{key}.{told.removeprefix(own)}" if told.startswith(own) else f"{key}: {told}"
        raise InvalidCondition(path) from error
    _refuse_computed(condition, key)
    return condition


def _match_map(resolved: Any, lookup_name: str, value: Any, key: str) -> dict[str, Any]:
    """Compile what any value of a map has to match; `ne` and `nin` are complements."""
    base = element_field(resolved.field).base_field  # type: ignore[attr-defined]
    comparison = lookup_name.partition("__")[2] or "exact"
    positive = {"ne": "exact", "nin": "in"}.get(comparison, comparison)
    if isinstance(value, Q) and isinstance(base, EmbeddedField) and comparison == "exact":
        condition = _compile_inside(base, value, key)
    else:
        q = value if isinstance(value, Q) and comparison == "exact" else Q(**{positive: value})
        condition = _scalar_match(element_field(base), q, key)
    found = any_of_map(resolved, base, condition)
    return found if positive == comparison else {"$nor": [found]}


def _is_about_lists(field: Any, q: Q) -> bool:
    """Return whether conditions on a list in a list mean that list, as `size` does."""
    children: list[Any] = [child for child in q.children if isinstance(child, tuple)]
    found = (find_lookup(field.base_field, name) for name, _operand in children)
    return any(lookup is not None and lookup.whole is True for lookup in found)


def _refuse_computed(condition: Any, key: str) -> None:
    """Raise FieldError for what the server takes at the top of a filter only."""
    if isinstance(condition, dict):
        for operator in condition.keys() & TOP_LEVEL:
            raise InvalidCondition(
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
        raise InvalidCondition(_ONE_ELEMENT.format(key))
    children: list[Any] = list(q.children)
    for child in children:
        if not isinstance(child, tuple):
            raise InvalidCondition(_ONE_ELEMENT.format(key))
        name, operand = child
        compiled = _lookup_class(element, name, key)(element, operand, key).compile(
            _Element(element)
        )
        _refuse_computed(compiled, key)
        condition = compiled.get("", compiled)
        if compiled.keys() != {""} and not all(name in _VALUE_OPERATORS for name in compiled):
            raise InvalidCondition(_ONE_ELEMENT.format(key))
        found = condition if is_operators(condition) else {"$eq": condition}
        for operator in found.keys() & operators.keys():
            raise InvalidCondition(f"{key}: {operator} twice, expected each lookup once.")
        operators.update(found)
    return {"$not": operators} if q.negated and operators else operators


#: Operators of bounds, which may stand for an element itself.
_VALUE_OPERATORS = {"$gte", "$lt", "$lte"}


class _Element:
    """The resolved path of an element itself: it has no name."""

    db_path, in_list, nested = "", False, False

    def __init__(self, field: Field[Any]) -> None:
        self.field, self.fields = field, (field,)


_ONE_ELEMENT = "{}: expected lookups of one element, joined by and, as in Q(gt=1, lt=5)."
