"""Whole numbers, doubles and decimals."""

from decimal import Decimal

import pytest
from bson import Decimal128, Int64
from django.core.exceptions import ValidationError

from docmodels import documents
from tests.fields.casting import assert_cast, assert_refused, name_of

HUGE = 10**5000


class TestIntegerField:
    """`IntegerField`, `Int32Field` and `Int64Field`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (12, 12),
            ("12", 12),
            (" -7 ", -7),
            (True, 1),
            (False, 0),
            (3.0, 3),
            (Decimal("4.00"), 4),
            (Decimal128("5"), 5),
            (Int64(6), Int64(6)),
            (2**63 - 1, 2**63 - 1),
            (-(2**63), -(2**63)),
        ],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """Numeric text, booleans, whole floats and decimals become numbers (C1)."""
        assert_cast(documents.IntegerField(), given, expected)

    @pytest.mark.parametrize("given", [None, ""], ids=name_of)
    def test_null(self, given):
        """Null and empty text are null (C1)."""
        assert documents.IntegerField().to_python(given) is None

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("x", "“x” is not valid, expected a whole number."),
            ("1.5", "“1.5” is not valid, expected a whole number."),
            (1.5, "“1.5” is not valid, expected a whole number."),
            (float("nan"), "“nan” is not valid, expected a whole number."),
            (float("inf"), "“inf” is not valid, expected a whole number."),
            (Decimal("NaN"), "“Decimal('NaN')” is not valid, expected a whole number."),
            (
                Decimal("1E+999999"),
                "“Decimal('1E+999999')” is not valid, expected a whole number.",
            ),
            ([1], "“[1]” is not valid, expected a whole number."),
            ({}, "“{}” is not valid, expected a whole number."),
            (
                2**63,
                "9223372036854775808 is outside of the range -9223372036854775808 to "
                "9223372036854775807.",
            ),
            (
                HUGE,
                "A number of 16610 bits is outside of the range -9223372036854775808 to "
                "9223372036854775807.",
            ),
            (None, "This field cannot be null."),
        ],
        ids=lambda value: "huge" if value is HUGE else name_of(value),
    )
    def test_refused(self, given, message):
        """Lists, fractions, NaN and what 64 bits cannot hold are refused."""
        assert_refused(documents.IntegerField(), given, message)

    def test_digits_without_end(self):
        """Text of thousands of digits is refused, and the message stays short."""
        assert_refused(
            documents.IntegerField(),
            "9" * 5000,
            f"“{'9' * 97}…” is not valid, expected a whole number.",
        )

    def test_32_bits(self):
        """`Int32Field` has the range of an int."""
        field = documents.Int32Field()

        assert field.clean(2**31 - 1) == 2**31 - 1
        assert_refused(
            field, 2**31, "2147483648 is outside of the range -2147483648 to 2147483647."
        )

    def test_64_bits(self):
        """`Int64Field` makes longs also of small numbers."""
        assert_cast(documents.Int64Field(), "1", Int64(1))

    def test_bounds(self):
        """`min_value` and `max_value` are Django's validators."""
        field = documents.IntegerField(min_value=1, max_value=5)

        assert_refused(field, 0, "Ensure this value is greater than or equal to 1.")
        assert_refused(field, 6, "Ensure this value is less than or equal to 5.")


