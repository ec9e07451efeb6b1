"""Updates that compute from other paths, and pipelines in MongoDB's own words."""

import datetime
import decimal

import pytest
from bson import Decimal128
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import (
    Case,
    Coalesce,
    Concat,
    F,
    Q,
    Sum,
    Upper,
    Value,
    When,
    Window,
    ops,
)
from docmodels.query.updates import make_update
from tests.queryset.models import Book
from tests.queryset.shop import Item

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def item(mongo):
    """Give a function that stores an item and returns it raw after an update."""
    collection = mongo.collection(Item._meta.collection)

    def run(stored, values, **options):
        collection.insert_one({"name": "x", **stored})
        assert Item.objects.filter(name="x").update(values, **options) == 1
        return collection.find_one()

    return run


class TestCompile:
    """A pipeline is sent only where it is needed."""

    def test_operators_where_possible(self):
        """A path plus a number is an operator."""
        assert make_update(Item._meta, {"stock": 1 + F("stock")}, timestamps=False).document == {
            "$inc": {"s": 1}
        }

    def test_pipeline(self):
        """Another path makes a pipeline; what stands beside it is said there as well."""
        values = {"total": F("stock") + F("reserved"), "label": "$x", "box": ops.Unset()}

        update = make_update(Item._meta, values, timestamps=False, validate=False)

        assert update.document == [
            {"$set": {"total": {"$add": ["$s", "$reserved"]}, "label": {"$literal": "$x"}}},
            {"$unset": ["box"]},
        ]

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            (
                {"total": F("stock") * F("stock"), "tags": ops.Push("x")},
                "Item.tags: $push beside a computed value, expected two updates. Choices beside "
                "one are: $set, $inc, $mul, $min, $max, $currentDate, $unset.",
            ),
            (
                {"total": F("stock") * F("stock"), "tags__0": "x"},
                "Item.tags.0: the element of a list beside a computed value, expected two updates.",
            ),
            ({"total": F("nothing") + 1}, None),
            (
                {"stock": F("label")},
                "Item.stock: F('label') is text, expected a whole number. Cast() converts.",
            ),
            ({"label": F("stock")}, None),
        ],
        ids=str,
    )
    def test_impossible(self, values, message):
        """What no pipeline can say is refused."""
        with pytest.raises(FieldError) as caught:
            make_update(Item._meta, values)

        assert message is None or str(caught.value) == message

    def test_across_a_list(self):
        """The values of all elements are not one value."""
        with pytest.raises(FieldError) as caught:
            make_update(Book._meta, {"rating": F("chapters__pages")})

        assert str(caught.value) == (
            "Book.rating: F('chapters__pages'), expected one value, this is one of each element."
        )

    def test_upsert(self):
        """Where it inserts there is nothing to compute from."""
        with pytest.raises(FieldError) as caught:
            make_update(Item._meta, {"total": F("stock") + F("reserved")}, upsert=True)

        assert str(caught.value) == (
            "Item: an upsert with a computed value, expected values alone: where it inserts there "
            "is nothing to compute from."
        )


