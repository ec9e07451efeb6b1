"""
`$near` where a filter takes none.

It is a filter that sorts. A `find` takes it; a pipeline, and so a count, has
the stage `$geoNear` for it, which must be the first one.
"""

from __future__ import annotations

from typing import Any

from docmodels.query.joining import join_and

_OPERATORS = ("$near", "$nearSphere")
#: The key of the distance, which the stage gives and nobody asked for.
_DISTANCE = "__docmodels_distance"


def is_near(condition: dict[str, Any]) -> bool:
    """Return whether a filter sorts by the distance."""
    for key, value in condition.items():
        if key == "$and":
            if any(is_near(part) for part in value):
                return True
        elif value.__class__ is dict and ("$near" in value or "$nearSphere" in value):
            return True
    return False


def match_stages(condition: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the first stages of a pipeline over what a filter matches."""
    if not is_near(condition):
        return [{"$match": condition}]
    path, near, rest = _take_near(condition)
    geometry = near.get("$geometry")
    stage: dict[str, Any] = {"near": geometry, "key": path, "distanceField": _DISTANCE}
    for name, option in (("maxDistance", "$maxDistance"), ("minDistance", "$minDistance")):
        if option in near:
            stage[name] = near[option]
    return [{"$geoNear": {**stage, "spherical": True, "query": rest}}, {"$unset": _DISTANCE}]


def _take_near(condition: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the path and the operand of the `$near`, and the filter without it."""
    for key, value in condition.items():
        others = {name: other for name, other in condition.items() if name != key}
        if key == "$and":
            for index, part in enumerate(value):
                if is_near(part):
                    path, near, rest = _take_near(part)
                    parts = [*value[:index], rest, *value[index + 1 :]]
                    return path, near, join_and([others, *parts])
        elif value.__class__ is dict:
            for operator in _OPERATORS:
                if operator in value:
                    rest = {name: other for name, other in value.items() if name != operator}
                    return key, value[operator], {**others, **({key: rest} if rest else {})}
    raise ValueError("The filter has no $near.")
