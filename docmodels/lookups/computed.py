"""
Conditions that the server has to compute for each document, as an `$expr`.

No index serves them. They are true or false of any document: a value that is
missing, null or of another type is tested first and matches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docmodels.fields import Field, ListField
from docmodels.lookups.placing import depth_of

#: Makes the test of one value, which is named as in `"$a.b"` or `"$$e1.b"`.
Test = Callable[[str], Any]


def any_value(resolved: Any, test: Test) -> Any:
    """Return an expression that is true where any value at the path passes `test`."""
    keys = resolved.db_path.split(".")
    return _any(f"${keys[0]}", resolved.fields[0], keys[1:], resolved.fields[1:], test, 1)


def _any(
    value: str,
    field: Field[Any],
    keys: Sequence[str],
    fields: Sequence[Field[Any]],
    test: Test,
    level: int,
) -> Any:
    if isinstance(field, ListField):
        name = f"e{level}"
        if keys and keys[0].isdecimal():
            # The language of expressions knows no paths with an index.
            element = {"$arrayElemAt": [value, int(keys[0])]}
            found = {"$cond": [{"$isArray": [value]}, element, None]}
            inner = _any(f"$${name}", fields[0], keys[1:], fields[1:], test, level + 1)
            return {"$let": {"vars": {name: found}, "in": inner}}
        # A single value in place of a list counts as an element, as in any filter.
        otherwise: list[Any] = [value] if depth_of(field) == 1 and "$$" not in value else []
        inner = _any(f"$${name}", field.base_field, keys, fields, test, level + 1)
        items = {"$cond": [{"$isArray": [value]}, value, otherwise]}
        return {"$anyElementTrue": [{"$map": {"input": items, "as": name, "in": inner}}]}
    if keys:
        return _any(f"{value}.{keys[0]}", fields[0], keys[1:], fields[1:], test, level)
    return test(value)


def when(guard: Any, test: Any) -> dict[str, Any]:
    """Return a test that is not made, and false, where `guard` is not true."""
    # Not `$and`: the server need not stop at the first operand that is false.
    return {"$cond": [guard, test, False]}
