"""BSON <-> Python where the driver's own conversion is missing, slow or too strict."""

from __future__ import annotations

import datetime
import struct
from decimal import Context, Decimal, DecimalException
from typing import TYPE_CHECKING, Any

import bson
from bson import CodecOptions, Decimal128, UuidRepresentation, json_util
from bson.codec_options import DatetimeConversion
from bson.errors import InvalidBSON

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How every connection reads and writes: aware datetimes in UTC, standard UUIDs. A date outside
#: the years 1 to 9999 becomes a `bson.DatetimeMS`, bytes that are not UTF-8 become replacement
#: characters: one such value must not make a whole result unreadable. Neither costs any time.
CODEC_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    uuid_representation=UuidRepresentation.STANDARD,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)

_JSON: dict[str, Any] = {
    "tz_aware": True,
    "tzinfo": datetime.UTC,
    "uuid_representation": UuidRepresentation.STANDARD,
    "datetime_conversion": DatetimeConversion.DATETIME_AUTO,
}
#: Extended JSON that names every type, so that it reads back to what `CODEC_OPTIONS` reads.
CANONICAL_JSON = json_util.JSONOptions(json_mode=json_util.JSONMode.CANONICAL, **_JSON)
#: Extended JSON for people: plain numbers and dates.
RELAXED_JSON = json_util.JSONOptions(json_mode=json_util.JSONMode.RELAXED, **_JSON)

#: The most significant digits that Decimal128 holds.
MAX_DIGITS = 34

# The layout of IEEE 754-2008 decimal128 in binary integer decimal (BID) form.
_BIAS = 6176
_MAX_BIASED_EXPONENT = 12287
_HIGH_COEFFICIENT_BITS = 49
_HIGH_COEFFICIENT_MASK = (1 << _HIGH_COEFFICIENT_BITS) - 1
# What lies above the coefficient: the sign, then the exponent, of which the last quarter is
# NaN, the infinities and non-canonical numbers.
_SIGN = 1 << 14
_FIRST_SPECIAL = 0b11 << 12
_EXPONENT_MASK = _SIGN - 1
_MAX_COEFFICIENT = 10**MAX_DIGITS - 1
_LOW_MASK = (1 << 64) - 1

# The upper half of numbers that are neither negative nor longer than the lower one, with where
# their digits have the point.
_POINTS = {(_BIAS - places) << _HIGH_COEFFICIENT_BITS: -places for places in range(MAX_DIGITS + 1)}

# Wide enough for every decimal128, so that scaling never rounds whatever the caller's context.
_SCALE = Context(prec=MAX_DIGITS + 6, Emin=-999_999, Emax=999_999, traps=[]).scaleb

# What `str` does; a subclass may write itself otherwise.
_TEXT = Decimal.__str__
_POWERS = tuple(10**digits for digits in range(MAX_DIGITS + 1))

_LENGTH = struct.Struct("<i")


def to_decimal(value: Decimal128) -> Decimal:
    """Convert to `Decimal` exactly, several times faster than the driver.

    NaN, the infinities, negative zero and non-canonical encodings take the
    driver's way.
    """
    # The two halves of the encoding; `bid` would have them packed and unpacked again.
    high, low = value.__getstate__()
    exponent = high >> _HIGH_COEFFICIENT_BITS
    if exponent < _FIRST_SPECIAL:
        coefficient = (high & _HIGH_COEFFICIENT_MASK) << 64 | low
        if coefficient <= _MAX_COEFFICIENT:
            return _SCALE(coefficient, exponent - _BIAS)
    elif _SIGN <= exponent < _SIGN + _FIRST_SPECIAL:
        coefficient = (high & _HIGH_COEFFICIENT_MASK) << 64 | low
        if 0 < coefficient <= _MAX_COEFFICIENT:
            return _SCALE(-coefficient, exponent - _SIGN - _BIAS)
    return value.to_decimal()


def to_digits(value: Decimal128) -> str | None:
    """Return all digits, never an exponent; None for NaN and the infinities."""
    high, low = value.__getstate__()
    point = _POINTS.get(high)
    if point is not None:
        digits = str(low)
        if not point:
            return digits
        if len(digits) <= -point:
            digits = digits.zfill(1 - point)
        return f"{digits[:point]}.{digits[point:]}"
    number = to_decimal(value)
    return format(number, "f") if number.is_finite() else None


def from_decimal(value: Decimal) -> Decimal128:
    """Convert to `Decimal128`; raise ValueError where it would have to round."""
    found = from_short_decimal(value, MAX_DIGITS, MAX_DIGITS, MAX_DIGITS)
    if found is not None:
        return found
    try:
        return Decimal128(value)
    except DecimalException as exc:
        raise ValueError(
            f"{value} cannot be stored exactly, expected at most {MAX_DIGITS} significant digits "
            f"and an exponent between -6176 and 6111."
        ) from exc


