"""What a declaration is told that misnames an option, or gives a class for a field."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from typing import Any

#: What Django calls some options, and MongoEngine and Mongoose others.
ELSEWHERE = {
    "alias": "db_field",
    "db_column": "db_field",
    "enum": "choices",
    "index": "db_index",
    "regex": "match",
    "select": "hidden",
    "unique_with": "Meta.indexes",
}


def unknown_option(cls: type[Any], names: Iterable[str]) -> TypeError:
    """Return the error for options that a field class does not have."""
    name = next(iter(names))
    known = sorted(_options(cls))
    near = difflib.get_close_matches(name, known, n=1)
    hint = ELSEWHERE.get(name) or (near[0] if near else None)
    told = f"Did you mean {hint!r}?" if hint else f"Choices are: {', '.join(known)}."
    return TypeError(f"{cls.__name__}: unknown option {name!r}. {told}")


def _options(cls: type[Any]) -> set[str]:
    """Return the names of all that the constructors along the classes take by name."""
    found: set[str] = set()
    for base in cls.__mro__:
        if "__init__" in vars(base):
            parameters = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
            found |= {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    return found


def part_of(owner: Any, given: Any) -> Any:
    """Return the field of a part of `owner`, None where none is given; raise TypeError."""
    if given is None or (hasattr(given, "bson_types") and not isinstance(given, type)):
        return given
    got, name = repr(given), type(owner).__name__
    hint = ""
    if isinstance(given, type):
        got = f"the class {given.__name__}"
        meta = getattr(given, "_meta", None)
        if meta is not None:
            field = "EmbeddedField" if meta.embedded else "ReferenceField"
            hint = f" Did you mean {field}({given.__name__})?"
        elif hasattr(given, "bson_types"):
            hint = f" Did you mean {given.__name__}()?"
    raise TypeError(f"{name}: {got}, expected a field.{hint}")
