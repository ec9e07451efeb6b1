"""Lookups, by family; importing this registers them with the fields."""

from docmodels.lookups import arrays, bits, comparison, geo, keys, temporal, text
from docmodels.lookups.base import Lookup, element_field, find_lookup, literal
from docmodels.lookups.shapes import Box, Circle, Near
from docmodels.lookups.trusted import Trusted, trusted

__all__ = [
    "Box",
    "Circle",
    "Lookup",
    "Near",
    "Trusted",
    "arrays",
    "bits",
    "comparison",
    "element_field",
    "find_lookup",
    "geo",
    "keys",
    "literal",
    "temporal",
    "text",
    "trusted",
]
