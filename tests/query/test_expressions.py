"""Expressions as data: what they print, compare, read and refuse, without a server."""

import datetime
import zoneinfo

import pytest
from django.core.exceptions import FieldError
from django.test import override_settings
from django.utils import timezone

from docmodels import documents
from docmodels.documents import Count, F, Q, Sum, Value, When, Window
from docmodels.query.expressions import DOCUMENT, Accumulators, Context
from docmodels.query.expressions.dates import zone_name
from docmodels.query.expressions.literals import cast_literal, quote
from tests.queryset.models import Book

REPRS = [
    (F("a"), "F('a')"),
    (1 - F("a") * 2, "1 - F('a') * 2"),
    (-F("a"), "F('a') * -1"),
    (Value("x"), "Value('x')"),
    (documents.Raw({"$rand": {}}), "Raw({'$rand': {}})"),
    (Sum("a"), "Sum('a')"),
    (Sum(F("a") + 1), "Sum(F('a') + 1)"),
    (documents.Upper("a"), "Upper(F('a'))"),
    (documents.Now(), "Now()"),
    (documents.Case(When(a=1, then=2)),
     "Case(When(<Q: (AND: ('a', 1))>, then=Value(2)), default=Value(None))"),
    (documents.Condition(a=1), "Condition(<Q: (AND: ('a', 1))>)"),
    (documents.Cast("a", documents.CharField()), "Cast(F('a'), CharField())"),
    (Window(documents.Rank()), "Window(Rank())"),
    (documents.RowRange(-1, 0), "RowRange(-1, 0)"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), REPRS, ids=[text for _e, text in REPRS])
def test_repr(expression, expected):
    """They print as they are written."""
    assert repr(expression) == expected


class TestAsValues:
    """Expressions are compared by what they say."""

    def test_equal(self):
        """The same text is the same expression."""
        assert F("a") + 1 == F("a") + 1
        assert F("a") + 1 != F("a") + 2
        assert Sum("a") != Count("a")
        assert Sum("a", filter=Q(b=1)) == Sum("a", filter=Q(b=1))
        assert documents.RowRange(-1, 0) != documents.ValueRange(-1, 0)
        assert len({F("a"), F("a"), Value("a")}) == 2

    def test_parts(self):
        """They know what they read and whether they aggregate."""
        expression = documents.Coalesce(Sum("a", filter=Q(b__gt=1)) / F("c"), 0)

        assert expression.paths == {"a", "b__gt", "c"}
        assert expression.contains_aggregate
        assert not (F("a") + 1).contains_aggregate
        assert not Window(Sum("a")).contains_aggregate
        assert documents.First("a", order_by=["-b", "c"]).paths == {"a", "b", "c"}

    def test_base(self):
        """A class without compile() says so."""

        class Nothing(documents.Expression):
            """Compute nothing."""

        with pytest.raises(NotImplementedError, match=r"Nothing has no compile\(\)"):
            Nothing().compile(Book._meta)
        assert Nothing().result_field(Book._meta) is None

    def test_own(self):
        """A function of one's own only names its operator."""

        class Sine(documents.Function):
            """The sine."""

            operator = "$sin"

        assert Sine("rating").compile(Book._meta) == {"$sin": "$rating"}
        with pytest.raises(TypeError) as caught:
            Sine()
        assert str(caught.value) == "Sine: 0 arguments, expected 1."
        with pytest.raises(TypeError, match="0 arguments, expected one or more"):
            documents.Greatest()


class TestOperators:
    """Every operator from both sides."""

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            (2 + F("pages"), {"$add": [2, "$n"]}),
            (2 * F("pages"), {"$multiply": [2, "$n"]}),
            (2 / F("pages"), {"$divide": [2, "$n"]}),
            (2 % F("pages"), {"$mod": [2, "$n"]}),
            (2 ** F("pages"), {"$pow": [2, "$n"]}),
            (Value(2) - 1, {"$subtract": [2, 1]}),
        ],
        ids=str,
    )
    def test_reversed(self, expression, expected):
        """A number in front is a literal."""
        assert expression.compile(Book._meta) == expected

    @pytest.mark.parametrize(
        ("expression", "kind"),
        [
            (F("pages") + 1, documents.IntegerField),
            (F("pages") * 0.5, documents.FloatField),
            (F("pages") / 2, documents.FloatField),
            (F("pages") + F("rating"), documents.FloatField),
            (F("rating") * F("price"), documents.DecimalField),
            (F("written_at") + datetime.timedelta(1), documents.DateTimeField),
            (F("day") - F("written_at"), documents.DurationField),
        ],
        ids=str,
    )
    def test_fields(self, expression, kind):
        """The result is of the wider field."""
        assert isinstance(expression.result_field(Book._meta), kind)


