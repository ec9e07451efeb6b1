"""Rules V1 to V8 but V5: what is judged, when, and what its errors say."""

import pytest
from bson import ObjectId
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator

from docmodels import documents
from docmodels.testing import record_commands
from tests.fields.articles import Article, errors_of

called = []
NO_TWO = ["“[Line(sku='a', price=1), Line(sku='b', price=1)]” is not valid."]


def remember(value):
    """Note what the validator was given."""
    called.append(value)


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=3)
    price = documents.IntegerField(min_value=0)


class Order(documents.Document):
    number = documents.CharField(max_length=3)
    total = documents.IntegerField(blank=True, validators=[remember])
    paid = documents.BooleanField(blank=True)
    lines = documents.EmbeddedListField(Line)
    codes = documents.ListField(documents.CharField(), min_items=1, default=["x"])
    rates = documents.MapField(
        documents.IntegerField(validators=[MaxValueValidator(9)]), blank=True
    )

    class Meta:
        collection = "orders"


@pytest.fixture
def stored(mongo):
    """Return a function that stores a document and loads it."""

    def store(raw, *names):
        key = ObjectId()
        mongo.collection("orders").insert_one({"_id": key} | raw)
        orders = Order.objects.only(*names) if names else Order.objects
        return orders.get(pk=key)

    return store


class TestFullClean:
    """`full_clean()`."""

    def test_v4_all_errors_together(self):
        """One error has all paths, each with its messages (V4)."""
        order = Order(
            total="much",
            codes=[],
            lines=[{"sku": "abcd", "price": -1}, Line()],
            rates={"eur": 10},
        )

        assert errors_of(order.full_clean) == {
            "number": ["This field is required."],
            "total": ["“much” is not valid, expected a whole number."],
            "codes": ["At least 1 item is needed (there are 0)."],
            "lines.0.sku": ["Ensure this value has at most 3 characters (it has 4)."],
            "lines.0.price": ["Ensure this value is greater than or equal to 0."],
            "lines.1.sku": ["This field is required."],
            "lines.1.price": ["This field is required."],
            "rates.eur": ["Ensure this value is less than or equal to 9."],
        }

    def test_v4_entries(self):
        """Each entry has its code, its message, and the value that is wrong."""
        order = Order(total="much", paid=None, rates={"eur": "x"})
        order.lines = [{"sku": "", "price": -1}]

        with pytest.raises(ValidationError) as caught:
            order.save()

        entries = [
            (path, entry.code, entry.value)
            for path, found in caught.value.error_dict.items()
            for entry in found
        ]
        assert set(entries) == {
            ("number", "required", None),
            ("total", "invalid", "much"),
            ("paid", "null", None),
            ("rates.eur", "invalid", "x"),
            ("lines.0.sku", "blank", ""),
            ("lines.0.price", "min_value", -1),
        }
        assert caught.value.message_dict["lines.0.price"] == [
            "Ensure this value is greater than or equal to 0."
        ]

    def test_exclude(self):
        """Excluded names are not judged, also not their casts."""
        order = Order(total="much")

        order.full_clean(exclude=["number", "total"])

    @pytest.mark.parametrize(
        ("values", "errors"),
        [
            ({"number": ""}, {"number": ["This field cannot be blank."]}),
            ({"number": None}, {"number": ["This field cannot be null."]}),
            ({"number": "a", "lines": []}, {}),
            ({"number": "a", "paid": False}, {}),
            ({"number": "a", "codes": []}, {"codes": ["At least 1 item is needed (there are 0)."]}),
            ({"number": "a", "paid": 2}, {"paid": ["“2” is not valid, expected true or false."]}),
        ],
        ids=["empty text", "null", "empty list", "false", "few items", "not true"],
    )
    def test_v2_required(self, values, errors):
        """Empty text and null fail, an empty list and false pass (V2)."""
        order = Order(**values)

        if errors:
            assert errors_of(order.full_clean) == errors
        else:
            order.full_clean()

    def test_v2_missing_values_are_not_validated(self):
        """Validators run on values only (V2)."""
        called.clear()

        Order(number="a").full_clean()
        Order(number="a", total=0).full_clean()

        assert called == [0]

    def test_v3_a_failed_cast_runs_no_validators(self):
        """A failed cast is the only error of its path (V3)."""
        called.clear()

        assert list(errors_of(Order(number="a", total="x").full_clean)) == ["total"]
        assert called == []


