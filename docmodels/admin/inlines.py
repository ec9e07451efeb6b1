"""How embedded documents are shown inside the form of their document."""

from __future__ import annotations

from typing import Any

STACKED, TABULAR = LAYOUTS = ("stacked", "tabular")


class EmbeddedInline:
    """
    The options of one embedded field, by the names of Django's InlineModelAdmin.

    Name it in `DocumentAdmin.inlines`. Embedded fields without an inline are
    shown in the tree with all their fields.
    """

    #: The name of the field, a dotted path for one further inside (required).
    path: str = ""
    #: The fields to show; all of them unless given.
    fields: Any = None
    #: Fields to leave out (default: none).
    exclude: Any = None
    #: Fields that are shown but not edited (default: none).
    readonly_fields: Any = ()
    #: How many empty elements a list offers at its end; what stays empty is not stored
    #: (default: 0).
    extra: int = 0
    #: The least number of elements of a list that somebody edits; so many are offered
    #: (default: no limit).
    min_num: int | None = None
    #: The greatest number of elements of a list that somebody edits (default: no limit).
    max_num: int | None = None
    #: Whether elements can be removed (default: True).
    can_delete: bool = True
    #: The heading; the field's verbose name unless given.
    verbose_name: Any = None
    #: "stacked", or "tabular" for one row for each element of a list (default: "stacked").
    layout: str = STACKED
    #: Whether the section is closed at first (default: False).
    collapsed: bool = False
