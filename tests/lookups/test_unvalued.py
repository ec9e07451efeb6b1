"""What stands in the place of a value: expressions, trusted conditions, schemas, masks, keys."""

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError
from django.db.models import F as DjangoF
from django.db.models.functions import Lower

from docmodels.documents import F, Max, Q, json_schema, trusted
from docmodels.exceptions import FilterValueError
from docmodels.query.where import compile_condition, compile_q
from tests.lookups.models import Thing

BITS = "expected a mask (a number of 63 bits or bytes) or a list of positions."
KEY = "expected text without '.', NUL or leading '$'."

#: A filter's key, its value, and the whole message.
REFUSED = [
    ("number__bits_all_set", -1, f"Thing.number__bits_all_set: -1, {BITS}"),
    ("number__bits_all_set", 2**63, f"Thing.number__bits_all_set: {2**63}, {BITS}"),
    ("number__bits_any_set", True, f"Thing.number__bits_any_set: True, {BITS}"),
    ("number__bits_any_set", [1, -1], f"Thing.number__bits_any_set: [1, -1], {BITS}"),
    ("number__bits_any_set", [True], f"Thing.number__bits_any_set: [True], {BITS}"),
    ("number__bits_all_clear", "x", f"Thing.number__bits_all_clear: 'x', {BITS}"),
    ("number__bits_any_clear", {"$gt": 1}, f"Thing.number__bits_any_clear: {{'$gt': 1}}, {BITS}"),
    ("number__bits_any_clear", 5.0, f"Thing.number__bits_any_clear: 5.0, {BITS}"),
    ("counts__has_key", "$where", f"Thing.counts__has_key: '$where', {KEY}"),
    ("counts__has_key", "a.b", f"Thing.counts__has_key: 'a.b', {KEY}"),
    ("counts__has_key", ["a"], f"Thing.counts__has_key: ['a'], {KEY}"),
    ("counts__has_key", None, f"Thing.counts__has_key: None, {KEY}"),
    ("counts__has_keys", ["a", "$b"], f"Thing.counts__has_keys: '$b', {KEY}"),
    ("counts__has_keys", "a", "Thing.counts__has_keys: 'a', expected a list of keys."),
    ("counts__has_any_keys", 5, "Thing.counts__has_any_keys: 5, expected a list of keys."),
    (
        "anything__len__gt",
        1001,
        "Thing.anything__len__gt: 1001, expected at most 1000 for a list of anything.",
    ),
]


class TestValues:
    """Masks and keys from outside cannot become anything else."""

    @pytest.mark.parametrize(
        ("key", "value", "message"), REFUSED, ids=[f"{k}={v!r}"[:50] for k, v, _ in REFUSED]
    )
    def test_message(self, key, value, message):
        """The message has the path, what was given and what was expected."""
        with pytest.raises(FilterValueError) as caught:
            compile_condition(Thing._meta, key, value)

        assert str(caught.value) == message


class TestExpressions:
    """`F` and what is computed."""

    def test_crosses_a_list(self):
        """A path with many values is not compared; an aggregate or an index is."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "number__lt", F("parts__price"))

        assert str(caught.value) == (
            "Thing.number__lt: F('parts__price') crosses a list, expected a path with one value, "
            "an "
            "index, or an aggregate such as Max('parts__price')."
        )

    @pytest.mark.parametrize("expression", [F("parts__0__price"), Max("parts__price")], ids=repr)
    def test_one_of_a_list(self, expression, mongo):
        """An index of a list, and an aggregate of its elements, are one value."""
        collection = mongo.collection(Thing._meta.collection)
        collection.insert_many(
            [
                {"_id": 1, "n": 1, "parts": [{"p": 5}]},
                {"_id": 2, "n": 9, "parts": [{"p": 5}]},
                {"_id": 3, "n": 1, "parts": []},
                {"_id": 4, "n": 1},
                {"_id": 5, "parts": [{"p": 5}]},
            ]
        )

        found = Thing.objects.filter(number__lt=expression)
        rest = Thing.objects.exclude(number__lt=expression)

        assert [raw["_id"] for raw in found.raw()] == [1]
        assert sorted(raw["_id"] for raw in rest.raw()) == [2, 3, 4, 5]

    def test_unknown_path(self):
        """Its path is checked before anything is sent."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "number__lt", F("othr"))

        assert "Did you mean 'other'?" in str(caught.value)

    @pytest.mark.parametrize("lookup", ["contains", "regex", "isnull", "exists", "size", "type"])
    def test_lookups_of_values(self, lookup):
        """Other lookups take values only."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, f"tags__{lookup}", F("number"))

        assert str(caught.value) == (
            f"Thing.tags__{lookup}: F('number'), expected a value. Lookups that take an expression "
            "are: "
            "exact, ne, gt, gte, lt, lte, in, nin, range, and parts of dates."
        )

    def test_functions_of_django(self):
        """Django's functions are about SQL."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "text", Lower("text"))

        assert str(caught.value) == (
            "Thing.text: Lower(F(text)), expected F or another expression of documents."
        )

    def test_in_one_element(self):
        """MongoDB takes no expression in `$elemMatch`."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "parts__elemmatch", Q(price__gt=F("price")))

        assert str(caught.value).startswith("Thing.parts__elemmatch: a computed condition ($expr)")

    def test_range_of_three(self):
        """A range has two ends."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, "number__range", [1, 2, F("other")])

        assert str(caught.value) == (
            "Thing.number__range: [1, 2, F('other')], expected a pair (low, high)."
        )

    def test_arithmetic_never_fails(self, mongo):
        """Text beside numbers, a division by nothing: no match, and no error of the server."""
        mongo.collection(Thing._meta.collection).insert_many(
            [{"n": "x", "other": 1}, {"n": 1, "other": 0}, {"n": 1}, {"n": None, "other": [1]}]
        )

        for expression in (F("number") + F("other"), F("number") / F("other"), F("other") % 2):
            assert Thing.objects.filter(number__gt=expression + 100).count() == 0
            assert Thing.objects.exclude(number__gt=expression + 100).count() == 4

    def test_moments(self, mongo):
        """Moments are compared with moments, and with a time added to them."""
        mongo.collection(Thing._meta.collection).insert_many([{"at": 5}, {}])

        assert Thing.objects.filter(at__lte=F("day")).count() == 0
        assert Thing.objects.filter(at=DjangoF("day")).count() == 0


