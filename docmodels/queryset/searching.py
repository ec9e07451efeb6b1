"""Search for words by the text index of a collection."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.core.exceptions import FieldError

from docmodels.query.search import text_condition
from docmodels.queryset.base import BaseQuerySet

D = TypeVar("D")


class SearchMixin(BaseQuerySet[D]):
    """`search`."""

    def search(
        self,
        text: str,
        *,
        language: str | None = None,
        case_sensitive: bool = False,
        diacritic_sensitive: bool = False,
    ) -> Self:
        """
        Keep what has one of the words, by the text index that must be there.

        `-word` leaves out what has the word, `"two words"` in quotes is a
        phrase. `language` says whose endings and stop words count, that of the
        index unless given. `annotate(score=TextScore())` tells how well each
        result fits. Raise TypeError after a slice, FieldError for a second
        search and after `unwind()`.
        """
        if self.query.is_sliced:
            raise TypeError(f"{self._name}: Cannot filter a query once a slice has been taken.")
        if self.query.has_own_rows:
            raise FieldError(
                f"{self._name}.search(): after a group or unwind(), expected it before them."
            )
        if _is_searched(self.query.where):
            raise FieldError(
                f"{self._name}.search(): a second time, MongoDB takes one search in a query."
            )
        clone = self._clone()
        clone.query.add_raw(
            text_condition(
                text,
                language=language,
                case_sensitive=case_sensitive,
                diacritic_sensitive=diacritic_sensitive,
            )
        )
        return clone


def _is_searched(condition: dict[str, Any]) -> bool:
    return "$text" in condition or any(map(_is_searched, condition.get("$and", ())))
