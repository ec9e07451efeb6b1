"""Comparisons of the bits of whole numbers and of bytes."""

from __future__ import annotations

from typing import Any

from bson import Binary

from docmodels.constants import INT64_MAX
from docmodels.fields import AnyField, BinaryField, EnumField, IntegerField
from docmodels.lookups.base import Lookup

#: The largest position that the server takes.
MAX_POSITION = 2**31 - 1


class Bits(Lookup):
    """
    The base: the value is a mask, a list of positions, or bytes.

    Bytes are a mask whose first byte has the positions 0 to 7.
    """

    operator: str

    def prepare(self, value: Any) -> Any:
        """Check the mask or the positions."""
        if isinstance(value, (bytes, bytearray, memoryview)):
            return Binary(bytes(value))
        if isinstance(value, int) and not isinstance(value, bool):
            if 0 <= value <= INT64_MAX:
                return int(value)
        elif isinstance(value, (list, tuple, set, frozenset)):
            positions = list(value)
            if all(_is_position(position) for position in positions):
                return sorted(int(position) for position in positions)
        elif isinstance(value, str) and value.isdecimal() and len(value) < 20:
            return self.prepare(int(value))
        raise self.error(
            value, "expected a mask (a number of 63 bits or bytes) or a list of positions."
        )

    def condition(self) -> Any:
        """Return the operator with the mask."""
        return {self.operator: self.value}


def _is_position(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_POSITION


class BitsAllSet(Bits):
    """All these bits are 1."""

    lookup_name, operator = "bits_all_set", "$bitsAllSet"


class BitsAnySet(Bits):
    """Any of these bits is 1."""

    lookup_name, operator = "bits_any_set", "$bitsAnySet"


class BitsAllClear(Bits):
    """All these bits are 0."""

    lookup_name, operator = "bits_all_clear", "$bitsAllClear"


class BitsAnyClear(Bits):
    """Any of these bits is 0."""

    lookup_name, operator = "bits_any_clear", "$bitsAnyClear"


for _field in (AnyField, BinaryField, EnumField, IntegerField):
    for _lookup in (BitsAllSet, BitsAnySet, BitsAllClear, BitsAnyClear):
        _field.register_lookup(_lookup)
