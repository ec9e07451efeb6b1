"""What each update operator does to what is stored, on a real server."""

import datetime
import decimal

import pytest
from bson import Decimal128
from django.core.exceptions import ValidationError

from docmodels.documents import F, Q, ops
from docmodels.exceptions import OperationFailed
from tests.queryset.models import Book

CHAPTERS = [{"title": "a", "p": 1}, {"title": "b", "p": 5}, {"title": "c", "p": 9}]

#: What is stored, the update, and what is stored then.
EFFECTS = [
    ({}, {"pages": 5}, {"n": 5}),
    ({"n": 1}, {"pages": ops.Set(5)}, {"n": 5}),
    ({"n": 1}, {"pages": None}, {"n": None}),
    ({"n": 1}, {"pages": ops.Unset()}, {}),
    ({"n": 1}, {"pages": ops.SetOnInsert(5)}, {"n": 1}),
    ({"n": 1}, {"pages": ops.Inc(2)}, {"n": 3}),
    ({}, {"pages": ops.Inc(2)}, {"n": 2}),
    ({"n": 1}, {"pages": F("pages") + 2}, {"n": 3}),
    ({"n": 1}, {"pages": 2 + F("pages")}, {"n": 3}),
    ({"n": 1}, {"pages": F("pages") - 2}, {"n": -1}),
    ({"n": 3}, {"pages": F("pages") * 2}, {"n": 6}),
    ({"n": 3}, {"pages": ops.Mul(2)}, {"n": 6}),
    ({}, {"pages": ops.Mul(2)}, {"n": 0}),
    (
        {"price": Decimal128("1.10")},
        {"price": F("price") + decimal.Decimal("0.15")},
        {"price": Decimal128("1.25")},
    ),
    ({"n": 3}, {"pages": ops.Min(2)}, {"n": 2}),
    ({"n": 3}, {"pages": ops.Min(4)}, {"n": 3}),
    ({"n": 3}, {"pages": ops.Max(4)}, {"n": 4}),
    ({}, {"pages": ops.Max(4)}, {"n": 4}),
    ({"n": 3}, {"pages": ops.Rename("rating")}, {"rating": 3}),
    ({}, {"pages": ops.Rename("rating")}, {}),
    ({"n": 6}, {"pages": ops.Bit(and_=5)}, {"n": 4}),
    ({"n": 6}, {"pages": ops.Bit(or_=1)}, {"n": 7}),
    ({"n": 6}, {"pages": ops.Bit(xor=2)}, {"n": 4}),
    ({}, {"tags": ops.Push("x")}, {"tags": ["x"]}),
    ({"tags": ["a"]}, {"tags": ops.Push(each=["b", "c"])}, {"tags": ["a", "b", "c"]}),
    ({"tags": ["a"]}, {"tags": ops.Push("b", position=0)}, {"tags": ["b", "a"]}),
    ({"tags": ["a", "b"]}, {"tags": ops.Push("c", position=-1)}, {"tags": ["a", "c", "b"]}),
    ({"tags": ["a", "b"]}, {"tags": ops.Push("c", slice=-2)}, {"tags": ["b", "c"]}),
    ({"tags": ["a", "b"]}, {"tags": ops.Push(each=[], slice=1)}, {"tags": ["a"]}),
    ({"tags": ["b", "a"]}, {"tags": ops.Push("c", sort=-1)}, {"tags": ["c", "b", "a"]}),
    (
        {"chapters": [CHAPTERS[1]]},
        {"chapters": ops.Push({"title": "c", "pages": 9}, sort="-pages", slice=1)},
        {"chapters": [{"title": "c", "p": 9, "marks": []}]},
    ),
    ({"tags": ["a"]}, {"tags": ops.AddToSet(each=["a", "b"])}, {"tags": ["a", "b"]}),
    ({"tags": ["a", "b", "a"]}, {"tags": ops.Pull("a")}, {"tags": ["b"]}),
    ({"tags": ["a", "b", "c"]}, {"tags": ops.Pull(Q(gte="b"))}, {"tags": ["a"]}),
    ({"tags": ["a", "b", "c"]}, {"tags": ops.PullAll(["a", "c"])}, {"tags": ["b"]}),
    ({"chapters": CHAPTERS}, {"chapters": ops.Pull({"title": "b"})}, {"chapters": CHAPTERS[::2]}),
    ({"chapters": CHAPTERS}, {"chapters": ops.Pull(Q(pages__gt=1))}, {"chapters": CHAPTERS[:1]}),
    ({"tags": ["a", "b"]}, {"tags": ops.Pop()}, {"tags": ["a"]}),
    ({"tags": ["a", "b"]}, {"tags": ops.Pop(first=True)}, {"tags": ["b"]}),
    ({"tags": []}, {"tags": ops.Pop()}, {"tags": []}),
    ({"tags": ["a", "b"]}, {"tags__1": "c"}, {"tags": ["a", "c"]}),
    ({"counts": {"red": 1}}, {"counts__red": ops.Inc(1)}, {"counts": {"red": 2}}),
    ({}, {"cover__color": "red"}, {"cover": {"color": "red"}}),
    ({"extra": {"a": [1]}}, {"extra__a": ops.Push(2)}, {"extra": {"a": [1, 2]}}),
]


