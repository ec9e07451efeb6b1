"""Lookups, by family; importing this registers them with the fields."""

from docmodels.lookups import arrays, comparison, text
from docmodels.lookups.base import Lookup, element_field, find_lookup, literal

__all__ = [
    "Lookup",
    "arrays",
    "comparison",
    "element_field",
    "find_lookup",
    "literal",
    "text",
]
