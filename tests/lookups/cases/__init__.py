"""The table of all lookups, by family: what is sent, and what is meant."""

from tests.lookups.cases import (
    bits,
    comparison,
    date_parts,
    expressions,
    keys,
    lists,
    nested,
    nothing,
    places,
    text,
    times,
)
from tests.lookups.cases.base import Case

#: The families: modules with `CASES` and `documents`, a strategy of stored documents.
FAMILIES = [
    bits,
    comparison,
    date_parts,
    expressions,
    keys,
    lists,
    nested,
    nothing,
    places,
    text,
    times,
]

__all__ = ["FAMILIES", "Case"]
