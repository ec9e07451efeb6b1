"""Search for words by a text index, and how well each document fits."""

from __future__ import annotations

from typing import Any

from docmodels.fields import Field, FloatField
from docmodels.query.expressions.base import DOCUMENT, Context, Expression
from docmodels.query.protocols import OptionsLike

_FLOAT = FloatField()


class TextScore(Expression):
    """How well a document fits the words of `search()`: a number, the higher the better."""

    def compile(self, meta: OptionsLike, context: Context = DOCUMENT) -> Any:
        """Return the server's score; it raises OperationFailed without a search."""
        return {"$meta": "textScore"}

    def result_field(self, meta: OptionsLike) -> Field[Any] | None:
        """Return a field of numbers."""
        return _FLOAT

    def __repr__(self) -> str:
        return "TextScore()"


def text_condition(
    text: str, *, language: str | None, case_sensitive: bool, diacritic_sensitive: bool
) -> dict[str, Any]:
    """Return the filter of a search; raise TypeError for anything but text."""
    if not isinstance(text, str):
        raise TypeError(f"search(): {text!r}, expected text.")
    if language is not None and not isinstance(language, str):
        raise TypeError(f"search(): language {language!r}, expected a name such as 'german'.")
    operand: dict[str, Any] = {"$search": text}
    if language is not None:
        operand["$language"] = language
    if case_sensitive:
        operand["$caseSensitive"] = True
    if diacritic_sensitive:
        operand["$diacriticSensitive"] = True
    return {"$text": operand}
