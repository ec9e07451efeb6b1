"""What lookups refuse, and how they say it."""

import datetime
import decimal

import pytest
from bson import Regex
from django.core.exceptions import FieldError

from docmodels.documents import Q
from docmodels.exceptions import FilterValueError
from docmodels.query.where import compile_condition
from tests.queryset.models import Book

NO_KEY = "The key '$ne' cannot be stored: keys are text without '.', NUL or leading '$'."

#: A filter's key, its value, and the whole message.
REFUSED = [
    # Values that could be operators
    ("title", {"$ne": ""}, "Book.title: “{'$ne': ''}” is not valid, expected text."),
    ("title", ["a"], "Book.title: “['a']” is not valid, expected text."),
    ("pages", {"$gt": 0}, "Book.pages: “{'$gt': 0}” is not valid, expected a whole number."),
    ("tags", {"$ne": ""}, "Book.tags: “{'$ne': ''}” is not valid, expected text."),
    ("extra", {"$ne": 1}, f"Book.extra: {NO_KEY}"),
    ("extra", [{"a": {"$ne": 1}}], f"Book.extra: {NO_KEY}"),
    ("counts", {"$ne": 1}, f"Book.counts: {NO_KEY}"),
    ("extra__a", {"$ne": 1}, f"Book.extra__a: {NO_KEY}"),
    ("title__in", [{"$ne": ""}], "Book.title__in: “{'$ne': ''}” is not valid, expected text."),
    ("title__contains", {"$ne": ""}, "Book.title__contains: {'$ne': ''}, expected text."),
    ("title__regex", {"$ne": ""}, "Book.title__regex: {'$ne': ''}, expected text."),
    ("title__exists", {"$ne": ""}, "Book.title__exists: {'$ne': ''}, expected True or False."),
    (
        "pages__gt",
        {"$gt": 0},
        "Book.pages__gt: “{'$gt': 0}” is not valid, expected a whole number.",
    ),
    ("tags__size", {"$gt": 0}, "Book.tags__size: {'$gt': 0}, expected a number of elements."),
    (
        "extra__in",
        [Regex("a")],
        "Book.extra__in: Regex('a', 0), expected a value; the lookup regex takes patterns.",
    ),
    (
        "extra__gt",
        Regex("a"),
        "Book.extra__gt: Regex('a', 0), expected a value; the lookup regex takes patterns.",
    ),
    # Values that cannot be cast
    ("pages", "many", "Book.pages: “many” is not valid, expected a whole number."),
    ("pages", float("nan"), "Book.pages: “nan” is not valid, expected a whole number."),
    (
        "pages",
        2**63,
        "Book.pages: 9223372036854775808 is outside of the range -9223372036854775808 to "
        "9223372036854775807.",
    ),
    ("rating", float("inf"), "Book.rating: inf is not a finite number."),
    (
        "price",
        decimal.Decimal("1" * 35),
        f"Book.price: {'1' * 35} has more than the 34 digits that MongoDB stores.",
    ),
    ("title", "a\x00", "Book.title: Null characters are not allowed."),
    ("title", "\ud800", "Book.title: The text has a lone surrogate, which UTF-8 cannot store."),
    (
        "pk",
        "nonsense",
        "Book.pk: “nonsense” is not valid, expected an ObjectId (24 hexadecimal digits).",
    ),
    ("written_at", "soon", "Book.written_at: “soon” is not valid, expected a date and time."),
    ("published", "maybe", "Book.published: “maybe” is not valid, expected true or false."),
    (
        "pages__gt",
        None,
        "Book.pages__gt: None, null cannot be ordered, expected a value or isnull.",
    ),
    # Shapes that do not fit
    ("pages__range", (1,), "Book.pages__range: (1,), expected a pair (low, high)."),
    ("pages__range", (1, None), "Book.pages__range: (1, None), expected a pair (low, high)."),
    ("pages__range", "12", "Book.pages__range: '12', expected a pair (low, high)."),
    ("pages__range", 5, "Book.pages__range: 5, expected a pair (low, high)."),
    (
        "pages__mod",
        (0, 1),
        "Book.pages__mod: (0, 1), expected a pair (divisor, remainder) of whole numbers.",
    ),
    (
        "pages__mod",
        (1.5, 1),
        "Book.pages__mod: (1.5, 1), expected a pair (divisor, remainder) of whole numbers.",
    ),
    ("title__isnull", "perhaps", "Book.title__isnull: 'perhaps', expected True or False."),
    ("title__exists", None, "Book.title__exists: None, expected True or False."),
    ("title__exists", 2, "Book.title__exists: 2, expected True or False."),
    ("tags__size", -1, "Book.tags__size: -1, expected a number of elements, 0 or more."),
    ("tags__size", True, "Book.tags__size: True, expected a number of elements, 0 or more."),
    ("tags__len__gt", "x", "Book.tags__len__gt: 'x', expected a number of elements."),
    ("tags__len__gt", 2.5, "Book.tags__len__gt: 2.5, expected a number of elements."),
    ("title__contains", None, "Book.title__contains: None, expected text."),
    ("title__contains", b"a", "Book.title__contains: b'a', expected text."),
    (
        "title__contains",
        "a\x00",
        "Book.title__contains: 'a\\x00', a pattern cannot have a null character.",
    ),
    ("title__contains", "\ud800", "Book.title__contains: '\\ud800', a lone surrogate is no text."),
    (
        "title__contains",
        "a" * 1001,
        f"Book.title__contains: '{'a' * 78}…, expected at most 1000 characters.",
    ),
    (
        "title__regex",
        "a(",
        "Book.title__regex: 'a(', not a regular expression: missing ), unterminated subpattern at "
        "position 1.",
    ),
    ("title__regex", "(" * 900 + ")" * 900, None),
    ("title__regex", "a{99999999999}", None),
]


