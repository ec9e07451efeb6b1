"""Updates compile to operators with cast values."""

import datetime
import decimal

import pytest
from bson import Decimal128
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import F, Q, ops
from docmodels.exceptions import FilterValueError
from docmodels.query.updates import compile_update
from tests.queryset.models import Book, Chapter

UPDATES = [
    ({"title": "a"}, {"$set": {"title": "a"}}),
    ({"pages": "3"}, {"$set": {"n": 3}}),
    ({"pages": None}, {"$set": {"n": None}}),
    ({"price": "1.50"}, {"$set": {"price": Decimal128("1.50")}}),
    ({"title": "a", "pages": 3}, {"$set": {"title": "a", "n": 3}}),
    ({"tags": ["a", 1]}, {"$set": {"tags": ["a", "1"]}}),
    ({"tags": "a"}, {"$set": {"tags": ["a"]}}),
    ({"tags__0": "a"}, {"$set": {"tags.0": "a"}}),
    ({"chapters__2__pages": 5}, {"$set": {"chapters.2.p": 5}}),
    ({"chapters.2.pages": 5}, {"$set": {"chapters.2.p": 5}}),
    ({"cover__color": "red"}, {"$set": {"cover.color": "red"}}),
    ({"counts__red": "5"}, {"$set": {"counts.red": 5}}),
    ({"extra__a__b": {"c": 1}}, {"$set": {"extra.a.b": {"c": 1}}}),
    ({"cover": {"color": "red"}}, {"$set": {"cover": {"color": "red"}}}),
    (
        {"chapters": [Chapter(title="x")]},
        {"$set": {"chapters": [{"title": "x", "p": 1, "marks": []}]}},
    ),
    ({"title": ops.Set("a")}, {"$set": {"title": "a"}}),
    ({"title": ops.SetOnInsert("a")}, {"$setOnInsert": {"title": "a"}}),
    ({"pages": ops.Unset()}, {"$unset": {"n": ""}}),
    ({"pages": ops.Inc("2")}, {"$inc": {"n": 2}}),
    ({"price": ops.Inc("0.10")}, {"$inc": {"price": Decimal128("0.10")}}),
    ({"pages": ops.Mul(2)}, {"$mul": {"n": 2}}),
    ({"pages": ops.Min(2)}, {"$min": {"n": 2}}),
    ({"pages": ops.Max(2)}, {"$max": {"n": 2}}),
    ({"pages": F("pages") + 1}, {"$inc": {"n": 1}}),
    ({"pages": F("pages") - 1}, {"$inc": {"n": -1}}),
    ({"pages": F("pages") * 2}, {"$mul": {"n": 2}}),
    (
        {"price": F("price") - decimal.Decimal("0.5")},
        {"$inc": {"price": Decimal128("-0.5")}},
    ),
    ({"extra__n": F("extra__n") + 1}, {"$inc": {"extra.n": 1}}),
    ({"pages": ops.Rename("extra__pages")}, {"$rename": {"n": "extra.pages"}}),
    ({"written_at": ops.CurrentDate()}, {"$currentDate": {"written_at": {"$type": "date"}}}),
    ({"pages": ops.Bit(and_=5)}, {"$bit": {"n": {"and": 5}}}),
    ({"pages": ops.Bit(xor=5)}, {"$bit": {"n": {"xor": 5}}}),
    ({"tags": ops.Push(5)}, {"$push": {"tags": {"$each": ["5"]}}}),
    (
        {"tags": ops.Push(each=["a", "b"], position=0, slice=-5, sort=1)},
        {"$push": {"tags": {"$each": ["a", "b"], "$position": 0, "$slice": -5, "$sort": 1}}},
    ),
    (
        {"chapters": ops.Push({"title": "x", "pages": "2"})},
        {"$push": {"chapters": {"$each": [{"title": "x", "p": 2, "marks": []}]}}},
    ),
    ({"grid": ops.Push([1, 2])}, {"$push": {"grid": {"$each": [[1, 2]]}}}),
    ({"grid__0": ops.Push(1)}, {"$push": {"grid.0": {"$each": [1]}}}),
    ({"extra": ops.Push({"a": 1})}, {"$push": {"extra": {"$each": [{"a": 1}]}}}),
    ({"tags": ops.AddToSet("a")}, {"$addToSet": {"tags": {"$each": ["a"]}}}),
    ({"tags": ops.AddToSet(each=["a", "b"])}, {"$addToSet": {"tags": {"$each": ["a", "b"]}}}),
    ({"tags": ops.Pull("a")}, {"$pull": {"tags": {"$eq": "a"}}}),
    ({"tags": ops.Pull(Q(gte="a", lt="b"))}, {"$pull": {"tags": {"$gte": "a", "$lt": "b"}}}),
    ({"chapters": ops.Pull({"pages": "2"})}, {"$pull": {"chapters": {"p": 2}}}),
    ({"chapters": ops.Pull(Q(pages__gt=2))}, {"$pull": {"chapters": {"p": {"$gt": 2}}}}),
    (
        {"chapters": ops.Pull(Q(title="x") | Q(pages=1))},
        {"$pull": {"chapters": {"$or": [{"title": "x"}, {"p": 1}]}}},
    ),
    (
        {"chapters": ops.Pull(Chapter(title="x"))},
        {"$pull": {"chapters": {"$eq": {"title": "x", "p": 1, "marks": []}}}},
    ),
    ({"tags": ops.PullAll(["a", 1])}, {"$pullAll": {"tags": ["a", "1"]}}),
    ({"tags": ops.Pop()}, {"$pop": {"tags": 1}}),
    ({"tags": ops.Pop(first=True)}, {"$pop": {"tags": -1}}),
    (
        {"title": "a", "pages": F("pages") + 1, "tags": ops.Push("x")},
        {"$set": {"title": "a"}, "$inc": {"n": 1}, "$push": {"tags": {"$each": ["x"]}}},
    ),
]

