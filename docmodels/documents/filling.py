"""
Make the function that gives a new object its values.

It is generated once for each class, with the fields as its keyword arguments:
Python itself then sorts the values, and a few lines for each field see that a
value is as it is stored, or have it cast. As the `__init__` of the class it
serves until somebody listens to the signals of new objects.
"""

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import ref

from docmodels import signals
from docmodels.documents.keeping import Keep, is_stored_as_given, make_keeper
from docmodels.fields import EmbeddedField, EmbeddedListField, ListField
from docmodels.fields.generated import Names
from docmodels.fields.given import KNOWN, given_test
from docmodels.tracking import MISSING, Tracked, TrackedList

#: Take a new object and its values by name.
Fill = Callable[..., None]

F = TypeVar("F")

#: docmodels' own methods, in whose place generated functions may do the same.
_replaceable: set[Any] = set()


def replaceable(method: F) -> F:
    """Let a generated function do what `method` does, which a class inherits."""
    _replaceable.add(method)
    return method


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
    names = _names(cls)
    fields = cls._meta.fields
    parameters = "".join(f", {field.name}=_MISSING" for field in fields)
    lines = [f"def {name}(_self, /, {first}{parameters}, **_others):", *head]
    # So that no later read of them asks `__getattr__`.
    lines += [f"    {names.add(put)}(_self, {names.add(empty)})" for put, empty in cls._fill]
    for field in fields:
        lines += [f"    if {field.name} is not _MISSING:"]
        closely = f"_self._assign_named({field.name!r}, {field.name})"
        lines += [f"        {line}" for line in _put(field, names, closely)]
    lines += ["    if _others:", "        for _n, _v in _others.items():"]
    lines += ["            _self._assign_named(_n, _v)"]
    return names.compile(name, [*lines, *_defaults(cls, names)])


@functools.cache
def make_taker(cls: Any) -> Callable[[dict[str, Any]], Any] | None:
    """
    Return the function that makes an embedded document of values by name, if there is one.

    It does what `from_dict` does, and returns None for what is to be looked at
    closely.
    """
    is_own = cls.__init__ not in _replaceable or cls.from_dict.__func__ not in _replaceable
    if is_own or cls._meta.parent is not None:
        return None
    names = _names(cls)
    lines = [
        "def take(_values):",
        f"    if {names.add(cls._meta.children)}: return None",
        "    _self = _new(_cls)",
        *(f"    {names.add(put)}(_self, {names.add(empty)})" for put, empty in cls._fill),
        "    _get = _values.get",
        "    _count = 0",
    ]
    for field in cls._meta.fields:
        lines += [f"    {field.name} = _get({field.name!r}, _MISSING)"]
        lines += [f"    if {field.name} is not _MISSING:", "        _count += 1"]
        lines += [f"        {line}" for line in _put(field, names, "return None")]
    # All the others are unknown names.
    lines += ["    if _count != len(_values): return None", *_defaults(cls, names)]
    take: Callable[[dict[str, Any]], Any] = names.compile("take", [*lines, "    return _self"])
    return take


def _names(cls: Any) -> Names:
    # The names of fields never begin with an underscore.
    return Names(
        **KNOWN,
        _cls=cls,
        _dict=dict,
        _list=list,
        _make_list=TrackedList.wrap,
        _MISSING=MISSING,
        _new=object.__new__,
        _post_init=signals.post_init,
        _pre_init=signals.pre_init,
        _put_default=_put_default,
        _ref=ref,
    )


def _defaults(cls: Any, names: Names) -> list[str]:
    lines = []
    for field in cls._meta.fields_with_default:
        lines += [f"    if {field.name} is _MISSING:"]
        lines += [f"        _put_default(_self, {names.add(field)})"]
    return lines


def _put(field: Any, names: Names, closely: str) -> list[str]:
    """Return the lines that put the value into its slot, cast; `closely` is for all others."""
    v = field.name
    put = names.add(field.slot_set)
    if type(field) is EmbeddedField and not field.setters:
        return _put_embedded(field, names, put, closely)
    if type(field) in {ListField, EmbeddedListField} and not field.setters:
        base = field.base_field
        embeds = type(base) is EmbeddedField and not base.setters
        return (_put_documents if embeds else _put_list)(field, names, put, closely)
    test = given_test(field, v, names)
    if test is None:
        return [closely]
    return [f"if {test}:", f"    {put}(_self, {v})", "else:", f"    {closely}"]


def _put_embedded(field: Any, names: Names, put: str, closely: str) -> list[str]:
    v, cls = field.name, field.embedded_model
    lines = [
        f"_v = {_taken(cls, v, names)}",
        f"if _v.__class__ is {names.add(cls)}:",
        f"    {names.add(cls._set_parent)}(_v, _ref(_self))",
        f"    {put}(_self, _v)",
        "else:",
        f"    {closely}",
    ]
    keep = _keeper(cls)
    if keep is None:
        return lines
    return [
        f"_v = {names.add(keep)}({v}) if {v}.__class__ is _dict else None",
        "if _v is not None:",
        f"    {put}(_self, _v)",
        *_otherwise(lines),
    ]


def _taken(cls: Any, v: str, names: Names) -> str:
    """Return the expression for an embedded document that the variable `v` may give as a dict."""
    take = make_taker(cls)
    return f"{names.add(take)}({v}) if {v}.__class__ is _dict else {v}" if take else v


def _otherwise(lines: list[str]) -> list[str]:
    return ["else:", *(f"    {line}" for line in lines)]


def _keeper(cls: Any) -> Keep | None:
    return make_keeper(cls) if make_taker(cls) else None


def _put_documents(field: Any, names: Names, put: str, closely: str) -> list[str]:
    v, base = field.name, field.base_field
    cls = base.embedded_model
    lines = [
        f"if {v}.__class__ is _list:",
        f"    _v = [{_taken(cls, '_i', names)} for _i in {v}]",
        "    for _i in _v:",
        f"        if _i.__class__ is not {names.add(cls)}:",
        f"            {closely}",
        "            break",
        "    else:",
        f"        _v = _make_list(_v, {names.add(base)})",
        "        _v._parent = _r = _ref(_self)",
        "        for _i in _v:",
        f"            {names.add(cls._set_parent)}(_i, _r)",
        f"        {put}(_self, _v)",
        "else:",
        f"    {closely}",
    ]
    keep = _keeper(cls)
    if keep is None:
        return lines
    kept = f"{names.add(keep)}(_i) if _i.__class__ is _dict else None"
    return [
        f"_v = [{kept} for _i in {v}] if {v}.__class__ is _list else (None,)",
        "if None not in _v:",
        f"    {put}(_self, _v)",
        *_otherwise(lines),
    ]


def _put_list(field: Any, names: Names, put: str, closely: str) -> list[str]:
    v, base = field.name, field.base_field
    test = given_test(base, "_i", names)
    if test is None:
        return [closely]
    made = f"{v}[:]" if is_stored_as_given(base) else f"_make_list({v}, {names.add(base)})"
    return [
        f"if {v}.__class__ is _list:",
        f"    for _i in {v}:",
        f"        if not ({test}):",
        f"            {closely}",
        "            break",
        "    else:",
        f"        {put}(_self, {made})",
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