class TestFloatField:
    """`FloatField`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (1.5, 1.5),
            (2, 2.0),
            ("2.5", 2.5),
            (True, 1.0),
            (Decimal("0.5"), 0.5),
            (Decimal128("0.5"), 0.5),
            (Int64(3), 3.0),
        ],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """Numbers and numeric text become doubles."""
        assert_cast(documents.FloatField(), given, expected)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("x", "“x” is not valid, expected a number."),
            ([1.5], "“[1.5]” is not valid, expected a number."),
            (float("nan"), "nan is not a finite number."),
            ("inf", "inf is not a finite number."),
            (float("-inf"), "-inf is not a finite number."),
            ("", "This field cannot be null."),
        ],
        ids=name_of,
    )
    def test_refused(self, given, message):
        """NaN and infinity are refused unless the field allows them."""
        assert_refused(documents.FloatField(), given, message)

    def test_number_beyond_doubles(self):
        """A whole number that no double holds is refused."""
        assert_refused(
            documents.FloatField(), 10**400, f"“{'1' + '0' * 96}…” is not valid, expected a number."
        )

    def test_allow_nan(self):
        """`allow_nan=True` lets NaN and infinity pass."""
        field = documents.FloatField(allow_nan=True)

        assert field.clean(float("inf")) == float("inf")
        assert str(field.clean("nan")) == "nan"

    @pytest.mark.parametrize("stored", [float("nan"), float("inf")])
    def test_stored_by_others(self, mongo, stored):
        """What others have stored blocks a save as any bad value does, where it is refused."""

        class Gauge(documents.Document):
            level = documents.FloatField(min_value=0)
            name = documents.CharField(blank=True)

            class Meta:
                collection = "gauges"

        mongo.collection("gauges").insert_one({"level": stored})
        gauge = Gauge.objects.get()
        gauge.name = "x"
        with pytest.raises(ValidationError) as caught:
            gauge.save()
        assert caught.value.message_dict == {"level": [f"{stored} is not a finite number."]}
        assert "name" not in mongo.collection("gauges").find_one()

        gauge.level = 1
        gauge.save()
        assert mongo.collection("gauges").find_one()["level"] == 1.0


class TestDecimalField:
    """`DecimalField`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("0.10", "0.10"),
            (0.1, "0.1"),
            (5, "5"),
            (True, "1"),
            (Decimal("1.00"), "1.00"),
            (Decimal128("2.50"), "2.50"),
            (" 3 ", "3"),
            ("9" * 34, "9" * 34),
            ("1E+6144", "1E+6144"),
        ],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """Numbers and text become decimals with the digits that were given."""
        assert str(documents.DecimalField().to_python(given)) == expected

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("x", "“x” is not valid, expected a decimal number."),
            ([1], "“[1]” is not valid, expected a decimal number."),
            (
                "1" * 35,
                f"{'1' * 35} has more than the 34 digits that MongoDB stores.",
            ),
            ("NaN", "NaN is not a finite number."),
            ("-Infinity", "-Infinity is not a finite number."),
            ("1E+6145", "1E+6145 is outside of the range that MongoDB stores."),
            ("1E-6177", "1E-6177 is outside of the range that MongoDB stores."),
        ],
        ids=name_of,
    )
    def test_refused(self, given, message):
        """What Decimal128 would have to round is refused, never rounded."""
        assert_refused(documents.DecimalField(), given, message)

    def test_digits_and_places(self):
        """`max_digits` and `decimal_places` are Django's."""
        field = documents.DecimalField(max_digits=4, decimal_places=2)

        assert field.clean("12.34") == Decimal("12.34")
        assert_refused(field, "1.234", "Ensure that there are no more than 2 decimal places.")
        assert_refused(
            field, "123.4", "Ensure that there are no more than 2 digits before the decimal point."
        )


class TestStoredTypes:
    """Numbers that are the same but for their BSON type."""

    @pytest.mark.parametrize(
        ("field", "stored", "given", "kept"),
        [
            (documents.IntegerField(), Int64(5), 6, Int64(6)),
            (documents.IntegerField(), 5.0, 6, 6.0),
            (documents.IntegerField(), 5, 6, 6),
            (documents.AnyField(), Int64(5), 6, Int64(6)),
        ],
        ids=["long", "double", "int", "any"],
    )
    def test_kept(self, field, stored, given, kept):
        """A new value keeps the type of the stored one."""
        value = field.keep_type(stored, given)

        assert value == kept
        assert type(value) is type(kept)

    @pytest.mark.parametrize(
        ("field", "stored", "value", "same"),
        [
            (documents.IntegerField(), Int64(5), 5, True),
            (documents.IntegerField(), 5.0, 5, True),
            (documents.IntegerField(), True, 1, False),
            (documents.FloatField(), 5, 5.0, True),
            (documents.DecimalField(), 5, Decimal128("5"), True),
            (documents.DecimalField(), 6, Decimal128("5"), False),
            (documents.DecimalField(), Decimal128("1.0"), Decimal128("1.00"), False),
            (documents.DecimalField(), Decimal128("1.0"), Decimal128("1.0"), True),
            (documents.AnyField(), 1, 1.0, False),
            (documents.AnyField(), 1, True, False),
        ],
        ids=name_of,
    )
    def test_same(self, field, stored, value, same):
        """Equal numbers are no change; a decimal's trailing zeros are."""
        assert field.same(stored, value) is same
