"""Which cell a stored value gets."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from bson import Decimal128, ObjectId

from docmodels.admin.cells.base import Cell
from docmodels.admin.cells.containers import ArrayCell, ObjectCell
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
from docmodels.admin.cells.states import MissingCell, NullCell, WrongTypeCell
from docmodels.admin.tree.slots import read_error
from docmodels.fields import (
    AnyField,
    DateField,
    EmailField,
    Field,
    PointField,
    ReferenceField,
    URLField,
)
from docmodels.tracking import MISSING

#: Cells by the class of the field, looked up along its hierarchy.
FIELD_CELLS: dict[type, type[Cell]] = {
    DateField: DateCell,
    EmailField: LinkCell,
    PointField: PointCell,
    ReferenceField: ReferenceCell,
    URLField: LinkCell,
}

#: Cells by the class of the stored value, for the other fields.
VALUE_CELLS: dict[type, type[Cell]] = {
    str: TextCell,
    bool: BooleanCell,
    int: NumberCell,
    float: NumberCell,
    Decimal128: NumberCell,
    datetime.datetime: DateTimeCell,
    ObjectId: IdCell,
    uuid.UUID: IdCell,
    dict: ObjectCell,
    list: ArrayCell,
}


def cell_for(value: Any, field: Field[Any], column: Any, reference: Any = None) -> Cell:
    """Return the cell of a stored value of a declared path."""
    if value is MISSING:
        return MissingCell(value, field, column)
    reason = "" if isinstance(field, AnyField) else read_error(field, value)
    if reason:
        return WrongTypeCell(value, field, column, reason)
    if value is None:
        return NullCell(value, field, column)
    if field.choices:
        for choice, label in field.flatchoices:
            if choice == value:
                return ChoiceCell(value, field, column, label)
    for cls in type(field).__mro__:
        if cls in FIELD_CELLS:
            if value == "":
                break
            return FIELD_CELLS[cls](value, field, column, reference)
    return VALUE_CELLS.get(type(value), _kin(value))(value, field, column)


def _kin(value: Any) -> type[Cell]:
    # Int64 is an int, the driver's dicts are dicts.
    return next((VALUE_CELLS[cls] for cls in type(value).__mro__ if cls in VALUE_CELLS), ValueCell)
