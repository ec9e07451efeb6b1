"""What each lookup finds, whatever is stored: `exclude()` is the exact complement."""

import pytest
from bson import Decimal128, Int64, Regex

from docmodels.documents import Q
from tests.queryset.models import Book

#: One document for each state of one path.
STATES = {
    "missing": None,
    "null": {"v": None},
    "empty text": {"v": ""},
    "empty list": {"v": []},
    "empty dict": {"v": {}},
    "text": {"v": "b"},
    "upper text": {"v": "B"},
    "number": {"v": 5},
    "long": {"v": Int64(5)},
    "decimal": {"v": Decimal128("5.0")},
    "zero": {"v": 0},
    "true": {"v": True},
    "texts": {"v": ["a", "b"]},
    "numbers": {"v": [1, 9]},
    "null in list": {"v": [None]},
    "list in list": {"v": [["a", "b"]]},
    "dict": {"v": {"0": "b", "x": "b"}},
    "dicts": {"v": [{"x": "b"}, {"x": 5}]},
}
NOT_THERE = {"missing", "null"}
FIVES = {"number", "long", "decimal"}
LISTS = {"empty list", "texts", "numbers", "null in list", "list in list", "dicts"}

#: A lookup, its value and the states that it finds.
FOUND = [
    ("exact", "b", {"text", "texts"}),
    ("exact", None, NOT_THERE | {"null in list"}),
    ("exact", "", {"empty text"}),
    ("exact", 5, FIVES),
    ("exact", True, {"true"}),
    ("exact", [], {"empty list"}),
    ("exact", {}, {"empty dict"}),
    ("exact", ["a", "b"], {"texts", "list in list"}),
    ("exact", {"x": "b"}, {"dicts"}),
    ("ne", "b", set(STATES) - {"text", "texts"}),
    ("ne", None, set(STATES) - NOT_THERE - {"null in list"}),
    ("in", ["b", 5], {"text", "texts"} | FIVES),
    ("in", [None], NOT_THERE | {"null in list"}),
    ("in", [], set()),
    ("in", [[]], {"empty list"}),
    ("nin", ["b", 5], set(STATES) - {"text", "texts"} - FIVES),
    ("nin", [], set(STATES)),
    ("gt", 4, FIVES | {"numbers"}),
    ("gte", 5, FIVES | {"numbers"}),
    ("lt", 1, {"zero"}),
    ("lte", 1, {"zero", "numbers"}),
    ("gt", "a", {"text", "texts"}),
    ("lt", "b", {"empty text", "upper text", "texts"}),
    ("range", (4, 6), FIVES | {"numbers"}),
    ("mod", (5, 0), FIVES | {"zero"}),
    ("contains", "b", {"text", "texts"}),
    ("icontains", "b", {"text", "upper text", "texts"}),
    ("startswith", "", {"empty text", "text", "upper text", "texts"}),
    ("istartswith", "B", {"text", "upper text", "texts"}),
    ("endswith", "b", {"text", "texts"}),
    ("iendswith", "B", {"text", "upper text", "texts"}),
    ("iexact", "B", {"text", "upper text", "texts"}),
    ("regex", "^[ab]$", {"text", "texts"}),
    ("iregex", "^[ab]$", {"text", "upper text", "texts"}),
    ("isnull", True, NOT_THERE | {"null in list"}),
    ("isnull", False, set(STATES) - NOT_THERE - {"null in list"}),
    ("exists", False, {"missing"}),
    ("exists", True, set(STATES) - {"missing"}),
    ("type", "null", {"null", "null in list"}),
    ("type", "array", LISTS),
    ("type", "object", {"empty dict", "dict", "dicts"}),
    ("type", "number", FIVES | {"zero", "numbers"}),
    ("type", ["long", "bool"], {"long", "true"}),
    ("all", ["a", "b"], {"texts"}),
    ("all", [], set()),
    ("size", 0, {"empty list"}),
    ("size", 2, {"texts", "numbers", "dicts"}),
    ("len", 1, {"null in list", "list in list"}),
    ("len__gt", 0, LISTS - {"empty list"}),
    ("len__gt", 1, {"texts", "numbers", "dicts"}),
    ("len__gte", 0, LISTS),
    ("len__gte", 2, {"texts", "numbers", "dicts"}),
    ("len__lt", 0, set()),
    ("len__lt", 1, {"empty list"}),
    ("len__lte", 1, {"empty list", "null in list", "list in list"}),
    ("elemmatch", Q(gte="a", lt="b"), {"texts"}),
    ("elemmatch", ~Q(gt=3), LISTS - {"empty list"}),
    ("x", "b", {"dict", "dicts"}),
    ("x__gt", 4, {"dicts"}),
    # A list without embedded documents has no such path at all, says the server.
    ("x__isnull", True, set(STATES) - {"dict"} - LISTS),
    ("x__exists", True, {"dict", "dicts"}),
    ("0", "b", {"dict"}),
    ("0", "a", {"texts"}),
    ("1__x", 5, {"dicts"}),
]


