"""The search box: words that must all be found in one of the fields each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import smart_split, unescape_string_literal

from docmodels.admin import keys
from docmodels.constants import LOOKUP_SEP
from docmodels.query.across import fields_along

#: Lookups by the mark in front of a search field, as in Django's admin.
PREFIXES = {"^": "istartswith", "=": "iexact"}

#: The longest text that is searched for; longer ones make slow expressions.
MAX_LENGTH = 200


def split_words(text: str) -> list[str]:
    """Split at spaces, keeping quoted phrases together."""
    words = []
    for bit in smart_split(text[:MAX_LENGTH]):
        if bit.startswith(('"', "'")) and bit[0] == bit[-1] and len(bit) > 1:
            bit = unescape_string_literal(bit)
        if bit:
            words.append(bit)
    return words


def get_search_results(queryset: Any, fields: Sequence[str], text: str) -> Any:
    """Return the documents in which every word of `text` is found."""
    for word in split_words(text) if fields else ():
        choices = [choice for name in fields if (choice := word_filter(queryset, name, word))]
        queryset = queryset.filter(reduce(or_, choices)) if choices else queryset.none()
    return queryset


def word_filter(queryset: Any, name: str, word: str) -> Q | None:
    """Return the condition for a word in a search field, None if it cannot be there."""
    lookup = PREFIXES.get(name[:1], "icontains")
    path = name[1:] if name[:1] in PREFIXES else name
    field = fields_along(queryset.model._meta, path)[-1]
    while getattr(field, "base_field", None) is not None:
        field = field.base_field
    if field.is_relation:
        field = field.target_field
    if "string" in field.bson_types or not field.bson_types:
        return Q(**{f"{path}{LOOKUP_SEP}{lookup}": word})
    # Numbers, dates and keys are found by their whole value.
    values = keys.parse(word) if "objectId" in field.bson_types else [word]
    try:
        return Q(**{path: field.to_python(values[0])})
    except ValidationError:
        return None
