"""Numbers, booleans, identifiers and bytes."""

from __future__ import annotations

import decimal
import math
import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from bson import Binary, Decimal128, Int64, ObjectId
from bson.errors import InvalidId
from django.core import validators
from django.utils.translation import gettext_lazy as _

from docmodels import codecs
from docmodels.fields.base import Field
from docmodels.fields.typed import Blank, Default, Null, Value
from docmodels.tracking import MISSING

if TYPE_CHECKING:
    from docmodels.fields.typed import Options

    NumberInput = int | float | str | decimal.Decimal | Decimal128

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


class NumberField(Field[Value, "NumberInput", Null, Blank, Default]):
    """The base of numbers: `min_value` and `max_value`."""

    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        min_value: Any = None,
        max_value: Any = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        self.min_value = min_value
        self.max_value = max_value
        if min_value is not None:
            self._validators.append(validators.MinValueValidator(min_value))
        if max_value is not None:
            self._validators.append(validators.MaxValueValidator(max_value))

    def same(self, stored: Any, value: Any) -> bool:
        """Compare as numbers: an Int64 and an int of one value are the same."""
        return (
            stored == value
            and isinstance(stored, (int, float, Decimal128))
            and not isinstance(stored, bool)
        )


class IntegerField(NumberField[int, Null, Blank, Default]):
    """
    A whole number of 64 bits.

    What is stored as a long stays a long when its value changes; a new value
    is stored as an int where 32 bits are enough.
    """

    description: ClassVar[str] = "a whole number"
    bson_types: ClassVar[frozenset[str]] = frozenset({"int", "long"})
    python_types: ClassVar[tuple[type, ...]] = (int,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "out_of_range": _("%(value)s is outside of the range %(low)s to %(high)s."),
    }
    low, high = INT64_MIN, INT64_MAX

    def to_python(self, value: Any) -> Any:
        """Cast numeric text, booleans, whole floats and decimals."""
        if value.__class__ is not int:
            value = self._cast(value)
            if value is None:
                return None
        if not self.low <= value <= self.high:
            # Python refuses to print numbers of thousands of digits.
            shown = value if value.bit_length() <= 128 else f"A number of {value.bit_length()} bits"
            raise self.error("out_of_range", value=shown, low=self.low, high=self.high)
        return value

    def _cast(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, Decimal128):
            value = value.to_decimal()
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, int):
            return value if value.__class__ is Int64 else int(value)
        try:
            if isinstance(value, str):
                return int(value.strip())
            if isinstance(value, decimal.Decimal) and value.adjusted() > 100:
                # Millions of digits would take minutes to write out.
                raise self.invalid(value)
            if isinstance(value, (float, decimal.Decimal)) and value == int(value):
                return int(value)
        except (ValueError, OverflowError, decimal.DecimalException) as error:
            raise self.invalid(value) from error
        raise self.invalid(value)

    def validate(self, value: Any, document: Any = None) -> None:
        """Judge a whole double as its number: `keep_type` leaves a double one."""
        if value.__class__ is float and value.is_integer():
            value = int(value)
        super().validate(value, document)

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep a long a long, and a double a double."""
        if value is not None:
            if stored.__class__ is Int64:
                return Int64(value)
            if stored.__class__ is float and abs(value) <= 2**53:
                return float(value)
        return value


class Int32Field(IntegerField[Null, Blank, Default]):
    """A whole number of 32 bits."""

    bson_types: ClassVar[frozenset[str]] = frozenset({"int"})
    low, high = INT32_MIN, INT32_MAX


class Int64Field(IntegerField[Null, Blank, Default]):
    """A whole number that is always stored as a 64-bit long."""

    bson_types: ClassVar[frozenset[str]] = frozenset({"long"})

    def to_python(self, value: Any) -> Any:
        """Cast as IntegerField does, to Int64."""
        value = super().to_python(value)
        return None if value is None else Int64(value)


class FloatField(NumberField[float, Null, Blank, Default]):
    """A double. NaN and infinity are refused unless `allow_nan` is true."""

    description: ClassVar[str] = "a number"
    bson_types: ClassVar[frozenset[str]] = frozenset({"double", "int", "long"})
    python_types: ClassVar[tuple[type, ...]] = (float, int)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_finite": _("%(value)s is not a finite number."),
    }

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        allow_nan: bool = False,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        self.allow_nan = allow_nan

    def to_python(self, value: Any) -> Any:
        """Cast numbers and numeric text to float."""
        if value.__class__ is not float:
            if value is None or value == "":
                return None
            if isinstance(value, Decimal128):
                value = value.to_decimal()
            if not isinstance(value, (int, float, str, decimal.Decimal)):
                raise self.invalid(value)
            try:
                value = float(value)
            except (ValueError, OverflowError) as error:
                raise self.invalid(value) from error
        self._require_finite(value)
        return value

    def run_validators(self, value: Any) -> None:
        """Judge what is stored, too: others may have stored what is refused here."""
        self._require_finite(value)
        super().run_validators(value)

    def _require_finite(self, value: Any) -> None:
        if not self.allow_nan and value.__class__ is float and not math.isfinite(value):
            raise self.error("not_finite", value=value)


class DecimalField(NumberField[decimal.Decimal, Null, Blank, Default]):
    """
    A Decimal128 of at most 34 digits, as `decimal.Decimal`.

    `max_digits` and `decimal_places` are those of Django. A value with more
    digits is an error, it is never rounded. NaN and the infinities are refused
    unless `allow_nan` is true.
    """

    description: ClassVar[str] = "a decimal number"
    bson_types: ClassVar[frozenset[str]] = frozenset({"decimal", "int", "long"})
    python_types: ClassVar[tuple[type, ...]] = (decimal.Decimal, int)
    converted_types: ClassVar[tuple[type, ...]] = (Decimal128,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_finite": _("%(value)s is not a finite number."),
        "digits": _("%(value)s has more than the 34 digits that MongoDB stores."),
        "exponent": _("%(value)s is outside of the range that MongoDB stores."),
    }

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        max_digits: int | None = None,
        decimal_places: int | None = None,
        allow_nan: bool = False,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        super().__init__(verbose_name, **options)
        self.max_digits = max_digits
        self.decimal_places = decimal_places
        self.allow_nan = allow_nan
        if max_digits is not None or decimal_places is not None:
            self._validators.append(validators.DecimalValidator(max_digits, decimal_places))

    def to_python(self, value: Any) -> Any:
        """Cast numbers and numeric text to Decimal."""
        if value.__class__ is not decimal.Decimal:
            if value is None or value == "":
                return None
            if isinstance(value, Decimal128):
                value = codecs.to_decimal(value)
            elif not isinstance(value, (int, float, str)):
                if not isinstance(value, decimal.Decimal):
                    raise self.invalid(value)
            else:
                try:
                    # Through text, so that 0.1 is 0.1; true is 1.
                    value = decimal.Decimal(repr(value) if isinstance(value, float) else value)
                except decimal.DecimalException as error:
                    raise self.invalid(value) from error
        if not value.is_finite():
            if not self.allow_nan:
                raise self.error("not_finite", value=value)
        elif len(value.as_tuple().digits) > 34:
            raise self.error("digits", value=value)
        elif abs(value.adjusted()) > 6000:
            try:
                codecs.from_decimal(value)
            except ValueError as error:
                raise self.error("exponent", value=value) from error
        return value

    def from_db(self, value: Any) -> Any:
        """Return a Decimal for a Decimal128."""
        return codecs.to_decimal(value) if value.__class__ is Decimal128 else value

    def get_prep_value(self, value: Any) -> Any:
        """Return a Decimal128 for a Decimal."""
        if isinstance(value, decimal.Decimal):
            return codecs.from_decimal(value)
        return value

    def run_validators(self, value: Any) -> None:
        """Judge what is stored: Django's validators know finite decimals only."""
        if isinstance(value, decimal.Decimal) and not value.is_finite():
            if not self.allow_nan:
                raise self.error("not_finite", value=value)
            return
        super().run_validators(decimal.Decimal(value) if isinstance(value, int) else value)

    def same(self, stored: Any, value: Any) -> bool:
        """Compare the numbers; 1.0 and 1.00 differ as Decimal128 does."""
        if isinstance(value, Decimal128):
            if isinstance(stored, Decimal128):
                return stored.bid == value.bid
            if isinstance(stored, int) and not isinstance(stored, bool):
                return value == Decimal128(str(stored))
        return super().same(stored, value)