@pytest.fixture
def states(books):
    """Store one book for each state of `extra`."""
    raws = []
    for name, stored in STATES.items():
        raw = {"title": name}
        if stored is not None:
            raw["extra"] = stored["v"]
        raws.append(raw)
    return books(*raws)


def titles(queryset):
    """Return the titles of a result, as a set; each is there once."""
    found = list(queryset.values_list("title", flat=True))

    assert len(found) == len(set(found))
    return set(found)


class TestStates:
    """Every state of a path against every lookup."""

    @pytest.mark.keep_documents
    @pytest.mark.parametrize(
        ("lookup", "value", "expected"),
        FOUND,
        ids=[f"{number} {name}={value!r}" for number, (name, value, _) in enumerate(FOUND)],
    )
    def test_lookup(self, states, lookup, value, expected):
        """A lookup finds what it says; exclude finds all the others, none twice."""
        condition = {f"extra__{lookup}": value}

        try:
            found = titles(states.filter(**condition))
            rest = titles(states.exclude(**condition))
            negated = titles(states.filter(~Q(**condition)))
            doubly = titles(states.exclude(~Q(**condition)))
        finally:
            states.delete(allow_all=True)

        assert found == expected
        assert rest == set(STATES) - expected
        assert negated == rest
        assert doubly == found

    @pytest.mark.parametrize(
        "q",
        [
            Q(extra="b", title__contains="e"),
            Q(extra="b") | Q(extra=5),
            Q(extra="b") ^ Q(title__contains="t"),
            Q(extra__gt=3) & ~Q(extra__lt=3),
            ~(Q(extra__isnull=True) | Q(extra__size=2)),
            Q(extra__in=["b"]) & Q(extra__all=["a"]) & Q(extra__ne=7),
        ],
        ids=range(6),
    )
    def test_trees(self, states, q):
        """The complement is exact for trees as well."""
        found, rest = titles(states.filter(q)), titles(states.exclude(q))

        assert found | rest == set(STATES)
        assert not found & rest


#: What nothing may be: one document for each.
EMPTY = {"missing": None, "null": {"v": None}, '""': {"v": ""}, "[]": {"v": []}, "{}": {"v": {}}}
ALL = set(EMPTY)

#: Each lookup that has to do with nothing, and which of them it finds.
NOTHING = [
    ({"": None}, {"missing", "null"}),
    ({"__exact": None}, {"missing", "null"}),
    ({"__ne": None}, {'""', "[]", "{}"}),
    ({"__isnull": True}, {"missing", "null"}),
    ({"__isnull": False}, {'""', "[]", "{}"}),
    ({"__exists": True}, ALL - {"missing"}),
    ({"__exists": False}, {"missing"}),
    ({"__type": "null"}, {"null"}),
    ({"__type": ["null", "string"]}, {"null", '""'}),
    ({"__in": [None]}, {"missing", "null"}),
    ({"__in": [None, ""]}, {"missing", "null", '""'}),
    ({"__in": []}, set()),
    ({"__nin": [None]}, {'""', "[]", "{}"}),
    ({"__nin": []}, ALL),
    ({"": ""}, {'""'}),
    ({"__ne": ""}, ALL - {'""'}),
    ({"": []}, {"[]"}),
    ({"__ne": []}, ALL - {"[]"}),
    ({"": {}}, {"{}"}),
    ({"__ne": {}}, ALL - {"{}"}),
    ({"__size": 0}, {"[]"}),
    ({"__len__lte": 0}, {"[]"}),
    ({"__len__gt": 0}, set()),
    ({"__contains": ""}, {'""'}),
    ({"__gte": ""}, {'""'}),
    ({"__bits_all_clear": 1}, set()),
    ({"__has_key": "x"}, set()),
    ({"__has_any_keys": []}, set()),
    ({"__has_keys": []}, ALL),
    ({"__x": None}, ALL - {"[]"}),
    ({"__x__exists": False}, ALL),
    ({"__exists": True, "__isnull": True}, {"null"}),
]