class TestTrusted:
    """`trusted()` is the only value that may be operators."""

    @pytest.mark.parametrize("value", [None, "x", [{"$gt": 1}]], ids=repr)
    def test_no_dict(self, value):
        """It takes a dict."""
        with pytest.raises(TypeError) as caught:
            trusted(value)

        assert str(caught.value) == f"trusted(): {value!r}, expected a dict of operators."

    @pytest.mark.parametrize(
        ("key", "condition"),
        [("number__gt", {"$gt": 1}), ("number", {"a": 1}), ("number", {})],
    )
    def test_no_operators(self, key, condition):
        """It stands for a path's whole condition."""
        with pytest.raises(FieldError) as caught:
            compile_condition(Thing._meta, key, trusted(condition))

        assert str(caught.value) == (
            f"Thing.{key}: trusted({condition!r}), expected a dict of operators for a path without "
            "a "
            f"lookup."
        )

    def test_path(self):
        """The path is checked as ever, and is stored under its own key."""
        assert compile_q(Thing._meta, Q(parts__price=trusted({"$mod": [2, 0]}))) == {
            "parts.p": {"$mod": [2, 0]}
        }
        with pytest.raises(FieldError):
            compile_q(Thing._meta, Q(prts=trusted({"$gt": 1})))

    def test_values_of_requests(self):
        """A dict that looks like one stays a literal or is refused."""
        with pytest.raises(FilterValueError):
            compile_condition(Thing._meta, "number", {"$gt": 1})
        with pytest.raises(FieldError):
            compile_condition(Thing._meta, "json_schema", {"required": ["x"]})
        with pytest.raises(FieldError):
            compile_condition(Thing._meta, "$text", {"$search": "x"})


class TestSchema:
    """`json_schema()` finds what fits a schema."""

    def test_document(self, mongo):
        """A document class stands for its own schema: what does not fit is found."""
        keys = [ObjectId() for _number in range(3)]
        mongo.collection(Thing._meta.collection).insert_many(
            [{"_id": keys[0], "n": 1}, {"_id": keys[1], "n": "x"}, {"_id": keys[2]}]
        )
        fits = json_schema(Thing)

        assert compile_q(Thing._meta, fits)["$jsonSchema"]["properties"]["n"]
        assert [raw["_id"] for raw in Thing.objects.exclude(fits).raw()] == keys[1:2]
        assert sorted(raw["_id"] for raw in Thing.objects.filter(fits).raw()) == [keys[0], keys[2]]

    @pytest.mark.parametrize("value", [None, "{}", int], ids=repr)
    def test_refused(self, value):
        """Anything else is refused."""
        with pytest.raises(TypeError) as caught:
            json_schema(value)

        assert (
            str(caught.value) == f"json_schema(): {value!r}, expected a dict or a document class."
        )

    def test_in_one_element(self):
        """MongoDB takes it at the top only."""
        with pytest.raises(FieldError) as caught:
            compile_q(Thing._meta, Q(parts__elemmatch=json_schema({})))

        assert str(caught.value) == (
            "Thing.parts__elemmatch: a schema, which MongoDB refuses inside of elemmatch, expected "
            "it "
            "beside, or unwind()."
        )
