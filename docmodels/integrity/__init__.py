"""Find what stored documents say of others that is not true any more, and mend it."""

from docmodels.integrity.copies import CopyCheck
from docmodels.integrity.positions import Position, PositionError
from docmodels.integrity.references import ReferenceCheck
from docmodels.integrity.running import Check, Finding, Run

__all__ = ["Check", "CopyCheck", "Finding", "Position", "PositionError", "ReferenceCheck", "Run"]
