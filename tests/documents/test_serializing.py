"""Documents as dicts, JSON and Extended JSON, and back."""

import datetime
import decimal
import json
import math
import uuid

import pytest
from bson import Decimal128, Int64, MinKey, ObjectId
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.exceptions import UnknownField

MOMENT = datetime.datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=datetime.UTC)


class Size(documents.EmbeddedDocument):
    width = documents.FloatField(db_field="w")
    secret = documents.CharField(blank=True, hidden=True)


class BigSize(Size):
    depth = documents.FloatField(db_field="d")


class Crate(documents.Document):
    label = documents.CharField(db_field="lb")
    price = documents.DecimalField(max_digits=8, decimal_places=2, blank=True)
    size = documents.EmbeddedField(Size, blank=True)
    parts = documents.EmbeddedListField(Size, db_field="pp")
    by_name = documents.MapField(documents.EmbeddedField(Size), blank=True)
    at = documents.DateTimeField(blank=True)
    key = documents.UUIDField(blank=True)
    content = documents.BinaryField(blank=True)
    place = documents.PointField(blank=True)
    note = documents.AnyField(blank=True, null=True)
    token = documents.CharField(blank=True, hidden=True)

    class Meta:
        app_label = "serialised"


class Pallet(Crate):
    count = documents.IntegerField()


@pytest.fixture
def crate():
    """Give a crate with something at every depth."""
    return Crate(
        label="a",
        size={"width": 1.5, "secret": "s"},
        parts=[{"width": 2}, {"width": 3}],
        by_name={"x": {"width": 4}},
        token="t",
    )


class TestToDict:
    """`to_dict`."""

    def test_set_fields(self, crate):
        """Fields that are set are shown by name, hidden ones are not."""
        assert crate.to_dict() == {
            "label": "a",
            "size": {"width": 1.5},
            "parts": [{"width": 2.0}, {"width": 3.0}],
            "by_name": {"x": {"width": 4.0}},
        }

    def test_null(self):
        """Null is shown, missing is not."""
        assert Crate(label="a", note=None).to_dict() == {"label": "a", "note": None, "parts": []}

    def test_plain(self, crate):
        """Lists and dicts are plain ones, and no changes of them reach the document."""
        shown = crate.to_dict()
        shown["parts"].append(1)
        shown["size"]["width"] = 9

        assert type(shown["parts"]) is list
        assert (len(crate.parts), crate.size.width) == (2, 1.5)

    def test_by_alias(self, crate):
        """Stored keys take the place of names at every depth."""
        shown = crate.to_dict(by_alias=True)

        assert shown["lb"] == "a"
        assert shown["pp"] == [{"w": 2.0}, {"w": 3.0}]

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"fields": ["label"]}, {"label": "a"}),
            ({"fields": ["size.width"]}, {"size": {"width": 1.5}}),
            ({"fields": ["parts__width"]}, {"parts": [{"width": 2.0}, {"width": 3.0}]}),
            ({"fields": ["by_name.x.width"]}, {"by_name": {"x": {"width": 4.0}}}),
            (
                {"exclude": ["size", "parts.width", "by_name"]},
                {"label": "a", "parts": [{}, {}]},
            ),
            ({"fields": ["size"], "exclude": ["size.width"]}, {"size": {}}),
        ],
    )
    def test_selection(self, crate, options, expected):
        """Dotted paths choose what is shown."""
        assert crate.to_dict(**options) == expected

    def test_hidden(self, crate):
        """Hidden fields are shown on demand."""
        assert crate.to_dict(hidden=True, fields=["token", "size"]) == {
            "token": "t",
            "size": {"width": 1.5, "secret": "s"},
        }

    def test_undeclared(self, mongo):
        """Undeclared data is shown on demand."""
        mongo.collection("serialised_crate").insert_one({"lb": "a", "old": {"n": 1}})
        crate = Crate.objects.get()

        assert "old" not in crate.to_dict()
        assert crate.to_dict(undeclared=True)["old"] == {"n": 1}

    def test_transform(self, crate):
        """A function is asked for each value, with its path."""
        seen = {}

        def transform(path, value):
            seen[path] = value
            return str(value) if isinstance(value, float) else value

        shown = crate.to_dict(fields=["size", "parts"], transform=transform)

        assert shown == {"size": {"width": "1.5"}, "parts": [{"width": "2.0"}, {"width": "3.0"}]}
        assert seen["size.width"] == 1.5

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("lable", "Crate.lable: no such field or virtual. Did you mean 'label'?"),
            ("size.widht", "Crate.size.widht: no such field or virtual. Did you mean 'width'?"),
            ("parts.height", "Crate.parts.height: no such field or virtual."),
        ],
    )
    def test_unknown(self, crate, path, message):
        """A path that does not exist is told, at any depth."""
        for options in ({"fields": [path]}, {"exclude": [path]}):
            with pytest.raises(UnknownField) as caught:
                crate.to_dict(**options)

            assert str(caught.value) == message

    def test_deferred(self, crate):
        """What was not loaded is left out and not loaded."""
        crate.save()
        partly = Crate.objects.only("label").get()

        assert partly.to_dict() == {"id": crate.pk, "label": "a"}