class BooleanField(Field[bool, bool | str | int, Null, Blank, Default]):
    """True or false; text and numbers that say so are cast."""

    description: ClassVar[str] = "true or false"
    bson_types: ClassVar[frozenset[str]] = frozenset({"bool"})
    python_types: ClassVar[tuple[type, ...]] = (bool,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)
    #: Texts and numbers by their meaning, as in Mongoose.
    meanings: ClassVar[dict[Any, bool]] = {
        "true": True, "1": True, "yes": True, 1: True,
        "false": False, "0": False, "no": False, 0: False,
    }  # fmt: skip

    def to_python(self, value: Any) -> Any:
        """Cast "true", 1, "yes" and their opposites."""
        if value.__class__ is bool or value is None:
            return value
        key = value.strip().lower() if isinstance(value, str) else value
        if isinstance(key, (str, int)) and key in self.meanings:
            return self.meanings[key]
        raise self.invalid(value)


class ObjectIdField(Field[ObjectId, ObjectId | str | bytes, Null, Blank, Default]):
    """An ObjectId; its 24 hexadecimal digits are cast."""

    makes_keys = True

    description: ClassVar[str] = "an ObjectId (24 hexadecimal digits)"
    bson_types: ClassVar[frozenset[str]] = frozenset({"objectId"})
    python_types: ClassVar[tuple[type, ...]] = (ObjectId,)

    def to_python(self, value: Any) -> Any:
        """Cast hexadecimal text."""
        if value.__class__ is ObjectId:
            return value
        if value is None or value == "":
            return None
        try:
            return ObjectId(value)
        except (InvalidId, TypeError) as error:
            raise self.invalid(value) from error

    def pre_save(self, document: Any, *, adding: bool) -> Any:
        """Make a key for a new document, as the driver would."""
        if adding and self.primary_key:
            value = document._slot_value(self)
            if value is None or value is MISSING:
                return ObjectId()
        return MISSING


