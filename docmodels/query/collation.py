"""The collation: by which rules text is compared and sorted."""

from __future__ import annotations

from typing import Any


class Collation(dict[str, Any]):
    """
    The rules of a language, for queries, documents and indexes.

    `locale` is one of ICU's, as `"de"` or `"de@collation=phonebook"`. By
    default all differences count; `ignore_case` finds `a` and `A` equal,
    `ignore_accents` `a` and `á`. With `numeric` `"10"` comes after `"9"`, with
    `ignore_punctuation` spaces and punctuation do not count. `options` are
    MongoDB's own names, such as `caseFirst`, and win.

    It is the dict that MongoDB takes: an index serves a query only if both
    have the same collation. Raise ValueError for an empty locale.
    """

    def __init__(
        self,
        locale: str,
        *,
        ignore_case: bool = False,
        ignore_accents: bool = False,
        ignore_punctuation: bool = False,
        numeric: bool = False,
        **options: Any,
    ) -> None:
        if not isinstance(locale, str) or not locale:
            raise ValueError(f"Collation: {locale!r}, expected a locale such as 'en'.")
        super().__init__(locale=locale)
        if ignore_accents:
            # Of letters alone; the case is a level of its own.
            self["strength"] = 1
            if not ignore_case:
                self["caseLevel"] = True
        elif ignore_case:
            self["strength"] = 2
        if ignore_punctuation:
            self["alternate"] = "shifted"
        if numeric:
            self["numericOrdering"] = True
        self.update(options)
