"""Conversions between BSON and Python."""

import datetime
import uuid
from decimal import Context, Decimal, localcontext

import bson
import pytest
from bson import Decimal128, UuidRepresentation
from bson.codec_options import CodecOptions
from bson.datetime_ms import DatetimeMS
from hypothesis import assume, given, strategies

from docmodels.codecs import (
    CODEC_OPTIONS,
    MAX_DIGITS,
    decode_batch,
    decode_document,
    from_decimal,
    iter_raw,
    portions_of,
    to_decimal,
    to_digits,
)

DECIMALS = [
    "0",
    "1",
    "-1",
    "0.10",
    "123456789.99",
    "-0",
    "-0.00",
    "0E-6176",
    "1E+6111",
    "1E+6144",
    "1E-6176",
    "9999999999999999999999999999999999",
    "-9999999999999999999999999999999999E+6111",
    "NaN",
    "Infinity",
    "-Infinity",
]


class TestToDecimal:
    """`to_decimal`."""

    @pytest.mark.parametrize("text", DECIMALS)
    def test_equals_the_drivers_conversion(self, text):
        """Sign, digits and exponent are those of the driver."""
        value = Decimal128(text)

        assert str(to_decimal(value)) == str(value.to_decimal())

    def test_ignores_the_callers_context(self):
        """A low precision outside does not round."""
        value = Decimal128("1234567890.123456789")

        with localcontext(Context(prec=3)):
            result = to_decimal(value)

        assert result == Decimal("1234567890.123456789")

    def test_non_canonical_coefficient_is_zero(self):
        """A coefficient of more than 34 digits counts as zero, as in the driver."""
        value = Decimal128((0x3041FFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF))

        assert to_decimal(value) == value.to_decimal() == 0


class TestToDigits:
    """`to_digits`."""

    @pytest.mark.parametrize(
        "text", [*DECIMALS, "0.00", "7", "0.05", "-0.05", "1E+3", "0E+3", "0E-40"]
    )
    def test_equals_python(self, text):
        """Every digit is there, and never an exponent."""
        number = Decimal128(text).to_decimal()

        expected = format(number, "f") if number.is_finite() else None
        assert to_digits(Decimal128(text)) == expected

    @given(strategies.decimals(allow_nan=False, allow_infinity=False, places=4))
    def test_equals_python_for_any(self, number):
        """Small numbers, long ones, negative ones."""
        assume(len(number.as_tuple().digits) <= MAX_DIGITS)

        assert to_digits(Decimal128(number)) == format(number, "f")


class TestFromDecimal:
    """`from_decimal`."""

    @pytest.mark.parametrize("text", DECIMALS)
    def test_equals_the_drivers_conversion(self, text):
        """The bits are those of the driver."""
        value = Decimal128(text).to_decimal()

        assert from_decimal(value).bid == Decimal128(value).bid

    @pytest.mark.parametrize("text", ["1." + "1" * 34, "1E+6145", "1E-6177"])
    def test_never_rounds(self, text):
        """What does not fit raises instead of losing digits."""
        with pytest.raises(ValueError) as excinfo:
            from_decimal(Decimal(text))

        assert str(excinfo.value) == (
            f"{text} cannot be stored exactly, expected at most 34 significant digits and an "
            "exponent between -6176 and 6111."
        )

    def test_trailing_zeros_beyond_34_digits_fit(self):
        """A number that can be written shorter is stored exactly."""
        value = Decimal("1" + "0" * 40)

        assert to_decimal(from_decimal(value)) == value


class TestDecode:
    """`decode_batch`, `decode_document` and `iter_raw`."""

    def test_values_are_aware_and_standard(self):
        """Datetimes are in UTC, binary subtype 4 is a UUID."""
        key = uuid.UUID(int=7)
        when = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
        standard = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
        raw = bson.encode({"key": key, "when": when}, codec_options=standard)

        assert decode_batch(raw + raw) == [{"key": key, "when": when}] * 2

    def test_one_date_beyond_year_9999_does_not_end_the_batch(self):
        """The value out of range is kept as milliseconds, its neighbours are dates."""
        far = DatetimeMS(253402300800000)
        when = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
        batch = b"".join(bson.encode(document) for document in ({"d": when}, {"d": far, "e": when}))

        result = decode_batch(batch)

        assert result == [{"d": when}, {"d": far, "e": when}]
        assert isinstance(result[1]["d"], DatetimeMS)

    def test_bytes_that_are_not_utf8_are_replaced(self):
        """A broken text is shown with replacement characters."""
        raw = bson.encode({"a": "xy"}).replace(b"xy", b"\xff\xfe")

        assert decode_document(raw, CODEC_OPTIONS) == {"a": "��"}

    def test_iter_raw_splits_without_decoding(self):
        """Each document comes as its own bytes."""
        first, second = bson.encode({"a": 1}), bson.encode({"b": [1, 2]})

        assert list(iter_raw(first + second)) == [first, second]

    @pytest.mark.parametrize("size", [1, 20, 40, 41, 1000])
    def test_portions_are_whole_documents(self, size):
        """`portions_of` cuts between documents, each portion as large as asked, but the last."""
        raws = [bson.encode({"a": "x" * length}) for length in (0, 9, 300, 1, 2, 30)]

        portions = [bytes(portion) for portion in portions_of(b"".join(raws), size)]

        assert b"".join(portions) == b"".join(raws)
        assert all(len(portion) >= size for portion in portions[:-1])
        assert [d for portion in portions for d in iter_raw(portion)] == raws

    def test_a_portion_with_a_broken_document(self):
        """A portion is decoded as a batch is."""
        far = DatetimeMS(253402300800000)
        (portion,) = portions_of(bson.encode({"d": far}) + bson.encode({"e": 1}), 1000)

        assert decode_batch(portion) == [{"d": far}, {"e": 1}]

    def test_empty_batch(self):
        """No bytes are no documents."""
        assert decode_batch(b"") == []
