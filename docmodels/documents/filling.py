"""
Make the function that gives a new object its values.

It is generated once for each class, with the fields as its keyword arguments:
Python itself then sorts the values, and a few lines for each field see that a
value is as it is stored, or have it cast. As the `__init__` of the class it
serves until somebody listens to the signals of new objects.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import ref

from docmodels import signals
from docmodels.fields import EmbeddedField, EmbeddedListField, ListField
from docmodels.fields.generated import Names
from docmodels.fields.given import KNOWN, given_test
from docmodels.tracking import MISSING, Tracked, TrackedList

#: Take a new object and its values by name.
Fill = Callable[..., None]

F = TypeVar("F")

#: The `__init__` of the bases, and of the classes that have a generated one.
_replaceable: set[Any] = set()


def replaceable(init: F) -> F:
    """Let a class have a generated `__init__` in place of inheriting `init`."""
    _replaceable.add(init)
    return init


def install_init(cls: Any) -> None:
    """Let new objects of `cls` be made by a function of its own, if no `__init__` is theirs."""
    if "__init__" in vars(cls) or cls.__init__ not in _replaceable or not _are_names(cls):
        return
    init = _make(cls, "__init__", "*_args", _head(cls))
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    type.__setattr__(cls, "__init__", replaceable(init))


def make_filler(cls: Any) -> Fill:
    """Return the function for new objects of `cls`, whatever their `__init__` is."""
    return _make(cls, "fill", "*", []) if _are_names(cls) else fill_closely


def fill_closely(document: Any, /, **values: Any) -> None:
    """Give a new object its values one by one."""
    for fill, empty in document._fill:
        fill(document, empty)
    for name, value in values.items():
        document._assign_named(name, value)
    for field in document._meta.fields_with_default:
        if field.name not in values:
            _put_default(document, field)


def _are_names(cls: Any) -> bool:
    """Return whether all fields can be arguments of a function."""
    names = [field.name for field in cls._meta.fields]
    return all(name.isidentifier() and not keyword.iskeyword(name) for name in names)


def _head(cls: Any) -> list[str]:
    """Return the lines that leave to `_init_closely` what is not for the others."""
    given = ", ".join(f"{field.name!r}: {field.name}" for field in cls._meta.fields)
    others = "" if cls._meta.embedded else " or _pre_init.receivers or _post_init.receivers"
    return [
        f"    if _args or _self.__class__ is not _cls{others}:",
        f"        _given = {{{given}}}",
        "        _given = {_n: _v for _n, _v in _given.items() if _v is not _MISSING}",
        "        _self._init_closely(_args, {**_given, **_others})",
        "        return",
    ]


def _make(cls: Any, name: str, first: str, head: list[str]) -> Any:
    # The names of fields never begin with an underscore.
    names = Names(
        **KNOWN,
        _cls=cls,
        _list=list,
        _make_list=TrackedList.wrap,
        _MISSING=MISSING,
        _post_init=signals.post_init,
        _pre_init=signals.pre_init,
        _put_default=_put_default,
        _ref=ref,
    )
    fields = cls._meta.fields
    parameters = "".join(f", {field.name}=_MISSING" for field in fields)
    lines = [f"def {name}(_self, /, {first}{parameters}, **_others):", *head]
    # So that no later read of them asks `__getattr__`.
    lines += [f"    {names.add(put)}(_self, {names.add(empty)})" for put, empty in cls._fill]
    for field in fields:
        lines += [f"    if {field.name} is not _MISSING:"]
        lines += [f"        {line}" for line in _put(field, names)]
    lines += ["    if _others:", "        for _n, _v in _others.items():"]
    lines += ["            _self._assign_named(_n, _v)"]
    for field in cls._meta.fields_with_default:
        lines += [f"    if {field.name} is _MISSING:"]
        lines += [f"        _put_default(_self, {names.add(field)})"]
    return names.compile(name, lines)


def _put(field: Any, names: Names) -> list[str]:
    """Return the lines that put the value into its slot, cast."""
    v = field.name
    put = f"{names.add(field.slot_set)}(_self, {v})"
    closely = f"_self._assign_named({v!r}, {v})"
    if type(field) is EmbeddedField and not field.setters:
        adopt = names.add(field.embedded_model._set_parent)
        test: str | None = f"{v}.__class__ is {names.add(field.embedded_model)}"
        put = f"{adopt}({v}, _ref(_self)); {put}"
    elif type(field) in {ListField, EmbeddedListField} and not field.setters:
        return _put_list(field, names, put, closely)
    else:
        test = given_test(field, v, names)
    if test is None:
        return [closely]
    return [f"if {test}:", f"    {put}", "else:", f"    {closely}"]


def _put_list(field: Any, names: Names, put: str, closely: str) -> list[str]:
    v, base = field.name, field.base_field
    adopting: list[str] = []
    if type(base) is EmbeddedField and not base.setters:
        test: str | None = f"_i.__class__ is {names.add(base.embedded_model)}"
        adopt = names.add(base.embedded_model._set_parent)
        adopting = [f"    {v}._parent = _r = _ref(_self)"]
        adopting += [f"    for _i in {v}:", f"        {adopt}(_i, _r)"]
    else:
        test = given_test(base, "_i", names)
    if test is None:
        return [closely]
    return [
        f"if {v}.__class__ is _list:",
        f"    for _i in {v}:",
        f"        if not ({test}):",
        f"            {closely}",
        "            break",
        "    else:",
        f"        {v} = _make_list({v}, {names.add(base)})",
        *(f"    {line}" for line in adopting),
        f"        {put}",
        "else:",
        f"    {closely}",
    ]


def _put_default(document: Any, field: Any) -> None:
    """Give a field the default that a new object has, unless there is a value."""
    try:
        field.slot_get(document)
    except AttributeError:
        default = field.get_default(document)
        if default is not MISSING and not (default is None and not field.null):
            if field.embeds and isinstance(default, Tracked):
                default.adopt(ref(document))
            field.slot_set(document, default)