class TestToJson:
    """`to_json`."""

    def test_types(self):
        """Values are written as Django writes them, MongoDB's own as text."""
        crate = Crate(
            id=ObjectId("0" * 24),
            label="é",
            price="1.50",
            at=MOMENT,
            key=uuid.UUID(int=1),
            content=b"\x00\xff",
            place=(7.5, 46.9),
            note=[math.nan, Int64(5), Decimal128("1.5"), MinKey()],
        )

        shown = json.loads(crate.to_json(exclude=["parts"]))

        assert shown == {
            "id": "0" * 24,
            "label": "é",
            "price": "1.50",
            "at": "2024-05-06T07:08:09.123Z",
            "key": "00000000-0000-0000-0000-000000000001",
            "content": "AP8=",
            "place": {"type": "Point", "coordinates": [7.5, 46.9]},
            "note": [None, 5, "1.5", {"$minKey": 1}],
        }

    def test_options(self, crate):
        """The options are those of `to_dict`, and an indent."""
        assert crate.to_json(fields=["label"], by_alias=True, indent=1) == '{\n "lb": "a"\n}'

    def test_extended(self, crate):
        """Extended JSON has what is stored, by key, with every type, without what is hidden."""
        crate.price = "2.50"
        crate.note = {"n": Int64(3)}

        shown = json.loads(crate.to_json(extended=True))

        assert shown["price"] == {"$numberDecimal": "2.50"}
        assert shown["note"] == {"n": {"$numberLong": "3"}}
        assert shown["size"] == {"w": {"$numberDouble": "1.5"}}
        assert shown["pp"][0] == {"w": {"$numberDouble": "2.0"}}
        assert "token" not in shown

    def test_extended_selection(self, crate, mongo):
        """Paths narrow it, `hidden` widens it; undeclared data is in unless refused."""
        mongo.collection("serialised_crate").insert_one({"lb": "a", "old": 1})
        stored = Crate.objects.get()

        assert json.loads(crate.to_json(extended=True, fields=["size.width", "by_name.x"])) == {
            "size": {"w": {"$numberDouble": "1.5"}},
            "by_name": {"x": {"w": {"$numberDouble": "4.0"}}},
        }
        assert json.loads(crate.to_json(extended=True, hidden=True))["token"] == "t"
        assert json.loads(stored.to_json(extended=True))["old"] == {"$numberInt": "1"}
        assert "old" not in stored.to_json(extended=True, undeclared=False)

    def test_extended_has_no_virtuals(self, crate):
        """What only `to_dict` knows is refused."""
        with pytest.raises(TypeError) as caught:
            crate.to_json(extended=True, virtuals=True)

        assert str(caught.value) == (
            "to_json(extended=True): virtuals, expected fields, exclude, hidden or undeclared; "
            "Extended JSON is what is stored."
        )


class TestBack:
    """`from_dict` and `from_json`."""

    def test_round_trip(self, crate):
        """What `to_dict` shows makes an equal document."""
        again = Crate.from_dict(crate.to_dict(hidden=True))

        assert again.to_mongo() == crate.to_mongo()

    def test_by_alias(self, crate):
        """Stored keys are taken for names."""
        again = Crate.from_dict(crate.to_dict(hidden=True, by_alias=True), by_alias=True)

        assert again.to_mongo() == crate.to_mongo()

    def test_json(self, crate):
        """JSON is cast as any input is."""
        crate.at, crate.price = MOMENT, "3.20"

        again = Crate.from_json(crate.to_json())

        assert (again.at, again.price) == (MOMENT, decimal.Decimal("3.20"))
        assert Crate.from_json(crate.to_json(by_alias=True), by_alias=True).at == MOMENT

    def test_extended(self, crate):
        """Extended JSON gives every type back, and a new document that can be saved."""
        crate.at, crate.key = MOMENT, uuid.UUID(int=7)
        crate.save()
        text = crate.to_json(extended=True, hidden=True)
        Crate.objects.filter(pk=crate.pk).delete()

        again = Crate.from_json(text, extended=True)
        assert again._state.adding
        assert (again.at, again.key, again.read_errors) == (crate.at, crate.key, {})
        again.save()

        assert again.pk == crate.pk
        assert Crate.objects.select("+token").get().to_mongo() == crate.to_mongo()

    def test_child(self):
        """The key of the class chooses it."""
        pallet = Crate.from_dict({"__t": "Pallet", "label": "a", "count": "3"})

        assert type(pallet) is Pallet
        assert pallet.count == 3

        text = pallet.to_json(extended=True)
        assert type(Crate.from_json(text, extended=True)) is Pallet

    def test_errors(self):
        """All mistakes are told together, by path."""
        with pytest.raises(ValidationError) as caught:
            Crate.from_dict({"label": [], "parts": [{"width": "wide"}]})

        assert set(caught.value.message_dict) == {"label", "parts.0.width"}

    def test_unknown(self):
        """A name that is not declared is a mistake of the data."""
        with pytest.raises(ValidationError) as caught:
            Crate.from_dict({"lable": "a"})

        assert caught.value.messages == ["Crate.lable: no such field. Did you mean 'label'?"]

    @pytest.mark.parametrize("text", ["", "[]", "{", "1", "null"])
    @pytest.mark.parametrize("extended", [True, False])
    def test_no_object(self, text, extended):
        """Anything but an object is refused."""
        with pytest.raises(ValidationError) as caught:
            Crate.from_json(text, extended=extended)

        assert caught.value.messages == ["Enter valid JSON: an object."]
