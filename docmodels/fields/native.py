"""Fields of the types that only MongoDB has: timestamps, patterns, code, DBRefs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from bson import Code, DBRef, Regex
from bson.timestamp import Timestamp
from django.utils.translation import gettext_lazy as _

from docmodels.fields.anything import AnyField
from docmodels.fields.base import Field
from docmodels.fields.typed import Blank, Default, Null

if TYPE_CHECKING:
    from docmodels.fields.typed import Options


class TimestampField(
    Field[
        Timestamp,
        Timestamp | datetime.datetime | tuple[int, int] | list[int],
        Null,
        Blank,
        Default,
    ]
):
    """
    MongoDB's own timestamp: seconds since 1970 and a counter, as `bson.Timestamp`.

    It is what the server stamps its log with; for moments take DateTimeField.
    The server puts its time in the place of `Timestamp(0, 0)` when it inserts.
    """

    description: ClassVar[str] = "a timestamp, a pair (seconds, counter) or a date and time"
    bson_types: ClassVar[frozenset[str]] = frozenset({"timestamp"})
    python_types: ClassVar[tuple[type, ...]] = (Timestamp,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def to_python(self, value: Any) -> Any:
        """Cast pairs of whole numbers, and moments, whose counter is 0."""
        if isinstance(value, Timestamp):
            return value
        if value is None or value == "":
            return None
        try:
            if isinstance(value, datetime.datetime):
                return Timestamp(value, 0)
            if (
                isinstance(value, (list, tuple))
                and len(value) == 2
                and all(isinstance(n, int) and not isinstance(n, bool) for n in value)
            ):
                return Timestamp(*value)
        except (ValueError, OverflowError) as error:
            raise self.invalid(value) from error
        raise self.invalid(value)


class RegexField(Field[Regex[str], Regex[str] | re.Pattern[str] | str, Null, Blank, Default]):
    """
    A regular expression as a value, as `bson.Regex`.

    `value.try_compile()` makes a Python pattern of it. Text is a pattern
    without flags; in a filter, `exact` compares with the stored expression.
    """

    description: ClassVar[str] = "a regular expression"
    bson_types: ClassVar[frozenset[str]] = frozenset({"regex"})
    python_types: ClassVar[tuple[type, ...]] = (Regex,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "null_character": _("Null characters are not allowed."),
    }

    def __init__(
        self, verbose_name: str | None = None, **options: Unpack[Options[Null, Blank, Default]]
    ) -> None:
        super().__init__(verbose_name, **options)
        if self.primary_key:
            raise TypeError("RegexField: primary_key, which MongoDB refuses for a pattern.")

    def to_python(self, value: Any) -> Any:
        """Cast text and Python's patterns."""
        if value is None or value == "":
            return None
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            # Python's flag for text is none of MongoDB's.
            value = Regex(value.pattern, value.flags & ~re.UNICODE)
        elif isinstance(value, str):
            value = Regex(value)
        if not isinstance(value, Regex):
            raise self.invalid(value)
        pattern = value.pattern
        if ("\x00" in pattern) if isinstance(pattern, str) else (b"\x00" in pattern):
            raise self.error("null_character")
        return value


class CodeField(Field[Code, Code | str, Null, Blank, Default]):
    """JavaScript, as `bson.Code`, with its scope where it has one."""

    description: ClassVar[str] = "JavaScript code"
    bson_types: ClassVar[frozenset[str]] = frozenset({"javascript", "javascriptWithScope"})
    python_types: ClassVar[tuple[type, ...]] = (Code,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def to_python(self, value: Any) -> Any:
        """Cast text, which has no scope."""
        if value is None or isinstance(value, Code):
            return value
        if not isinstance(value, str):
            raise self.invalid(value)
        return Code(value)

    def validate(self, value: Any, document: Any = None) -> None:
        """Refuse code of no characters where blank is not allowed."""
        super().validate(value, document)
        if value is not None and not str(value) and not self.blank:
            raise self.error("blank")


class DBRefField(Field[DBRef, Any, Null, Blank, Default]):
    """
    MongoDB's own reference, collection and key, as `bson.DBRef`.

    It may lead to any collection and is never followed on its own; between
    declared documents take ReferenceField. Paths inside are `owner__id`,
    `owner__ref` and `owner__db`.
    """

    description: ClassVar[str] = "a DBRef, a pair (collection, key) or a document"
    bson_types: ClassVar[frozenset[str]] = frozenset({"object"})
    python_types: ClassVar[tuple[type, ...]] = (DBRef,)
    empty_values: ClassVar[tuple[Any, ...]] = (None,)

    def to_python(self, value: Any) -> Any:
        """Cast a document that has a key, a pair, or a dict with `$ref` and `$id`."""
        if value is None or value == "" or isinstance(value, DBRef):
            return value or None
        meta = getattr(value, "_meta", None)
        if meta is not None and getattr(value, "pk", None) is not None:
            return DBRef(meta.collection, meta.pk.get_prep_value(value.pk))
        if isinstance(value, Mapping) and value.keys() >= {"$ref", "$id"}:
            rest = {key: item for key, item in value.items() if key not in {"$ref", "$id", "$db"}}
            value = (value["$ref"], value["$id"], value.get("$db"), rest)
        if isinstance(value, (list, tuple)) and 2 <= len(value) <= 4 and isinstance(value[0], str):
            return DBRef(*value)
        raise self.invalid(value)

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the field of the collection, the key or the database."""
        if part not in {"id", "ref", "db"}:
            return None
        field: AnyField = AnyField(blank=True, db_field=f"${part}")
        field.set_attributes_from_name(part)
        field.model = self.model
        return field
