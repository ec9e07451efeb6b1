"""Functions of text."""

from __future__ import annotations

from typing import Any, ClassVar

from docmodels.fields import Field, ListField
from docmodels.query.expressions.base import (
    DOCUMENT,
    Context,
    Value,
    as_expression,
    field_of,
)
from docmodels.query.expressions.functions import Function
from docmodels.query.expressions.literals import INTEGER, TEXT, quote
from docmodels.query.protocols import OptionsLike

#: More characters than any text has.
_ALL = 2**31 - 1


class Textual(Function):
    """The base of functions of text, which a list is not."""

    takes = "text"
    output: ClassVar[Field[Any] | None] = TEXT

    def compiled_sources(self, meta: OptionsLike, context: Context) -> list[Any]:
        """Return the sources compiled; raise FieldError for lists."""
        self.refuse_lists(meta, context)
        return [source.compile(meta, context) for source in self.arguments]


class Lower(Textual):
    """The text in lower case, of ASCII letters; of null `""`."""

    operator = "$toLower"


class Upper(Textual):
    """The text in upper case, of ASCII letters; of null `""`."""

    operator = "$toUpper"


class Concat(Textual):
    """The texts one after the other; null counts as `""`, other types are written as text."""

    operator, arity = "$concat", None

    def compiled_sources(self, meta: OptionsLike, context: Context) -> list[Any]:
        """Return the sources as text."""
        return [
            self._as_text(compiled, field_of(source, meta, context), source)
            for compiled, source in zip(
                super().compiled_sources(meta, context), self.arguments, strict=True
            )
        ]

    def _as_text(self, compiled: Any, of: Field[Any] | None, source: Any) -> Any:
        if isinstance(source, Value):
            return compiled if isinstance(source.value, str) else quote(str(source.value))
        is_text = of is not None and of.bson_types == TEXT.bson_types
        return {"$ifNull": [compiled if is_text else {"$toString": compiled}, ""]}


class Length(Textual):
    """The number of characters; null where there is no text."""

    operator, output = "$strLenCP", INTEGER

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the length of what is text: the server refuses null."""
        (text,) = self.compiled_sources(meta, context)
        return {"$cond": [{"$eq": [{"$type": text}, "string"]}, {"$strLenCP": text}, None]}


class Substr(Textual):
    """The part from character `pos`, counted from 1 as in Django, of `length` characters."""

    operator: ClassVar[str] = "$substrCP"

    def __init__(self, expression: Any, pos: int, length: int | None = None) -> None:
        if pos < 1:
            raise ValueError("'pos' must be greater than 0")
        super().__init__(expression)
        self.pos, self.length = pos, length

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$substrCP`, which counts from 0."""
        (text,) = self.compiled_sources(meta, context)
        length = _ALL - self.pos if self.length is None else self.length
        return {self.operator: [text, self.pos - 1, length]}


class Left(Substr):
    """The first `length` characters."""

    def __init__(self, expression: Any, length: int) -> None:
        super().__init__(expression, 1, length)


class Right(Textual):
    """The last `length` characters."""

    operator = "$substrCP"

    def __init__(self, expression: Any, length: int) -> None:
        if length < 1:
            raise ValueError("'length' must be greater than 0")
        super().__init__(expression)
        self.length = length

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$substrCP` from the end."""
        (text,) = self.compiled_sources(meta, context)
        found = {"$ifNull": [text, ""]}
        start = {"$max": [0, {"$subtract": [{"$strLenCP": "$$text"}, self.length]}]}
        cut = {"$substrCP": ["$$text", start, self.length]}
        return {"$let": {"vars": {"text": found}, "in": cut}}


class Trim(Textual):
    """The text without white space around it, or without any of `chars`."""

    operator: ClassVar[str] = "$trim"

    def __init__(self, expression: Any, chars: str | None = None) -> None:
        super().__init__(expression)
        self.chars = chars

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the operator with what is cut off."""
        (text,) = self.compiled_sources(meta, context)
        chars = {} if self.chars is None else {"chars": quote(self.chars)}
        return {self.operator: {"input": text, **chars}}


class LTrim(Trim):
    """The text without white space, or any of `chars`, in front."""

    operator = "$ltrim"


class RTrim(Trim):
    """The text without white space, or any of `chars`, at the end."""

    operator = "$rtrim"


class Replace(Textual):
    """The text with each occurrence of one text replaced by another, or removed."""

    operator, arity = "$replaceAll", 3

    def __init__(self, expression: Any, text: Any, replacement: Any = "") -> None:
        text, replacement = _as_text(text), _as_text(replacement)
        super().__init__(expression, text, replacement)

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return a `$replaceAll`."""
        text, find, replacement = self.compiled_sources(meta, context)
        return {self.operator: {"input": text, "find": find, "replacement": replacement}}


class StrIndex(Textual):
    """The position of a text in another, counted from 1; 0 where it is not there."""

    operator, arity, output = "$indexOfCP", 2, INTEGER

    def __init__(self, expression: Any, text: Any) -> None:
        super().__init__(expression, _as_text(text))

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return an `$indexOfCP`, which counts from 0."""
        return {"$add": [{self.operator: self.compiled_sources(meta, context)}, 1]}


class Split(Textual):
    """The parts of the text between occurrences of another, a list."""

    operator, arity = "$split", 2
    output = ListField(TEXT)

    def __init__(self, expression: Any, text: Any) -> None:
        super().__init__(expression, _as_text(text))


def _as_text(value: Any) -> Any:
    # A text here is what is searched for, not a path.
    return Value(value) if isinstance(value, str) else as_expression(value)
