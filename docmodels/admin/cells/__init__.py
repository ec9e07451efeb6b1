"""
What stands in a cell: one class for each kind of value.

A cell draws itself by a template of its own (`cells/<name>.html`), or, where
there are hundreds of them on a page, by a short `html()`. To draw values of a
field class differently, add a line to `FIELD_CELLS`.
"""

from docmodels.admin.cells.base import Cell
from docmodels.admin.cells.containers import ArrayCell, ContainerCell, ObjectCell
from docmodels.admin.cells.kinds import FIELD_CELLS, VALUE_CELLS, cell_for
from docmodels.admin.cells.links import LinkCell, ReferenceCell
from docmodels.admin.cells.scalars import (
    BooleanCell,
    ChoiceCell,
    DateCell,
    DateTimeCell,
    IdCell,
    NumberCell,
    PointCell,
    TextCell,
    ValueCell,
)
from docmodels.admin.cells.states import (
    ErrorCell,
    MethodCell,
    MissingCell,
    NullCell,
    WrongTypeCell,
)

__all__ = [
    "FIELD_CELLS",
    "VALUE_CELLS",
    "ArrayCell",
    "BooleanCell",
    "Cell",
    "ChoiceCell",
    "ContainerCell",
    "DateCell",
    "DateTimeCell",
    "ErrorCell",
    "IdCell",
    "LinkCell",
    "MethodCell",
    "MissingCell",
    "NullCell",
    "NumberCell",
    "ObjectCell",
    "PointCell",
    "ReferenceCell",
    "TextCell",
    "ValueCell",
    "WrongTypeCell",
    "cell_for",
]
