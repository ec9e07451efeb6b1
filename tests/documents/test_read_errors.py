"""Stored values of another type than declared: shown, noted, kept."""

import pytest
from bson import DatetimeMS

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField()
    count = documents.IntegerField(blank=True)


class Doc(documents.Document):
    key = documents.AnyField(primary_key=True)
    text = documents.CharField(blank=True)
    number = documents.IntegerField(blank=True, null=True)
    at = documents.DateTimeField(blank=True)
    tags = documents.ListField(documents.CharField())
    lines = documents.EmbeddedListField(Line)
    line = documents.EmbeddedField(Line, blank=True)
    rates = documents.MapField(documents.IntegerField(), blank=True)
    place = documents.PointField(blank=True)
    key_of = documents.UUIDField(blank=True)

    class Meta:
        collection = "docs"


WRONG = [
    ({"text": 5}, {"text": "Stored as int, expected text."}),
    ({"text": True}, {"text": "Stored as bool, expected text."}),
    ({"number": "5"}, {"number": "Stored as str, expected a whole number."}),
    ({"number": True}, {"number": "Stored as bool, expected a whole number."}),
    ({"number": 1.5}, {"number": "Stored as float, expected a whole number."}),
    ({"at": "2024"}, {"at": "Stored as str, expected a date and time."}),
    ({"tags": "a"}, {"tags": "Stored as str, expected a list."}),
    ({"tags": ["a", 5]}, {"tags.1": "Stored as int, expected text."}),
    ({"lines": {"sku": "a"}}, {"lines": "Stored as dict, expected a list."}),
    (
        {"lines": [{"sku": 1}, "x"]},
        {
            "lines.0.sku": "Stored as int, expected text.",
            "lines.1": "Stored as str, expected Line or a dict.",
        },
    ),
    ({"line": []}, {"line": "Stored as list, expected Line or a dict."}),
    (
        {"line": {"sku": "a", "count": "b"}},
        {"line.count": "Stored as str, expected a whole number."},
    ),
    ({"rates": {"a": 1, "b": "x"}}, {"rates.b": "Stored as str, expected a whole number."}),
    (
        {"place": [1, 2]},
        {"place": "Stored as list, expected a GeoJSON Point or a (longitude, latitude) pair."},
    ),
    ({"key_of": b"x"}, {"key_of": "Stored as bytes, expected a UUID."}),
    ({"text": None, "number": None, "tags": None, "line": None}, {}),
]


@pytest.fixture
def stored(mongo):
    """Return a function that stores a document and loads it."""

    def store(raw):
        mongo.collection("docs").insert_one({"_id": 1} | raw)
        return Doc.objects.get(pk=1)

    return store


class TestReadErrors:
    """`doc.read_errors`."""

    @pytest.mark.parametrize(
        ("raw", "errors"), WRONG, ids=[f"{n} {next(iter(raw))}" for n, (raw, _) in enumerate(WRONG)]
    )
    def test_noted_and_exposed(self, stored, raw, errors):
        """The value is exposed as it is, and its path is noted."""
        doc = stored(raw)

        assert doc.read_errors == errors
        assert doc.to_mongo() == {"_id": 1} | raw
        assert repr(doc)
        assert doc.to_dict()

    def test_value_as_stored(self, stored):
        """A wrong value is what is stored, to its type."""
        doc = stored({"number": "5", "tags": "a", "line": [1]})

        assert (doc.number, doc.tags, doc.line) == ("5", "a", [1])

    def test_kept_by_a_save(self, stored, mongo):
        """Another path can be saved beside it."""
        doc = stored({"number": "five", "tags": ["a", 5]})

        doc.text = "x"
        doc.save(validate="changed")

        assert mongo.collection("docs").find_one() == {
            "_id": 1,
            "number": "five",
            "tags": ["a", 5],
            "text": "x",
        }

    def test_repaired(self, stored, mongo):
        """An assignment repairs it."""
        doc = stored({"number": "5", "__v": 0})

        doc.number = doc.number
        doc.save()

        assert doc.read_errors == {}
        assert mongo.collection("docs").find_one()["number"] == 5

    def test_date_beyond_the_year_9999(self, mongo):
        """A date that Python cannot have is shown raw, and the list goes on."""
        far = DatetimeMS(2**55)
        mongo.collection("docs").insert_many(
            [{"_id": 1, "text": "a"}, {"_id": 2, "at": far}, {"_id": 3, "text": "c"}]
        )

        docs = list(Doc.objects.order_by("pk"))

        assert [doc.pk for doc in docs] == [1, 2, 3]
        assert docs[1].at == far
        assert docs[1].read_errors == {"at": "Stored as DatetimeMS, expected a date and time."}
        docs[1].text = "b"
        docs[1].save(validate="changed")
        assert mongo.collection("docs").count_documents({"text": "b"}) == 1