def from_short_decimal(value: Decimal, whole: int, places: int, digits: int) -> Decimal128 | None:
    """Convert at once most numbers of which `is_within` tells that they are short enough."""
    # The digits as text take a tenth of the time of `as_tuple()`.
    text = _TEXT(value)
    front, _point, fraction = text.partition(".")
    behind = len(fraction)
    if behind > places or len(front) > whole or behind + len(front) > digits:
        return None
    try:
        coefficient = int(front + fraction)
    except ValueError:
        return None  # NaN, an infinity, or with an exponent
    high = (_BIAS - behind) << _HIGH_COEFFICIENT_BITS
    if text[0] == "-":
        coefficient = -coefficient
        high |= 1 << 63
    # The two halves of the encoding: what the driver itself makes of bytes.
    halves: Any = (high | coefficient >> 64, coefficient & _LOW_MASK)
    return Decimal128(halves)


def is_within(value: Decimal | Decimal128, whole: int, places: int, digits: int) -> bool:
    """Tell of most numbers at once that they are finite and short enough.

    `whole` are the digits in front of the point, `places` those behind it,
    `digits` both together, 34 at most. False means: more of them, or not told
    so easily.
    """
    if isinstance(value, Decimal128):
        high, low = value.__getstate__()
        behind = _BIAS - (high >> _HIGH_COEFFICIENT_BITS & _EXPONENT_MASK)
        coefficient = (high & _HIGH_COEFFICIENT_MASK) << 64 | low
        return 0 <= behind <= places and coefficient < _POWERS[min(digits, whole + behind)]
    front, _point, fraction = _TEXT(value).partition(".")
    if front[0] == "-":
        front = front[1:]
    return (
        len(fraction) <= places
        and len(front) <= whole
        and len(front) + len(fraction) <= digits
        and front.isdecimal()
        # An exponent would be there.
        and (not fraction or fraction.isdecimal())
    )


def bounds_by_upper_half(whole: int, places: int, digits: int) -> dict[int, int]:
    """
    Return what the lower half of a short number is below, by its upper half.

    The digits are those of `is_within`. Numbers with digits in the upper half,
    which begin at 19, have no entry.
    """
    return {
        (sign | (_BIAS - behind)) << _HIGH_COEFFICIENT_BITS: _POWERS[min(digits, whole + behind)]
        for behind in range(places + 1)
        for sign in (0, _SIGN)
    }


def starts_of(batch: bytes) -> list[int]:
    """Return where each BSON document of a batch begins."""
    length_at = _LENGTH.unpack_from
    position, end = 0, len(batch)
    starts: list[int] = []
    while position < end:
        starts.append(position)
        position += length_at(batch, position)[0]
    return starts


def portions_of(batch: bytes, size: int) -> Iterator[memoryview]:
    """Yield the documents of a batch, undecoded, in portions of at least `size` bytes."""
    length_at = _LENGTH.unpack_from
    view = memoryview(batch)
    start, position, end = 0, 0, len(batch)
    while start < end:
        enough = min(start + size, end)
        while position < enough:
            position += length_at(batch, position)[0]
        yield view[start:position]
        start = position


def document_at(batch: bytes, start: int) -> bytes:
    """Return the BSON document of a batch that begins there, undecoded."""
    return batch[start : start + _LENGTH.unpack_from(batch, start)[0]]


def iter_raw(batch: bytes) -> Iterator[bytes]:
    """Yield each BSON document of a batch undecoded."""
    for start in starts_of(batch):
        yield document_at(batch, start)


def decode_document(
    raw: bytes, codec_options: CodecOptions[dict[str, Any]] = CODEC_OPTIONS
) -> dict[str, Any]:
    """Decode one document, whatever its dates and texts hold.

    A date outside the years 1 to 9999 becomes a `bson.DatetimeMS`, bytes
    that are not UTF-8 become replacement characters.
    """
    try:
        return bson.decode(raw, codec_options)
    except InvalidBSON:
        tolerant = codec_options.with_options(
            datetime_conversion=DatetimeConversion.DATETIME_AUTO,
            unicode_decode_error_handler="replace",
        )
        return bson.decode(raw, tolerant)


def decode_batch(
    batch: bytes | memoryview, codec_options: CodecOptions[dict[str, Any]] = CODEC_OPTIONS
) -> list[dict[str, Any]]:
    """Decode a batch of documents; one that is out of range never ends the others."""
    try:
        return bson.decode_all(batch, codec_options)
    except InvalidBSON:
        return [decode_document(raw, codec_options) for raw in iter_raw(bytes(batch))]
