"""Rules C1 to C5: what becomes of a value that is given, in documents, filters and updates."""

import datetime
from decimal import Decimal

import pytest
from bson import Int64
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.documents import ops
from docmodels.exceptions import FilterValueError
from docmodels.testing import record_commands
from tests.fields.casting import assert_cast, name_of

NOON = datetime.datetime(2024, 5, 6, 12, tzinfo=datetime.UTC)


class Sample(documents.Document):
    number = documents.IntegerField(blank=True, null=True)
    size = documents.FloatField(blank=True, null=True)
    price = documents.DecimalField(blank=True, null=True)
    flag = documents.BooleanField(blank=True, null=True)
    at = documents.DateTimeField(blank=True, null=True)
    day = documents.DateField(blank=True, null=True)
    text = documents.CharField(blank=True, null=True)
    tags = documents.ListField(documents.CharField())
    counts = documents.ListField(documents.IntegerField(), db_field="c")

    class Meta:
        app_label = "rules"


#: Each cast: the field, what is given, and what it becomes.
CASTS = [
    ("number", "12", 12),
    ("number", True, 1),
    ("number", False, 0),
    ("number", 3.0, 3),
    ("number", "", None),
    ("size", "1.5", 1.5),
    ("size", True, 1.0),
    ("size", 2, 2.0),
    ("size", "", None),
    ("price", "12", Decimal("12")),
    ("price", True, Decimal("1")),
    ("price", "", None),
    *[("flag", given, True) for given in (True, "true", 1, "1", "yes")],
    *[("flag", given, False) for given in (False, "false", 0, "0", "no")],
    ("at", "2024-05-06T12:00:00Z", NOON),
    ("at", 1_714_996_800_000, NOON),
    ("at", "", None),
    ("day", "2024-05-06", NOON.date()),
    ("day", 1_714_996_800_000, NOON.date()),
    ("day", "", None),
    ("text", 12, "12"),
    ("text", 1.5, "1.5"),
    ("text", Decimal("1.50"), "1.50"),
    ("text", "", ""),
]
NAN = float("nan")
REFUSED = [
    *[(name, given) for name in ("number", "size", "price") for given in ([1], NAN, "x", {})],
    *[("flag", given) for given in (2, "maybe", "", [True], 1.5)],
    *[(name, given) for name in ("at", "day") for given in (True, False, "soon", [], {})],
    *[("text", given) for given in ({"a": 1}, ["a"])],
]


class TestC1:
    """The casts of each family."""

    @pytest.mark.parametrize(("name", "given", "expected"), CASTS, ids=name_of)
    def test_c1_cast(self, mongo, name, given, expected):
        """The value is cast when it is assigned, and stored so."""
        assert_cast(Sample._meta.get_field(name), given, expected)
        sample = Sample(**{name: given})

        sample.save()

        assert getattr(Sample.objects.get(), name) == expected == getattr(sample, name)
        kind = "null" if expected is None else {"$not": {"$type": "null"}}
        condition = {"$type": kind} if expected is None else kind
        assert mongo.collection("rules_sample").count_documents({name: condition}) == 1

    @pytest.mark.parametrize(("name", "given"), REFUSED, ids=name_of)
    def test_c1_refused(self, name, given):
        """What has no such meaning is an error of the path."""
        with record_commands() as commands, pytest.raises(ValidationError) as caught:
            Sample(**{name: given}).save()

        assert list(caught.value.message_dict) == [name]
        assert commands == []

    @pytest.mark.parametrize("field", Sample._meta.fields, ids=lambda field: field.name)
    def test_c1_null_and_missing(self, field):
        """Null passes every cast, and a document may lack what is not required."""
        assert field.to_python(None) is None

        Sample().save()

        raw = next(Sample.objects.raw())
        assert raw.keys() == {"_id", "tags", "c", "__v"}


class TestC2:
    """Scalars where a list is expected."""

    def test_c2_assigned(self, mongo):
        """A scalar is wrapped, and cast as an element."""
        sample = Sample(tags=5, counts="7")
        sample.save()

        sample.tags = "b"
        sample.save()

        assert (sample.tags, sample.counts) == (["b"], [7])
        assert mongo.collection("rules_sample").find_one()["tags"] == ["b"]

    def test_c2_updated(self):
        """So is the scalar of an update."""
        with record_commands() as commands:
            Sample.objects.filter(number=1).update(tags="b", counts="7")

        assert commands[0].command["updates"][0]["u"] == {"$set": {"tags": ["b"], "c": [7]}}

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ({"number__in": "5"}, {"number": {"$in": [5]}}),
            ({"text__in": 5}, {"text": {"$in": ["5"]}}),
            ({"counts__in": "5"}, {"c": {"$in": [5]}}),
            ({"number__nin": 5}, {"number": {"$nin": [5]}}),
        ],
        ids=name_of,
    )
    def test_c2_in_a_filter(self, condition, expected):
        """A scalar given to `in` is a list of one."""
        with record_commands() as commands:
            list(Sample.objects.filter(**condition))

        assert commands[0].command["filter"] == expected