class TestEffects:
    """What is stored is what was computed."""

    def test_sum(self, item):
        """Of two paths, each as it was before."""
        raw = item({"s": 2, "reserved": 3}, {"total": F("stock") + F("reserved"), "stock": 9})

        assert (raw["total"], raw["s"]) == (5, 9)

    def test_types(self, item):
        """Numbers take the type of the field: whole ones, decimals of its places."""
        stored = {"s": 10, "reserved": 4, "total": 2.5}
        raw = item(
            stored, {"reserved": F("stock") * F("total") + 0.7, "price": F("total") / F("stock")}
        )

        assert raw["reserved"] == 25
        assert type(raw["reserved"]).__name__ in {"int", "Int64"}
        assert raw["price"] == Decimal128("0.25")

    def test_decimal(self, item):
        """Decimals are computed as such."""
        raw = item(
            {"price": Decimal128("1.10"), "s": 3},
            {"price": F("price") * F("stock") + decimal.Decimal("0.05")},
        )

        assert raw["price"] == Decimal128("3.35")

    def test_moment(self, item):
        """A moment is moved by a duration; a day stays a midnight."""
        at = datetime.datetime(2026, 1, 2, 23, 30, tzinfo=datetime.UTC)
        raw = item({"at": at}, {"at": F("at") + HOUR, "day": F("at") + HOUR})

        assert raw["at"] == at + HOUR
        assert raw["day"] == datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC)

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"label": Concat("name", Value("-"), "name")}, {"label": "x-x"}),
            ({"label": Upper("name")}, {"label": "X"}),
            ({"stock": Case(When(Q(reserved__gt=2), then=1), default=0)}, {"s": 1}),
            ({"total": Coalesce("total", "reserved")}, {"total": 3}),
            ({"total": Sum("reserved") + 1}, {"total": 4}),
            ({"stock": Value("7")}, {"s": 7}),
            ({"stock": -F("reserved")}, {"s": -3}),
            ({"tags": F("tags")}, {"tags": ["a"]}),
            ({"at": F("day")}, {"at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)}),
        ],
        ids=str,
    )
    def test_expressions(self, item, values, expected):
        """Whatever `annotate()` computes of one document can be stored."""
        day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        raw = item({"s": 2, "reserved": 3, "tags": ["a"], "day": day}, values, timestamps=False)

        assert {key: raw[key] for key in expected} == expected

    def test_window(self):
        """A window has no one document."""
        with pytest.raises(FieldError) as caught:
            make_update(Item._meta, {"stock": Window(Sum("stock"))})

        assert str(caught.value).endswith("expected an expression over one document.")

    def test_beside(self, item):
        """Operators beside a computed value do what they do alone."""
        raw = item(
            {"s": 2, "reserved": 3, "price": Decimal128("1"), "serial": 1, "box": {"size": 1}},
            {
                "total": F("stock") + F("reserved"),
                "stock": ops.Inc(5),
                "reserved": ops.Max(7),
                "price": ops.Mul(2),
                "box__size": ops.Min(0),
                "at": ops.CurrentDate(),
                "label": ops.Unset(),
            },
        )

        assert (raw["total"], raw["s"], raw["reserved"], raw["box"]) == (5, 7, 7, {"size": 0})
        assert raw["price"] == Decimal128("2")
        assert "label" not in raw
        assert raw["at"].date() == datetime.datetime.now(datetime.UTC).date()

    def test_null(self, item, mongo):
        """Null, and a path that is not there, is no value for a field without null."""
        with pytest.raises(ValidationError) as caught:
            item({"s": 2}, {"total": F("stock") + F("reserved"), "label": "changed"})

        assert caught.value.message_dict == {"total": ["This field cannot be null."]}
        assert "label" not in mongo.collection(Item._meta.collection).find_one()

    def test_null_allowed(self, item):
        """It is stored where null is allowed, or nothing is judged."""
        raw = item({"s": 2}, {"price": F("stock") + F("total")})
        assert raw["price"] is None

    def test_times(self, item):
        """The time of change is stored, the version is left alone."""
        raw = item({"s": 2, "reserved": 1, "__v": 3}, {"total": F("stock") + F("reserved")})

        assert raw["updated_at"] is not None
        assert "created_at" not in raw
        assert raw["__v"] == 3


class TestPipeline:
    """`ops.Pipeline` is an update in MongoDB's own words."""

    def test_effect(self, item):
        """The stages run as they are, and the time of change is stored."""
        raw = item({"s": 2}, ops.Pipeline([{"$set": {"total": {"$multiply": ["$s", 2]}}}]))

        assert raw["total"] == 4
        assert raw["updated_at"] is not None

    def test_without_times(self, item):
        """Unless it is not wanted."""
        raw = item({"s": 2}, ops.Pipeline([{"$set": {"total": 1}}]), timestamps=False)

        assert "updated_at" not in raw

    @pytest.mark.parametrize(
        ("options", "extra"),
        [
            ({"upsert": True}, "upsert=True"),
            ({"label": "x"}, "other values"),
            ({"array_filters": {"a": 1}}, "array_filters"),
        ],
        ids=str,
    )
    def test_alone(self, options, extra):
        """It stands alone."""
        with pytest.raises(FieldError) as caught:
            Item.objects.filter(name="x").update(ops.Pipeline([{"$set": {"s": 1}}]), **options)

        assert str(caught.value) == f"Item: a Pipeline together with {extra}, expected it alone."