@pytest.fixture
def after(books, mongo):
    """Give a function that stores a book, updates it, and returns what is stored then."""

    def run(stored, values, conditions=None, **options):
        books({"title": "x", **stored})
        count = Book.objects.filter(title="x", **(conditions or {})).update(values, **options)
        raw = mongo.collection("shelf_book").find_one({"title": "x"})
        assert count == 1
        for key in ("_id", "title", "touched_at"):
            raw.pop(key, None)
        return raw

    return run


class TestEffects:
    """Each operator on a real server."""

    @pytest.mark.parametrize(
        ("stored", "values", "expected"),
        EFFECTS,
        ids=[f"{i}-{v}"[:60] for i, (_, v, _) in enumerate(EFFECTS)],
    )
    def test_effect(self, after, stored, values, expected):
        """What is stored then is what the operator says."""
        assert after(stored, values) == expected

    def test_current_date(self, after):
        """The server's own time is stored."""
        raw = after({}, {"written_at": ops.CurrentDate()})

        age = datetime.datetime.now(datetime.UTC) - raw["written_at"]
        assert abs(age) < datetime.timedelta(minutes=1)

    def test_no_list(self, books, mongo):
        """What the server refuses for what is stored changes nothing."""
        books({"title": "x", "tags": "text"})

        with pytest.raises(OperationFailed):
            Book.objects.filter(title="x").update(tags=ops.Push("a"), pages=1)

        assert "n" not in mongo.collection("shelf_book").find_one()


class TestElements:
    """The places of list elements: `$`, `$[]`, `$[name]`."""

    def test_matched(self, after):
        """`$` is the element that the filter matched."""
        raw = after({"chapters": CHAPTERS}, {"chapters.$.pages": 7}, {"chapters__title": "b"})

        assert [chapter["p"] for chapter in raw["chapters"]] == [1, 7, 9]

    def test_matched_whole(self, after):
        """The matched element is replaced as a whole, cast by its class."""
        raw = after(
            {"chapters": CHAPTERS[:2]}, {"chapters.$": {"title": "z"}}, {"chapters__title": "b"}
        )

        assert raw["chapters"][1] == {"title": "z", "p": 1, "marks": []}

    def test_all(self, after):
        """`$[]` is every element; underscores join as dots do."""
        raw = after({"chapters": CHAPTERS}, {"chapters__$[]__pages": ops.Inc(1)})

        assert [chapter["p"] for chapter in raw["chapters"]] == [2, 6, 10]

    def test_named(self, after):
        """`$[name]` are the elements that its Q matches."""
        raw = after(
            {"chapters": CHAPTERS},
            {"chapters.$[long].title": "long"},
            array_filters={"long": Q(pages__gt="4") & ~Q(title="c")},
        )

        assert [chapter["title"] for chapter in raw["chapters"]] == ["a", "long", "c"]

    def test_scalars(self, after):
        """Elements that are no documents are compared themselves."""
        raw = after({"grid": [[1, 5], [9]]}, {"grid.$[].$[big]": 0}, array_filters={"big": Q(gt=4)})

        assert raw["grid"] == [[1, 0], [0]]

    def test_nothing_matched(self, books):
        """`$` without a condition on the list is the server's error."""
        books({"title": "x", "chapters": CHAPTERS})

        with pytest.raises(OperationFailed):
            Book.objects.filter(title="x").update({"chapters.$.pages": 7})


class TestLiterals:
    """A value from outside never becomes an operator."""

    @pytest.mark.parametrize("path", ["extra", "counts", "cover", "title", "tags", "chapters__0"])
    @pytest.mark.parametrize(
        "hostile",
        [{"$inc": 5}, {"$set": {"title": "x"}}, {"a.b": 1}, {"$where": "1"}, {"": 1}],
        ids=str,
    )
    def test_refused(self, books, mongo, path, hostile):
        """Keys that MongoDB reads as operators or paths are errors of the field."""
        books({"title": "x", "chapters": CHAPTERS})
        before = mongo.collection("shelf_book").find_one()

        with pytest.raises(ValidationError):
            Book.objects.filter(title="x").update({path: hostile})

        assert mongo.collection("shelf_book").find_one() == before

    @pytest.mark.parametrize("operator", [ops.Push, ops.AddToSet, ops.Pull, ops.Set])
    def test_refused_elements(self, books, operator):
        """Nor does an element."""
        books({"title": "x", "extra": []})

        with pytest.raises(ValidationError):
            Book.objects.filter(title="x").update(extra=operator({"$ne": 1}))

    def test_text(self, after):
        """Text that looks like a path or an operator is text, in a pipeline too."""
        raw = after({"n": 2}, {"extra": "$n", "rating": F("pages") + 1})

        assert raw == {"n": 2, "extra": "$n", "rating": 3}
