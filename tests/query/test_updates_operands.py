"""Operands of update operators that need a look at their field."""

import datetime

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels import documents
from docmodels.documents import F, ops
from docmodels.query.updates import compile_update
from tests.queryset.models import Book


class Clock(documents.Document):
    at = documents.DateTimeField(blank=True)
    day = documents.DateField(blank=True)
    stamp = documents.TimestampField(blank=True)
    anything = documents.AnyField(blank=True)
    flags = documents.Int64Field(blank=True)
    colors = documents.ListField(documents.CharField(max_length=5), unique_items=True)
    code = documents.CharField(max_length=3, blank=True, set=str.upper, choices=["AB", "CD"])
    lasts = documents.DurationField(blank=True, null=True)
    either = documents.UnionField(
        documents.CharField(max_length=5), documents.ListField(documents.IntegerField()), blank=True
    )

    class Meta:
        app_label = "update_operands"


class TestCurrentDate:
    """The server's time has the field's type."""

    @pytest.mark.parametrize(
        ("name", "kind"), [("at", "date"), ("stamp", "timestamp"), ("anything", "date")]
    )
    def test_kinds(self, name, kind):
        """A moment is a date, an internal one a timestamp."""
        assert compile_update(Clock._meta, {name: ops.CurrentDate()}) == {
            "$currentDate": {name: {"$type": kind}}
        }

    def test_day(self):
        """A day is a midnight, so that the server's time is none."""
        with pytest.raises(ValidationError) as caught:
            compile_update(Clock._meta, {"day": ops.CurrentDate()})

        assert caught.value.message_dict == {
            "day": ["“the current date” is not valid, expected a date."]
        }


class TestBit:
    """Bits are those of whole numbers."""

    def test_long(self):
        """The number has the field's type."""
        compiled = compile_update(Clock._meta, {"flags": ops.Bit(or_=1)})

        assert compiled == {"$bit": {"flags": {"or": 1}}}
        assert type(compiled["$bit"]["flags"]["or"]).__name__ == "Int64"

    @pytest.mark.parametrize("path", ["at", "code"])
    def test_others(self, path):
        """Other fields have none."""
        with pytest.raises(ValidationError):
            compile_update(Clock._meta, {path: ops.Bit(or_=1)})


class TestDuration:
    """Durations are added, and multiplied by numbers."""

    SECOND = datetime.timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (F("lasts") + SECOND, {"$inc": {"lasts": 1_000_000}}),
            (F("lasts") - SECOND, {"$inc": {"lasts": -1_000_000}}),
            (F("lasts") * 2, {"$mul": {"lasts": 2}}),
            (ops.Mul(2), {"$mul": {"lasts": 2}}),
            (ops.Max(SECOND), {"$max": {"lasts": 1_000_000}}),
        ],
        ids=str,
    )
    def test_operators(self, value, expected):
        """The factor is a plain number."""
        assert compile_update(Clock._meta, {"lasts": value}) == expected

    def test_fraction(self, mongo):
        """A broken factor makes a whole number again."""
        Clock.objects.create(lasts=3 * self.SECOND, flags=5)

        Clock.objects.update(lasts=F("lasts") * 1.5, flags=F("flags") * 0.5, allow_all=True)

        clock = Clock.objects.get()
        assert (clock.lasts, clock.flags) == (4.5 * self.SECOND, 2)
        assert clock.read_errors == {}
        with pytest.raises(ValidationError):
            Clock.objects.update(lasts=ops.Mul(1.5), allow_all=True)


class TestUnion:
    """A union with a list takes the operators of lists."""

    def test_push(self):
        """Elements are those of its list."""
        assert compile_update(Clock._meta, {"either": ops.Push("3")}) == {
            "$push": {"either": {"$each": [3]}}
        }


class TestPush:
    """Modifiers are checked, a sort is by names."""

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            (-1, -1),
            ("pages", {"p": 1}),
            ("-pages", {"p": -1}),
            (["-pages", "title"], {"p": -1, "title": 1}),
            ({"pages": -1}, {"p": -1}),
        ],
        ids=str,
    )
    def test_sort(self, sort, expected):
        """Paths of names become stored keys."""
        compiled = compile_update(Book._meta, {"chapters": ops.Push(each=[], sort=sort)})

        assert compiled == {"$push": {"chapters": {"$each": [], "$sort": expected}}}

    @pytest.mark.parametrize("sort", [0, 2, True, "nothing", [], {"pages": 5}, 1.5], ids=str)
    def test_wrong_sort(self, sort):
        """Anything else is refused."""
        with pytest.raises(FieldError):
            compile_update(Book._meta, {"chapters": ops.Push(each=[], sort=sort)})

    def test_sort_of_scalars(self):
        """Elements that are no documents have no paths."""
        with pytest.raises(FieldError) as caught:
            compile_update(Book._meta, {"tags": ops.Push(each=[], sort="a")})

        assert str(caught.value) == "Push(sort='a'): the elements are text, expected 1 or -1."

    @pytest.mark.parametrize("name", ["position", "slice"])
    def test_wrong_number(self, name):
        """A position and a slice are whole numbers."""
        with pytest.raises(TypeError) as caught:
            ops.Push("x", **{name: "1"})

        assert str(caught.value) == f"Push({name}='1'): expected a whole number."

    def test_unique_items(self):
        """A list without repetitions is added to as a set."""
        with pytest.raises(ValidationError) as caught:
            compile_update(Clock._meta, {"colors": ops.Push("red")})

        assert caught.value.message_dict == {
            "colors": ["Push may store an item twice, expected AddToSet."]
        }
        assert compile_update(Clock._meta, {"colors": ops.AddToSet("red")})


class TestField:
    """Values pass the functions of `set`, and the choices."""

    def test_set(self):
        """As on assignment."""
        assert compile_update(Clock._meta, {"code": "ab"}) == {"$set": {"code": "AB"}}

    def test_choices(self):
        """And are refused as on validation, unless nothing is judged."""
        with pytest.raises(ValidationError) as caught:
            compile_update(Clock._meta, {"code": ops.Max("xy")})

        assert caught.value.message_dict == {"code": ["Value 'XY' is not a valid choice."]}
        assert compile_update(Clock._meta, {"code": "xy"}, validate=False)

    def test_key_of_a_map(self):
        """A key of a map may always go, a required field never."""
        assert compile_update(Book._meta, {"counts__a": ops.Unset()}) == {
            "$unset": {"counts.a": ""}
        }
        with pytest.raises(ValidationError):
            compile_update(Book._meta, {"title": ops.Unset()})


class TestMistakes:
    """What is no operand."""

    @pytest.mark.parametrize("given", [3, "ab", {"a": 1}])
    @pytest.mark.parametrize(
        ("make", "where"),
        [
            (lambda given: ops.Push(each=given), "Push(each=)"),
            (lambda given: ops.AddToSet(each=given), "AddToSet(each=)"),
            (ops.PullAll, "PullAll()"),
        ],
        ids=["Push", "AddToSet", "PullAll"],
    )
    def test_elements(self, make, where, given):
        """Elements come in a list; text is none."""
        with pytest.raises(TypeError) as caught:
            make(given)

        assert str(caught.value) == f"{where}: {given!r}, expected a list of elements."

    def test_classes(self):
        """An operator that needs no operand may be given as its class."""
        assert compile_update(Clock._meta, {"day": ops.Unset, "at": ops.CurrentDate}) == {
            "$unset": {"day": ""},
            "$currentDate": {"at": {"$type": "date"}},
        }
