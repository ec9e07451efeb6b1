"""Compile queries and updates to plain dicts; no server is needed here."""

from docmodels.query.changes import UpdateBuilder
from docmodels.query.expressions import Aggregate, Avg, Count, F, Max, Min, Sum
from docmodels.query.projections import ElemMatch, ListPart, Slice
from docmodels.query.query import Query, Shape

__all__ = [
    "Aggregate",
    "Avg",
    "Count",
    "ElemMatch",
    "F",
    "ListPart",
    "Max",
    "Min",
    "Query",
    "Shape",
    "Slice",
    "Sum",
    "UpdateBuilder",
]
