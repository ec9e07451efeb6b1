"""Names and numbers that several layers agree on."""

from __future__ import annotations

import datetime
from enum import StrEnum
from types import NoneType

from bson import Int64, ObjectId

#: The alias that is used when nothing else was chosen.
DEFAULT_ALIAS = "default"

#: The alias for analytics and exports; derived from the default one when absent.
SLOW_ALIAS = "slow"

#: The separator between the parts of a path in lookups (``lines__sku``).
LOOKUP_SEP = "__"

#: The separator between the parts of a path in MongoDB and in error keys.
PATH_SEP = "."

#: The server's limit for one stored document, in bytes.
MAX_DOCUMENT_SIZE = 16 * 1024 * 1024

#: The deepest nesting that is accepted in a document (the server refuses 180).
MAX_NESTING = 100

#: The range of BSON's 64-bit integer.
INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1

#: The range of BSON's 32-bit integer.
INT32_MIN = -(2**31)
INT32_MAX = 2**31 - 1

#: Classes of values that contain nothing and are stored as they are.
ATOMS = frozenset({bool, datetime.datetime, float, int, Int64, NoneType, ObjectId, str})


class FetchMode(StrEnum):
    """What reading a reference does that was not loaded; its values are those of the setting."""

    #: Load it for the other documents of the same result, too.
    PEERS = "peers"
    #: Load this one.
    ONE = "one"
    #: Raise `FieldFetchBlocked`.
    RAISE = "raise"