class TestC3:
    """Filters and updates."""

    def test_c3_filters_are_cast(self):
        """What is sent has the types that are stored."""
        with record_commands() as commands:
            list(Sample.objects.filter(number="5", flag="yes", at__gt="2024-05-06T12:00:00Z"))

        assert commands[0].command["filter"] == {
            "number": 5,
            "flag": True,
            "at": {"$gt": NOON},
        }

    def test_c3_updates_are_cast(self):
        """In every operator."""
        with record_commands() as commands:
            Sample.objects.filter(number=1).update(
                number=ops.Inc("2"), text=5, counts=ops.Push("7"), at=ops.Max(1_714_996_800_000)
            )

        assert commands[0].command["updates"][0]["u"] == {
            "$inc": {"number": 2},
            "$set": {"text": "5"},
            "$push": {"c": {"$each": [7]}},
            "$max": {"at": NOON},
        }

    @pytest.mark.parametrize(
        "act",
        [
            lambda: list(Sample.objects.filter(number="x")),
            lambda: Sample.objects.exclude(at=True).count(),
            lambda: Sample.objects.filter(number__in=[1, "x"]).exists(),
            lambda: Sample.objects.get(counts="x"),
            lambda: Sample.objects.filter(text="a").update(number="x"),
            lambda: Sample.objects.filter(text="a").update(counts=ops.Push("x")),
            lambda: Sample.objects.filter(number="x").delete(),
        ],
        ids=["filter", "exclude", "in", "get", "update", "push", "delete"],
    )
    def test_c3_nothing_is_sent(self, act):
        """A value that cannot be cast raises before anything is sent."""
        with record_commands() as commands, pytest.raises((FilterValueError, ValidationError)):
            act()

        assert commands == []


class TestC5:
    """Times."""

    @pytest.mark.parametrize(
        "given",
        [
            datetime.datetime(2024, 5, 6, 12, 0, 0, 123_999, tzinfo=datetime.UTC),
            datetime.datetime(1960, 5, 6, 12, 0, 0, 999_999, tzinfo=datetime.UTC),
            datetime.datetime(
                2024, 5, 6, 14, 0, 0, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
            ),
            "2024-05-06T12:00:00.123456Z",
        ],
        ids=name_of,
    )
    def test_c5_cut_at_assignment(self, given):
        """What is read again is what was seen before: aware, in UTC, with milliseconds."""
        sample = Sample(at=given)
        before = sample.at

        sample.save()
        sample.at = given

        assert before.utcoffset() == datetime.timedelta(0)
        assert before.microsecond % 1000 == 0
        assert Sample.objects.get().at == before == sample.at
        assert Sample.objects.get(at=given) == sample
        assert not sample.is_modified()

    def test_c5_naive(self, settings):
        """A time without a zone is meant in Django's current one."""
        settings.TIME_ZONE = "Europe/Berlin"

        Sample.objects.create(at=datetime.datetime(2024, 5, 6, 14))

        assert Sample.objects.get().at == NOON


class TestC4:
    """Updates by queries."""

    def test_c4_an_update_without_operators_is_a_set(self):
        """Plain values are stored, and nothing else of the document is touched."""
        Sample.objects.create(number=1, text="a", counts=[Int64(1)])

        with record_commands() as commands:
            Sample.objects.filter(number=1).update(text="b", counts__0=2)

        assert commands[0].command["updates"][0]["u"] == {"$set": {"text": "b", "c.0": 2}}
        sample = Sample.objects.get()
        assert (sample.number, sample.text, sample.counts) == (1, "b", [2])

    def test_c4_before_or_after(self):
        """A find-and-modify returns the document before, or after if asked."""
        Sample.objects.create(number=1, text="a")
        samples = Sample.objects.filter(number=1)

        assert samples.find_one_and_update(text="b").text == "a"
        assert samples.find_one_and_update(text="c", return_new=True).text == "c"
        assert samples.find_one_and_replace({"number": 1, "text": "d"}).text == "c"
        assert samples.find_one_and_replace({"number": 1, "text": "e"}, return_new=True).text == "e"
        assert samples.find_one_and_delete().text == "e"

    def test_c4_pipelines_are_not_cast(self):
        """What is given as a pipeline is sent as it is."""
        Sample.objects.create(number=1)

        with record_commands() as commands:
            Sample.objects.filter(number=1).update(ops.Pipeline([{"$set": {"text": 5}}]))
            list(Sample.objects.pipeline([{"$match": {"number": "1"}}]))

        assert commands[0].command["updates"][0]["u"] == [{"$set": {"text": 5}}]
        assert commands[1].command["pipeline"] == [{"$match": {"number": "1"}}]