class TestSave:
    """What a save judges (V1, V3)."""

    def test_nothing_is_sent(self, mongo, assert_num_commands):
        """An invalid document is not sent."""
        with assert_num_commands(0):
            errors_of(Order(number="long").save)

    def test_v1_a_loaded_bad_value(self, stored):
        """A bad stored value blocks the save, also of something else."""
        order = stored({"number": "long!", "codes": ["x"]})

        order.paid = True

        assert errors_of(order.save) == {
            "number": ["Ensure this value has at most 3 characters (it has 5)."]
        }

    def test_v1_a_loaded_value_of_another_type(self, stored):
        """So does a stored value of another type."""
        order = stored({"number": 5, "codes": ["x"], "lines": [{"sku": "a", "price": "1"}]})

        assert errors_of(order.save) == {
            "number": ["Stored as int, expected text."],
            "lines.0.price": ["Stored as str, expected a whole number."],
        }

    def test_v1_only_what_changed(self, stored, mongo):
        """`validate="changed"` narrows it to changed paths."""
        order = stored({"number": "long!", "codes": ["x"]})

        order.paid = True
        order.save(validate="changed")
        order.number = "longer"

        assert mongo.collection("orders").find_one()["paid"] is True
        assert errors_of(order.save, validate="changed") == {
            "number": ["Ensure this value has at most 3 characters (it has 6)."]
        }

    def test_v3_the_old_value_stays(self, stored):
        """What cannot be cast changes nothing but the errors, and a good value clears them."""
        called.clear()
        order = stored({"number": "a", "total": 7, "codes": ["x"]})

        order.total = "much"

        assert order.total == 7
        assert order.pending_update()[1] == {}
        assert list(errors_of(order.save)) == ["total"]
        assert called == []
        order.total = 8
        order.save()
        assert called == [8]

    def test_v3_a_failed_cast_is_a_change(self, stored):
        """A value that could not be cast is told, also by the narrow form."""
        order = stored({"number": "a", "codes": ["x"]})

        order.total = "much"

        assert list(errors_of(order.save, validate="changed")) == ["total"]

    def test_not_at_all(self, stored, mongo):
        """`validate=False` judges nothing."""
        order = stored({"number": "long!"})

        order.number = "longer"
        order.save(validate=False)

        assert mongo.collection("orders").find_one()["number"] == "longer"

    def test_v1_left_out_by_a_projection(self, stored):
        """A bad value that was not loaded does not block the save."""
        order = stored({"number": "long!", "paid": False}, "paid")

        order.paid = True
        order.save()

    def test_v1_required_paths_that_were_not_loaded(self, stored):
        """What a projection left out is not missing; once it is changed it is judged."""
        order = stored({"paid": False, "codes": ["x"]}, "paid")

        order.paid = True
        order.save()
        order.number = "long"

        assert list(errors_of(order.save)) == ["number"]

    def test_v1_defaults_are_judged(self):
        """A default that the validators refuse is no better than a value."""

        class Careless(documents.Document):
            size = documents.IntegerField(default=5, max_value=3)

            class Meta:
                collection = "careless"

        assert errors_of(Careless().save) == {
            "size": ["Ensure this value is less than or equal to 3."]
        }

    def test_v1_missing_required_path(self, stored):
        """A required path that is missing blocks the save."""
        order = stored({"paid": False, "codes": ["x"]})

        assert errors_of(order.save) == {"number": ["This field is required."]}

    def test_hostile_document(self, mongo):
        """Reading a hostile document gives errors, never a crash."""
        mongo.collection("orders").insert_one(
            {"number": {"$ne": 1}, "lines": "x", "codes": [{}, []], "rates": [1], "paid": "yes"}
        )
        order = Order.objects.get()

        assert set(errors_of(order.full_clean)) == {
            "number",
            "lines",
            "codes.0",
            "codes.1",
            "rates",
            "paid",
        }


def is_sorted(items):
    """Judge a whole list."""
    if list(items) != sorted(items):
        raise ValidationError("Not sorted.", code="order")


class Score(documents.Document):
    marks = documents.ListField(documents.IntegerField(), validators=[is_sorted], min_items=1)
    lines = documents.EmbeddedListField(Line, validators=[lambda lines: len(lines) != 2])

    class Meta:
        collection = "scores"


