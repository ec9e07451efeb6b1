"""What the server refuses to compute: the error names the document, and where to look."""

from __future__ import annotations

from typing import Any

from docmodels.exceptions import OperationFailed

#: What the server says where an operator of an expression is given a value of another type.
_WRONG_TYPE = ("only supports", "requires", "must be a", "must evaluate to", "can't convert")


def explained(error: OperationFailed, queryset: Any) -> OperationFailed:
    """
    Return an error of the server about a read, with what is known here and not there.

    Where the query computes something of stored values, one of them may be of
    another type than its field declares: it says so. The server does not tell
    which document it is.
    """
    annotations = queryset.query.annotations.values()
    paths = sorted({path for found in annotations for path in found.expression.paths})
    about_types = any(part in str(error) for part in _WRONG_TYPE)
    if type(error) is not OperationFailed or not paths or not about_types:
        return error
    found = OperationFailed(
        f"{queryset.model._meta.object_name}: {error}. Something is computed of "
        f"{', '.join(paths)}, where a stored value may be of another type than is declared; "
        f'filter(<path>__type="number"), or the type that is meant, leaves it out.',
        alias=error.alias,
        code=error.code,
        details=error.details,
    )
    found.error_labels = error.error_labels
    return found
