"""Document state and tracked containers: report changes, know no fields."""

from docmodels.tracking.base import (
    MISSING,
    UNKNOWN,
    Changes,
    Increment,
    ItemCodec,
    Missing,
    Tracked,
    same,
    stored_value,
)
from docmodels.tracking.lists import TrackedList
from docmodels.tracking.maps import TrackedDict, is_safe_key
from docmodels.tracking.state import NEW, STORED, DocumentState, Source, saved_to

__all__ = [
    "MISSING",
    "NEW",
    "STORED",
    "UNKNOWN",
    "Changes",
    "DocumentState",
    "Increment",
    "ItemCodec",
    "Missing",
    "Source",
    "Tracked",
    "TrackedDict",
    "TrackedList",
    "is_safe_key",
    "same",
    "saved_to",
    "stored_value",
]
