"""
Join and negate compiled filters, flat where that says the same.

`negate()` gives the exact complement, so that every document is in one of
the two, missing and null included.
"""

from __future__ import annotations

from typing import Any

from bson import Regex

from docmodels.exceptions import InvalidCondition
from docmodels.lookups.placing import is_operators

#: A filter that no document matches.
NOTHING: dict[str, Any] = {"$nor": [{}]}


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
    if len(parts) == 1:
        return parts[0]
    for part in parts:
        _refuse_near(part)
    return {"$or": parts}


def join_xor(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a filter for an odd number of `parts`, as in Django."""
    if len(parts) < 2:
        return parts[0] if parts else {}
    # By halves: one after the other the filter would double with each of them.
    middle = len(parts) // 2
    one, other = join_xor(parts[:middle]), join_xor(parts[middle:])
    return join_or([join_and([one, negate(other)]), join_and([negate(one), other])])


def negate(compiled: dict[str, Any]) -> dict[str, Any]:
    """Return the exact complement of a filter."""
    if not compiled:
        return dict(NOTHING)
    _refuse_near(compiled)
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


def _refuse_near(compiled: dict[str, Any]) -> None:
    """Raise FieldError for what the server takes at the top of a filter only."""
    for key, condition in compiled.items():
        if key == "$and":
            for part in condition:
                _refuse_near(part)
        elif isinstance(condition, dict) and ("$near" in condition or "$nearSphere" in condition):
            raise InvalidCondition(
                f"{key}: near in an or, xor or negation, which MongoDB refuses as it also sorts, "
                f"expected within=Circle(center, radius)."
            )