class UUIDField(Field[uuid.UUID, uuid.UUID | str | int | bytes, Null, Blank, Default]):
    """A UUID, stored as binary subtype 4."""

    description: ClassVar[str] = "a UUID"
    bson_types: ClassVar[frozenset[str]] = frozenset({"binData"})
    python_types: ClassVar[tuple[type, ...]] = (uuid.UUID,)

    def to_python(self, value: Any) -> Any:
        """Cast text, integers and 16 bytes."""
        if value.__class__ is uuid.UUID:
            return value
        if value is None or value == "":
            return None
        try:
            if isinstance(value, int) and not isinstance(value, bool):
                return uuid.UUID(int=value)
            if isinstance(value, bytes):
                return uuid.UUID(bytes=bytes(value))
            return uuid.UUID(value)
        except (AttributeError, TypeError, ValueError) as error:
            raise self.invalid(value) from error


class BinaryField(Field[bytes, bytes | bytearray | memoryview | uuid.UUID, Null, Blank, Default]):
    """Bytes; a stored subtype other than 0 is kept as `bson.Binary`."""

    description: ClassVar[str] = "bytes"
    bson_types: ClassVar[frozenset[str]] = frozenset({"binData"})
    python_types: ClassVar[tuple[type, ...]] = (bytes, uuid.UUID)
    empty_values: ClassVar[tuple[Any, ...]] = (None, b"")

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        **options: Unpack[Options[Null, Blank, Default]],
    ) -> None:
        """Take `max_length` in bytes."""
        super().__init__(verbose_name, **options)
        self.max_length = max_length
        if max_length is not None:
            self._validators.append(validators.MaxLengthValidator(max_length))

    def to_python(self, value: Any) -> Any:
        """Cast bytearray and memoryview to bytes; text is refused."""
        if value.__class__ is Binary and not value.subtype:
            return bytes(value)
        if value is None or isinstance(value, (bytes, uuid.UUID)):
            return value
        if isinstance(value, (bytearray, memoryview)):
            return bytes(value)
        raise self.invalid(value)

    def keep_type(self, stored: Any, value: Any) -> Any:
        """Keep the subtype."""
        if isinstance(stored, Binary) and value.__class__ is bytes:
            return Binary(value, stored.subtype)
        return value
