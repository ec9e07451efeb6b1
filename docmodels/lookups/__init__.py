"""Lookups, by family; importing this registers them with the fields."""

from docmodels.lookups import arrays, comparison, text
from docmodels.lookups.arrays import IndexedCondition
from docmodels.lookups.base import Lookup, element_field, literal

__all__ = [
    "IndexedCondition",
    "Lookup",
    "arrays",
    "comparison",
    "element_field",
    "literal",
    "text",
]
