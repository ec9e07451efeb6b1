"""
Make the function that judges a new document and encodes it at once.

An insert reads each value twice otherwise: to see that it is right, then to
store it. For a class whose fields are all plain, and that judges and encodes
itself as docmodels does, one function does both. It returns None where anything
is not plainly right; then the document is looked at closely.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docmodels import codecs
from docmodels.documents.validation import is_plain
from docmodels.fields import DecimalField, EmbeddedField, Field, ListField
from docmodels.fields.quick import Tests, between, digits_of

#: Take a document; return what is stored of it, None for "look closely".
Judge = Callable[[Any], dict[str, Any] | None]


def make_judge(cls: Any) -> Judge | None:
    """Return the function for new documents of `cls`, None where there is none."""
    meta = cls._meta
    if cls.to_mongo is not cls._plain_to_mongo:
        return None
    keys = []
    if meta.discriminator is not None:
        keys.append(f"    raw[{meta.discriminator_key!r}] = {meta.discriminator!r}")
    if meta.schema_version is not None:
        keys.append(f"    raw[{meta.schema_key!r}] = {meta.schema_version!r}")
    if meta.version_key:
        keys.append(f"    raw[{meta.version_key!r}] = 0")
    return _make(cls, _tests(), [], keys)


def _make_inside(cls: Any) -> Judge | None:
    """Return the function for embedded documents of `cls`, None where there is none."""
    if cls.encode is not cls._plain_encode:
        return None
    # The key of a discriminator tells what the field does not.
    return _make(cls, _tests(), ["    if self._kind is not MISSING: return None"], [])


def _tests() -> Tests:
    return Tests(
        is_plain,
        from_decimal=codecs.from_decimal,
        from_short_decimal=codecs.from_short_decimal,
    )


def _make(cls: Any, tests: Tests, first: list[str], last: list[str]) -> Judge | None:
    if not is_plain(cls):
        return None
    lines = [
        "def judge(self):",
        "    if self._errors or self._defaulted or self._undeclared: return None",
        *first,
        "    raw = {}",
    ]
    for field in cls._meta.fields:
        stored = _store(field, tests)
        if stored is None:
            return None
        lines += [f"    {line}" for line in _read(field, cls, tests, stored)]
    judge: Judge = tests.compile("judge", [*lines, *last, "    return raw"])
    return judge


def _read(field: Any, cls: Any, tests: Tests, stored: list[str]) -> list[str]:
    """Return the lines that read `v`, and store it as the lines `stored` do."""
    is_there = field.required and not field.null and not field.has_default()
    if is_there and vars(cls).get(field.attname) is field.slot:
        # An empty slot reads as None, which is not right either.
        return [f"v = self.{field.attname}", *stored]
    return [
        "try:",
        f"    v = {tests.add(field.slot_get)}(self)",
        "except AttributeError:",
        f"    {'return None' if field.required or field.primary_key else 'pass'}",
        "else:",
        *(f"    {line}" for line in stored),
    ]


def _store(field: Field[Any], tests: Tests) -> list[str] | None:
    """Return the lines that judge `v` and put it into `raw`, None where there are none."""
    test = tests.test_of(field)
    if test is None:
        return None
    this = f"raw[{field.db_field!r}]"
    if isinstance(field, EmbeddedField):
        lines = _store_embedded(field, this, test, tests)
    elif isinstance(field, ListField):
        lines = _store_list(field, this, test, tests)
    elif isinstance(field, DecimalField):
        lines = _store_decimal(field, this, test)
    else:
        return [f"if not ({test}): return None", f"{this} = v"]
    if lines and field.null:
        return [f"if v is None: {this} = None", "else:", *(f"    {line}" for line in lines)]
    return lines


def _encoded(field: Field[Any], v: str) -> str:
    """Return the expression that `v`, which is right, is stored as."""
    is_converted = isinstance(field, DecimalField)
    return f"from_decimal({v}) if {v}.__class__ is Decimal else {v}" if is_converted else v


def _store_decimal(field: Any, this: str, test: str) -> list[str]:
    if field.min_value is not None or field.max_value is not None:
        return [f"if not ({test}): return None", f"{this} = {_encoded(field, 'v')}"]
    digits = ", ".join(map(str, digits_of(field)))
    return [
        f"v = from_short_decimal(v, {digits}) if v.__class__ is Decimal else None",
        "if v is None: return None",
        f"{this} = v",
    ]


def _store_embedded(field: Any, this: str, test: str, tests: Tests) -> list[str] | None:
    judge = _make_inside(field.embedded_model)
    if judge is None:
        return None
    return [
        # What was given, and not read since: it is right as it is.
        "if v.__class__ is dict:",
        f"    if not (v and {test}): return None",
        "else:",
        f"    if v.__class__ is not {tests.add(field.embedded_model)}: return None",
        f"    v = {tests.add(judge)}(v)",
        # An empty one may be left out (rule D3).
        "    if not v: return None",
        f"{this} = v",
    ]


def _store_list(field: Any, this: str, test: str, tests: Tests) -> list[str] | None:
    base = field.base_field
    is_other = f"v.__class__ is not TrackedList or v._codec is not {tests.add(base)}"
    bounds = between("len(v)", field.min_items, field.max_items)
    is_within = f" or not (True{bounds})" if bounds else ""
    if isinstance(base, EmbeddedField):
        judge = _make_inside(base.embedded_model)
        if judge is None:
            return None
        each = [
            f"if i.__class__ is not {tests.add(base.embedded_model)}: return None",
            f"i = {tests.add(judge)}(i)",
            "if i is None: return None",
            "items.append(i)",
        ]
    else:
        each = [
            f"if not ({tests.test_of(base, 'i')}): return None",
            f"items.append({_encoded(base, 'i')})",
        ]
    return [
        "if v.__class__ is list:",
        f"    if not ({test}): return None",
        f"    {this} = v",
        "else:",
        f"    if {is_other}{is_within}: return None",
        f"    {this} = items = []",
        "    for i in v:",
        *(f"        {line}" for line in each),
    ]