class TestV7:
    """A list's own validators run whenever an element changed."""

    @pytest.mark.parametrize("validate", [True, "changed"])
    @pytest.mark.parametrize(
        ("edit", "errors"),
        [
            (lambda s: s.marks.append(0), {"marks": ["Not sorted."]}),
            (lambda s: s.marks.__setitem__(0, 9), {"marks": ["Not sorted."]}),
            (lambda s: s.marks.clear(), {"marks": ["At least 1 item is needed (there are 0)."]}),
            (lambda s: s.lines.append({"sku": "b", "price": 1}), {"lines": NO_TWO}),
        ],
        ids=["appended", "replaced", "removed", "document"],
    )
    def test_v7_edited_in_place(self, edit, errors, validate):
        """Whatever the edit was, the list as it is now is judged."""
        Score.objects.create(marks=[1, 2], lines=[{"sku": "a", "price": 1}])
        score = Score.objects.get()

        edit(score)

        assert errors_of(score.save, validate=validate) == errors

    @pytest.mark.parametrize("validate", [True, "changed"])
    def test_v7_a_change_inside_an_element(self, mongo, validate):
        """A change inside an element is a change of the list."""
        lines = [{"sku": "a", "price": 1}, {"sku": "b", "price": 1}]
        mongo.collection("scores").insert_one({"marks": [1], "lines": lines})
        score = Score.objects.get()

        score.lines[1].price = 2

        assert list(errors_of(score.save, validate=validate)) == ["lines"]


class TestV6:
    """Updates by queries."""

    def test_v6_cast_and_judged(self, stored, mongo):
        """They cast always, and judge what they set and nothing else."""
        order = stored({"number": "long!", "codes": ["x"]})
        orders = Order.objects.filter(pk=order.pk)

        with record_commands() as commands:
            orders.update(total="7", lines__0__price="5")
            assert errors_of(orders.update, number="longer", codes=[]) == {
                "number": ["Ensure this value has at most 3 characters (it has 6)."],
                "codes": ["At least 1 item is needed (there are 0)."],
            }
            assert errors_of(orders.update, total="x", validate=False) == {
                "total": ["“x” is not valid, expected a whole number."]
            }
            orders.update(number=12345, validate=False)

        assert [command.command["updates"][0]["u"] for command in commands] == [
            {"$set": {"total": 7, "lines.0.price": 5}},
            {"$set": {"number": "12345"}},
        ]

    def test_v6_required_fails_on_unset(self, stored):
        """What every document must have cannot be removed, unless nothing is judged."""
        order = stored({"number": "a", "paid": True})
        orders = Order.objects.filter(pk=order.pk)

        assert errors_of(orders.update, number=documents.ops.Unset()) == {
            "number": ["This field is required."]
        }
        orders.update(paid=documents.ops.Unset())
        orders.update(number=documents.ops.Unset(), validate=False)

        assert Order.objects.raw_filter({"number": {"$exists": False}, "paid": None}).exists()

    @pytest.mark.parametrize(
        "act",
        [
            lambda: Order.objects.update_or_create(number=7, total="8", defaults={"paid": "yes"}),
            lambda: Order.objects.upsert(number=7, total="8", defaults={"paid": "yes"}),
            lambda: Order.objects.filter(number=7, total="8").update(paid="yes", upsert=True),
        ],
        ids=["update_or_create", "upsert", "update"],
    )
    def test_v6_filter_values_of_an_upsert(self, act):
        """What the filter says goes into the new document, cast."""
        act()

        assert next(Order.objects.raw()) | {"_id": 0} == {
            "_id": 0,
            "number": "7",
            "total": 8,
            "paid": True,
            "lines": [],
            "codes": ["x"],
            "__v": 0,
        }


class TestV8:
    """`required` as a function of the document."""

    def test_v8_function_of_the_document(self):
        """The path may be missing, null or empty unless the function says otherwise."""
        Article(slug="a").save()

        published = Article(slug="a", state="published")

        assert errors_of(published.save) == {"summary": ["This field is required."]}
        published.summary = ""
        assert errors_of(published.save) == {"summary": ["This field is required."]}
        published.summary = "Yes"
        published.save()

    def test_v8_of_embedded_documents(self):
        """The function of a field inside is asked with the embedded document."""
        article = Article(slug="a", steps=[{"code": "y"}, {"code": "x"}])

        assert errors_of(article.save) == {"steps.1.note": ["This field is required."]}