class TestLiterals:
    """Python values in expressions."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("a", "a"),
            ("$a", {"$literal": "$a"}),
            ({"a": 1}, {"$literal": {"a": 1}}),
            (["$a"], {"$literal": ["$a"]}),
            (3, 3),
            (None, None),
        ],
        ids=str,
    )
    def test_quote(self, value, expected):
        """What would be read as an expression is quoted."""
        assert quote(value) == expected

    def test_elements(self):
        """A scalar beside a list is cast as an element."""
        tags = Book._meta.get_field("tags")

        assert cast_literal(5, tags) == "5"
        assert cast_literal([5], tags) == ["5"]


class TestAccumulators:
    """Equal accumulators of a group are sent once."""

    def test_shared(self):
        """They share a key."""
        context = Context(accumulators=Accumulators())

        both = (Sum("pages") / Count("pk") + Sum("pages")).compile(Book._meta, context)

        assert context.accumulators.stage == {"a0": {"$sum": "$n"}, "a1": {"$sum": 1}}
        assert both == {"$add": [{"$divide": ["$a0", "$a1"]}, "$a0"]}
        assert Sum("chapters__pages").compile(Book._meta, DOCUMENT) == {"$sum": "$chapters.p"}


class TestVariables:
    """Names of elements inside of functions of lists."""

    def test_inside(self):
        """Paths lead into elements; a scalar has none."""
        grid = documents.ArrayMap("grid", documents.ArraySize("this"))
        extra = documents.ArrayMap("extra", F("this__a__b"))

        assert grid.compile(Book._meta)["$map"]["in"] == {
            "$size": {"$cond": [{"$isArray": ["$$this"]}, "$$this", []]}
        }
        assert extra.compile(Book._meta)["$map"]["in"] == "$$this.a.b"
        with pytest.raises(FieldError) as caught:
            documents.ArrayMap("tags", F("this__size")).compile(Book._meta)
        assert str(caught.value) == "this__size: text has no paths inside."


class TestZones:
    """Time zones by the names that MongoDB knows."""

    @pytest.mark.parametrize(
        ("zone", "expected"),
        [
            (zoneinfo.ZoneInfo("Europe/Zurich"), "Europe/Zurich"),
            (datetime.UTC, "+00:00"),
            (timezone.get_fixed_timezone(-150), "-02:30"),
            (timezone.get_fixed_timezone(60), "+01:00"),
        ],
        ids=str,
    )
    def test_name(self, zone, expected):
        """Zones of zoneinfo by key, others by offset."""
        assert zone_name(zone) == expected

    def test_nameless(self):
        """A zone that has neither is refused."""

        class Odd(datetime.tzinfo):
            """A zone without an offset of its own."""

            def utcoffset(self, moment):
                """Return nothing."""
                return

        with pytest.raises(ValueError, match="expected a zone of zoneinfo or of a fixed offset"):
            zone_name(Odd())

    @override_settings(USE_TZ=False)
    def test_without(self):
        """Without USE_TZ moments are in UTC."""
        with timezone.override("Europe/Zurich"):
            compiled = documents.ExtractHour("written_at").compile(Book._meta)

        assert compiled == {"$hour": "$written_at"}


MISTAKES = [
    (lambda: documents.Coalesce("a"), ValueError, "Coalesce must take at least two expressions"),
    (lambda: documents.Substr("a", 0), ValueError, "'pos' must be greater than 0"),
    (lambda: documents.Right("a", 0), ValueError, "'length' must be greater than 0"),
    (lambda: documents.Round("a", 101), ValueError, "Round: precision=101, expected -20 to 100."),
    (lambda: documents.ArraySlice("a", 0, 0), ValueError,
     "ArraySlice: count=0, expected 1 or more."),
    (lambda: documents.ArrayFilter("a", {"b": 1}), TypeError,
     "ArrayFilter: {'b': 1}, expected a Q on one element."),
    (lambda: When("a", then=1), TypeError, "When: 'a', expected a Q or path__lookup=value."),
    (lambda: documents.AddToSet("a", order_by="b"), TypeError,
     "AddToSet: order_by, expected none: a set has no order."),
    (lambda: documents.TopN("a", n=1, order_by=[]), ValueError,
     "TopN: order_by is empty, expected a path or more."),
    (lambda: documents.MinN("a", n=1, filter=Q(b=1)), TypeError,
     "MinN: filter=, expected none: filter() before it."),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "message"), MISTAKES, ids=[m for *_rest, m in MISTAKES])
def test_mistakes(make, kind, message):
    """Arguments are checked when the expression is made."""
    with pytest.raises(kind) as caught:
        make()

    assert str(caught.value) == message