NULL = "This field cannot be null."
REQUIRED = "This field is required."

#: What is given, and the errors by path.
INVALID = [
    ({"pages": "many"}, {"pages": ["“many” is not valid, expected a whole number."]}),
    ({"title": None}, {"title": [NULL]}),
    ({"title": ""}, {"title": ["This field cannot be blank."]}),
    ({"title": ops.Unset()}, {"title": [REQUIRED]}),
    (
        {"title": "x" * 61},
        {"title": ["Ensure this value has at most 60 characters (it has 61)."]},
    ),
    ({"title": {"$set": 1}}, {"title": ["“{'$set': 1}” is not valid, expected text."]}),
    (
        {"tags": ["ok", "x" * 21]},
        {"tags.1": ["Ensure this value has at most 20 characters (it has 21)."]},
    ),
    (
        {"tags": ops.Push("x" * 21)},
        {"tags": ["Ensure this value has at most 20 characters (it has 21)."]},
    ),
    (
        {"chapters__0__pages": "x", "title": None},
        {"chapters.0.pages": ["“x” is not valid, expected a whole number."], "title": [NULL]},
    ),
    (
        {"title": ops.Push("x")},
        {"title": ["“Push()” is not valid, expected a list, not text."]},
    ),
    ({"title": ops.Inc(1)}, {"title": ["“Inc(1)” is not valid, expected text."]}),
    ({"pages": ops.Inc(None)}, {"pages": ["“Inc(None)” is not valid, expected a whole number."]}),
    (
        {"pages": ops.Bit(and_="x")},
        {"pages": ["“Bit({'and': 'x'})” is not valid, expected a whole number."]},
    ),
    (
        {"pages": ops.Bit(nand=1)},
        {"pages": ["“Bit({'nand': 1})” is not valid, expected a whole number."]},
    ),
    (
        {"title": ops.CurrentDate()},
        {"title": ["“the current date” is not valid, expected text."]},
    ),
]

#: What is given, and the whole message.
IMPOSSIBLE = [
    ({"titel": 1}, "Book.titel: Book has no field 'titel'. Did you mean 'title'?"),
    ({"pk": 1}, "Book.pk: the key of stored documents cannot change."),
    ({"id": 1}, "Book.id: the key of stored documents cannot change."),
    (
        {"chapters__pages": 1},
        "Book.chapters__pages: crosses the list 'chapters', expected the index of an element, as "
        "in chapters__0.",
    ),
    (
        {"cover": {}, "cover__color": "red"},
        "Book.cover__color: overlaps with another path of the same update, expected one of them.",
    ),
    (
        {"tags__0": "a", "tags": []},
        "Book.tags: overlaps with another path of the same update, expected one of them.",
    ),
    ({"pages": ops.Rename("nowhere")}, None),
]


class TestCompile:
    """`update()` sends operators of MongoDB, on stored keys."""

    @pytest.mark.parametrize(("values", "expected"), UPDATES, ids=[str(v)[:50] for v, _ in UPDATES])
    def test_operators(self, values, expected):
        """Each operator has its operand, cast by the field."""
        assert compile_update(Book._meta, values) == expected

    @pytest.mark.parametrize(("values", "errors"), INVALID, ids=[str(v)[:50] for v, _ in INVALID])
    def test_invalid(self, values, errors):
        """All the errors come together, by dotted path."""
        with pytest.raises(ValidationError) as caught:
            compile_update(Book._meta, values)

        assert caught.value.message_dict == errors

    @pytest.mark.parametrize(
        ("values", "message"), IMPOSSIBLE, ids=[str(v)[:50] for v, _ in IMPOSSIBLE]
    )
    def test_impossible(self, values, message):
        """What no value would make right is a FieldError."""
        with pytest.raises(FieldError) as caught:
            compile_update(Book._meta, values)

        assert message is None or str(caught.value) == message

    def test_no_number(self):
        """Only numbers are added."""
        with pytest.raises(FilterValueError) as caught:
            compile_update(Book._meta, {"pages": F("pages") - "x"})

        assert str(caught.value) == "Book.pages: F('pages') - 'x', expected a number."

    def test_without_validation(self):
        """`validate=False` casts, and leaves the judging out."""
        values = {"title": "x" * 61, "pages": "3", "tags": ops.Push("y" * 21), "day": ops.Unset()}

        compiled = compile_update(Book._meta, values, validate=False)

        assert compiled == {
            "$set": {"title": "x" * 61, "n": 3},
            "$push": {"tags": {"$each": ["y" * 21]}},
            "$unset": {"day": ""},
        }
        with pytest.raises(ValidationError):
            compile_update(Book._meta, {"pages": "x"}, validate=False)

    def test_moment(self):
        """Times are stored as they will be read: aware, with milliseconds."""
        moment = datetime.datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=datetime.UTC)

        compiled = compile_update(Book._meta, {"written_at": moment})

        assert compiled == {"$set": {"written_at": moment.replace(microsecond=123000)}}