class TestValues:
    """Values that do not fit raise FilterValueError before anything is sent."""

    @pytest.mark.parametrize(
        ("key", "value", "message"), REFUSED, ids=[f"{k}={v!r}"[:50] for k, v, _ in REFUSED]
    )
    def test_message(self, key, value, message):
        """The message has the path, what was given and what was expected."""
        with pytest.raises(FilterValueError) as caught:
            compile_condition(Book._meta, key, value)

        assert message is None or str(caught.value) == message
        assert caught.value.path == key
        assert caught.value.value is value or caught.value.value in value

    @pytest.mark.parametrize("value", [[], "text", ["int", "text"], 5, None], ids=repr)
    def test_type_names(self, value):
        """Names of `$type` are checked, with all of them in the message."""
        with pytest.raises(FilterValueError) as caught:
            compile_condition(Book._meta, "title__type", value)

        assert str(caught.value) == (
            f"Book.title__type: {value!r}, expected one of array, binData, bool, date, dbPointer, "
            f"decimal, double, int, javascript, javascriptWithScope, long, maxKey, minKey, null, "
            f"number, object, objectId, regex, string, symbol, timestamp, undefined."
        )

    def test_moment_without_time_zone(self, settings):
        """A naive time is meant in the current time zone, as in Django."""
        settings.TIME_ZONE = "Europe/Zurich"

        found = compile_condition(Book._meta, "written_at", datetime.datetime(2026, 1, 1, 12))

        assert found == {"written_at": datetime.datetime(2026, 1, 1, 11, tzinfo=datetime.UTC)}


#: A filter's key and the whole message.
UNKNOWN = [
    ("titel", "Book.titel: Book has no field 'titel'. Did you mean 'title'?"),
    ("titel__gt", "Book.titel: Book has no field 'titel'. Did you mean 'title'?"),
    (
        "chapters__titel",
        "Book.chapters__titel: Chapter has no field 'titel'. Did you mean 'title'?",
    ),
    (
        "chapters__1__titel",
        "Book.chapters__1__titel: Chapter has no field 'titel'. Did you mean 'title'?",
    ),
    (
        "cover__zzz",
        "Book.cover__zzz: Cover has no field 'zzz'. Choices are: color, price.",
    ),
    (
        "title__containz",
        "Book.title__containz: 'containz', expected a lookup, a CharField has no paths inside. "
        "Did you mean 'contains'?",
    ),
    ("title__gt__lt", "Book.title__gt: 'gt' is a lookup, expected it at the end."),
    ("_meta", None),
    ("__class__", None),
    ("title__", None),
    ("__title", None),
    ("", None),
    ("$where", None),
    ("extra__$where", None),
    ("extra.$where", None),
    ("counts__$gt", None),
    ("cover__$gt", None),
    ("_id", None),
    ("n", None),
]


class TestPaths:
    """Paths that are not declared raise FieldError with what is near."""

    @pytest.mark.parametrize(("key", "message"), UNKNOWN, ids=[k for k, _ in UNKNOWN])
    def test_message(self, key, message):
        """The message has the path and the nearest name, or all of them."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, key, 1)

        assert message is None or str(caught.value) == message

    def test_lookup_of_another_field(self):
        """A lookup that only lists have is named together with what the field knows."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "title__size", 1)

        assert str(caught.value) == (
            "Book.title__size: 'size', expected a lookup, a CharField has no paths inside. "
            "Choices are: contains, endswith, exact, exists, gt, gte, icontains, iendswith, "
            "iexact, in, iregex, isnull, istartswith, lt, lte, mod, ne, nin, range, regex, "
            "startswith, type."
        )


class TestElemMatchErrors:
    """`elemmatch` takes a Q of what one element has."""

    def test_no_q(self):
        """Any other value is refused."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "tags__elemmatch", 5)

        assert str(caught.value) == (
            "Book.tags__elemmatch: 5, expected a Q of conditions on one element."
        )

    def test_no_list(self):
        """A path that is no list has no elements."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "cover__elemmatch", Q(color="red"))

        assert str(caught.value) == (
            "Book.cover__elemmatch: an EmbeddedField, expected a list; its paths are compared "
            "directly, "
            "as in cover__name."
        )

    @pytest.mark.parametrize("q", [Q(gt="a") | Q(lt="b"), Q(Q(gt="a"), lt="b")], ids=repr)
    def test_nested_scalars(self, q):
        """Elements that are no documents take lookups joined by and."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "tags__elemmatch", q)

        assert str(caught.value) == (
            "Book.tags__elemmatch: expected lookups of one element, joined by and, as in Q(gt=1, "
            "lt=5)."
        )

    def test_one_operator_twice(self):
        """An operator can stand once only; none is dropped silently."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "tags__elemmatch", Q(("gt", "a"), ("gt", "b")))

        assert str(caught.value) == "Book.tags__elemmatch: $gt twice, expected each lookup once."

    def test_unknown_path(self):
        """Paths inside are checked against the embedded class."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "chapters__elemmatch", Q(titel="x"))

        assert str(caught.value) == (
            "Book.chapters__elemmatch.titel: Chapter has no field 'titel'. Did you mean 'title'?"
        )

    def test_q_elsewhere(self):
        """A Q is no value of other lookups."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Book._meta, "title", Q(x=1))

        assert str(caught.value) == (
            "Book.title: a Q object, expected a value; elemmatch takes a Q."
        )