class TestNothing:
    """Missing, null, empty text, an empty list, an empty dict: each is its own state."""

    @pytest.mark.keep_documents
    @pytest.mark.parametrize(
        ("lookups", "expected"), NOTHING, ids=[f"{lookups}"[:50] for lookups, _ in NOTHING]
    )
    @pytest.mark.parametrize("path", ["extra", "extra__inner"])
    def test_lookup(self, books, path, lookups, expected):
        """A lookup finds what it says, exclude the others, at the top and embedded."""
        raws = []
        for name, stored in EMPTY.items():
            key = path.rpartition("__")[2]
            values = {} if stored is None else {key: stored["v"]}
            raws.append({"title": name, **(values if key == path else {"extra": values})})
        objects = books(*raws)
        q = Q(**{f"{path}{lookup}": value for lookup, value in lookups.items()})

        try:
            found, rest = titles(objects.filter(q)), titles(objects.exclude(q))
        finally:
            objects.delete(allow_all=True)

        assert found == expected
        assert rest == ALL - expected


class TestDeclared:
    """Lookups of declared fields on well-typed data."""

    def test_dates_and_decimals(self, books):
        """Values are compared as the types that are stored."""
        Book.objects.create(title="a", price="9.90", day="2026-05-04", code=5)
        Book.objects.create(title="b", price="10.10", day="2026-05-05")

        assert titles(Book.objects.filter(price__lt=10)) == {"a"}
        assert titles(Book.objects.filter(price="9.9")) == {"a"}
        assert titles(Book.objects.filter(day__gte="2026-05-05")) == {"b"}
        assert titles(Book.objects.filter(code="00000000-0000-0000-0000-000000000005")) == {"a"}

    def test_one_element(self, books):
        """Two conditions may meet two elements, elemmatch and range meet one."""
        Book.objects.create(
            title="a", chapters=[{"title": "x", "pages": 1}, {"title": "y", "pages": 10}]
        )
        objects = Book.objects

        assert objects.filter(chapters__title="x", chapters__pages=10).exists()
        assert not objects.filter(chapters__elemmatch=Q(title="x", pages=10)).exists()
        assert objects.filter(chapters__elemmatch=Q(title="x", pages=1)).exists()
        assert objects.filter(chapters__pages__gte=3, chapters__pages__lte=5).exists()
        assert not objects.filter(chapters__pages__range=(3, 5)).exists()
        assert objects.filter(chapters__pages__range=(9, 11)).exists()

    def test_patterns(self, books):
        """Text from outside matches itself and nothing else."""
        nasty = "a.*(b)[c]{2}^$|\\d+?/#- \n"
        Book.objects.create(title=f"x{nasty}y")
        Book.objects.create(title="xanyy")

        for lookup in ("contains", "icontains"):
            assert Book.objects.filter(**{f"title__{lookup}": nasty}).count() == 1
        assert Book.objects.filter(title__startswith="x" + nasty).count() == 1
        assert Book.objects.filter(title__endswith=nasty + "y").count() == 1
        assert Book.objects.filter(title__iexact=f"X{nasty}Y".lower()).count() == 1
        assert Book.objects.filter(title__endswith="y\n").count() == 0

    def test_literal_patterns(self, books):
        """A stored pattern is a value like others."""
        books({"title": "p", "extra": Regex("a")}, {"title": "t", "extra": "a"})

        assert titles(Book.objects.filter(extra=Regex("a"))) == {"p"}
        assert titles(Book.objects.exclude(extra=Regex("a"))) == {"t"}
        assert titles(Book.objects.filter(extra__ne=Regex("a"))) == {"t"}
        assert titles(Book.objects.exclude(extra__ne=Regex("a"))) == {"p"}
