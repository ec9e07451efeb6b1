"""The functions that are generated for new objects do what is done one by one otherwise."""

import inspect
from decimal import Decimal
from weakref import ref

import pytest
from bson import Decimal128
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from docmodels import documents, signals
from docmodels.codecs import (
    bounds_by_upper_half,
    from_decimal,
    from_short_decimal,
    is_within,
)
from docmodels.documents.filling import fill_closely
from docmodels.exceptions import UnknownField
from docmodels.fields import ANY
from docmodels.tracking import MISSING, Tracked, TrackedDict
from tests.fields.plain import KEY, NOON, VALUES, Owner, Part, Thing

NAMES = [field.name for field in Thing._meta.fields if field.name != "id"]
#: Values as a program has them, of the declared classes.
GIVEN = [
    *VALUES,
    *(Decimal(text) for text in ("0", "-0.0", "1.50", "999.99", "1E+2", "NaN", "1e-40")),
    *("\x00", "\ud800", "a\x00", 2**63, -(2**63) - 1, NOON.replace(microsecond=1500)),
    *(NOON.replace(tzinfo=None), Owner(id=KEY), Part(code="abc", amount=1), Part(code="abcd")),
    *([Part(code="abc", amount=1)], [Part(), None], ["a", 1, None], ("abc",), {"abc"}),
    *({"code": "abc", "amount": "1"}, {"code": "abc", "amount": 1}, {"code": 5}, {"code": None}),
    *({}, {"kode": "abc"}, {"code": "\ud800"}, {1: 2}, TrackedDict.load({"code": "a"}, ANY)),
    *(
        [{"code": "abc"}, Part(code="b")],
        [{"code": "abc"}, {"kode": "b"}],
        [{}],
        [{"code": "a"}, 1],
    ),
]
GOOD = {
    "text": "abc", "loose": None, "number": 7, "ratio": 0.5, "price": Decimal("1.50"),
    "any_price": Decimal("-12.345"), "flag": True, "moment": NOON, "key": KEY, "owner": KEY,
    "tags": ["a", "ö"], "part": Part(code="abc", amount=1),
    "parts": [Part(code="a", amount=2, note="n"), Part(code="b", amount=3)],
}  # fmt: skip


def filled_closely(values):
    """Return what the constructor makes, by the way that knows no shorter one."""
    thing = object.__new__(Thing)
    fill_closely(thing, **values)
    return thing


def has_meta(value):
    """Tell whether a value is an embedded document."""
    return isinstance(value, documents.EmbeddedDocument)


def state(document):
    """Return all that is known of a document, comparable."""
    slots = {}
    for field in document._meta.fields:
        # What was given may be kept until it is read, which it is here.
        value = document._slot_value(field)
        if value is MISSING:
            continue
        inside = [state(v) for v in (value if isinstance(value, list) else [value]) if has_meta(v)]
        original = value.original() if isinstance(value, Tracked) else None
        slots[field.name] = (type(value), repr(value), original, inside)
    errors = {path: [str(e) for e in found] for path, found in document._errors.items()}
    return slots, errors, document._changed, document._defaulted, dict(document._related).keys()


class TestInit:
    """The constructor that is generated for each class."""

    @pytest.mark.parametrize("name", NAMES)
    def test_casts_as_assigning_does(self, name):
        """Every value leads to the same slot, or to the same error."""
        for value in GIVEN:
            given = list(value) if isinstance(value, list) else value

            made = Thing(**{name: given})

            assert state(made) == state(filled_closely({name: given})), repr(value)

    def test_given_lists_are_copied(self):
        """The list of the caller stays the caller's."""
        tags = ["a"]
        thing = Thing(tags=tags)

        tags.append("b")

        assert thing.tags == ["a"]

    def test_parents_are_known(self):
        """Embedded documents know the document that they were given to."""
        thing = Thing(part=Part(code="a"), parts=[Part(code="b")])

        assert thing.part._parent is ref(thing)
        assert thing.parts[0].parent is thing

    def test_embedded_values_by_name(self):
        """A dict in place of an embedded document is read by a class as it says itself."""

        class Kind(documents.EmbeddedDocument):
            code = documents.CharField()
            at = documents.DateTimeField(default=lambda: NOON)

        class Child(Kind):
            more = documents.IntegerField()

        class Counted(documents.EmbeddedDocument):
            code = documents.CharField()

            @classmethod
            def from_dict(cls, values, **options):
                return super().from_dict({**values, "code": "own"}, **options)

        class Holder(documents.EmbeddedDocument):
            kind = documents.EmbeddedField(Kind)
            kinds = documents.EmbeddedListField(Kind)
            counted = documents.EmbeddedField(Counted)

        kind = {"code": "a"}
        child = {Kind._meta.discriminator_key: Child._meta.discriminator, "code": "b", "more": 1}
        for _time in range(2):
            made = Holder(kind=kind, kinds=[child, kind], counted={"code": "x"})

            assert [type(k) for k in (made.kind, *made.kinds)] == [Kind, Child, Kind]
            assert (made.kind.at, made.kinds[1].at, made.kinds[0].more) == (NOON, NOON, 1)
            assert made.counted.code == "own"
            assert made.kind.parent is made
            assert made.kinds[1].parent is made
        assert kind == {"code": "a"}

    def test_names_of_python(self):
        """Fields may be called as anything that the generated lines could use."""
        fields = {
            name: documents.IntegerField()
            for name in ("self", "list", "str", "int", "ref", "cls", "MISSING", "datetime", "class")
        }
        Named = type("Named", (documents.EmbeddedDocument,), {**fields, "__module__": __name__})
        Short = type(
            "Short",
            (documents.EmbeddedDocument,),
            {n: f.clone() for n, f in fields.items() if n != "class"} | {"__module__": __name__},
        )

        values = {name: number for number, name in enumerate(fields)}
        for cls in (Named, Named, Short, Short):
            mine = {name: values[name] for name in cls._meta.by_name}
            assert cls(**mine).to_mongo() == mine

    def test_signature(self):
        """The arguments are the fields."""
        Thing()

        assert list(inspect.signature(Thing).parameters)[1:-1] == [
            f.name for f in Thing._meta.fields
        ]

    def test_values_of_others_come_after_the_fields(self):
        """A virtual is set when the fields are there, whatever the order of the arguments."""

        class Named(documents.EmbeddedDocument):
            first = documents.CharField()
            last = documents.CharField(blank=True)

            @documents.virtual
            def shouted(self):
                return self.first.upper()

            @shouted.setter
            def shouted(self, value):
                self.last = f"{self.first} {value}"

        for _time in range(2):
            assert Named(shouted="X", first="a").last == "a X"

    def test_attname_and_unknown_names(self):
        """A reference is given by its key as well; an unknown name raises each time."""
        for _time in range(2):
            assert Thing(owner_id=KEY).owner_id == KEY
            with pytest.raises(UnknownField):
                Thing(teext="a")
            with pytest.raises(UnknownField):
                Thing(_self=1)
            with pytest.raises(TypeError, match="given twice"):
                Thing(None, "abc", text="abd")

    def test_own_constructors(self):
        """A class, or a mixin, with an `__init__` keeps it, below and above others."""

        class Counted:
            made = 0

            def __init__(self, *args, **values):
                type(self).made += 1
                super().__init__(*args, **values)

        class Mixed(Counted, documents.EmbeddedDocument):
            code = documents.CharField()

        class Base(documents.EmbeddedDocument):
            code = documents.CharField()

        class Own(Base):
            more = documents.CharField()

            def __init__(self, **values):
                super().__init__(more="m", **values)

        class Below(Own):
            last = documents.IntegerField()

        assert [Mixed(code="a").code, Mixed(code="b").code, Mixed.made] == ["a", "b", 2]
        for _time in range(2):
            assert Base(code="a").code == "a"
            assert Own(code="a").to_mongo() == {"code": "a", "more": "m"}
            assert Below(code="a", last=1).to_mongo() == {"code": "a", "more": "m", "last": 1}

    def test_signals_of_later(self):
        """Who listens to the signals hears of every new object, also after the first ones."""
        heard = []

        def listen(**about):
            heard.append((about["signal"], about.get("kwargs")))

        Thing(text="abc")
        signals.pre_init.connect(listen, sender=Thing)
        signals.post_init.connect(listen, sender=Thing)
        try:
            Thing(text="abc")
        finally:
            signals.pre_init.disconnect(listen, sender=Thing)
            signals.post_init.disconnect(listen, sender=Thing)
        Thing(text="abc")

        assert heard == [(signals.pre_init, {"text": "abc"}), (signals.post_init, None)]


class TestJudge:
    """Judging and encoding a new document at once."""

    @pytest.mark.parametrize("name", NAMES)
    def test_agrees(self, name):
        """What it encodes has no errors, and is what is encoded otherwise."""
        encoded = 0
        for value in GIVEN:
            values = GOOD | {name: value}
            thing = Thing(id=KEY, **values)
            raw = Thing._meta.judge(thing)
            if raw is not None:
                encoded += 1
                assert not thing.collect_errors()
                expected = thing._to_insert()
                assert list(raw.items()) == list(expected.items())
                assert [type(v) for v in raw.values()] == [type(v) for v in expected.values()]
                assert Thing._meta.is_right(thing)
            elif not thing.collect_errors() and name not in {"part", "parts"}:
                # Only what is rare may be looked at closely without need.
                assert isinstance(value, (Decimal, Decimal128, dict)) or value is None, repr(value)

        assert encoded

    def test_needs_a_look(self):
        """Errors of casts, undeclared data and missing values are for the close look."""
        judge = Thing._meta.judge
        thing = Thing(id=KEY, **GOOD)
        assert judge(thing) is not None

        thing.undeclared["more"] = 1
        assert judge(thing) is None
        assert judge(Thing(id=KEY, **GOOD | {"number": "x"})) is None
        assert judge(Thing(**GOOD)) is None
        assert judge(Thing(id=KEY, **{n: v for n, v in GOOD.items() if n != "text"})) is None

    def test_own_ways(self):
        """A class that judges or encodes itself has no such function."""

        class Cleaned(documents.Document):
            def clean(self):
                raise ValidationError("never")

        class Encoded(documents.Document):
            def to_mongo(self):
                return {**super().to_mongo(), "more": 1}

        assert Cleaned._meta.judge is Encoded._meta.judge is None
        assert Cleaned._meta.is_right is None


class TestSettle:
    """Taking a new document as stored."""

    def test_settles_all_inside(self):
        """Nothing of it is new afterwards, at any depth, and later changes are known."""
        thing = Thing(id=KEY, **GOOD | {"parts": [Part(code="a", amount=2)]})

        thing._mark_stored("default")

        assert not thing.is_modified()
        assert not any(
            value.is_changed()
            for value in (thing.tags, thing.part, thing.parts, *thing.parts)
            if isinstance(value, Tracked)
        )
        thing.parts[0].code = "b"
        thing.tags.append("x")
        assert thing.pending_update()[1] == {
            "$set": {"parts.0.code": "b"},
            "$push": {"tags": "x"},
            "$inc": {"__v": 1},
        }


class TestDecimals:
    """Decimals by the text of their digits."""

    @given(st.decimals(allow_nan=True, allow_infinity=True))
    def test_short_ones_are_exact(self, value):
        """What is converted at once has the bits of the driver's own conversion."""
        found = from_short_decimal(value, 34, 34, 34)

        if found is not None:
            assert found.bid == Decimal128(value).bid == from_decimal(value).bid

    @given(
        st.decimals(allow_nan=True, allow_infinity=True, places=None),
        st.integers(0, 12),
        st.integers(0, 12),
        st.integers(1, 24),
    )
    def test_is_within(self, value, whole, places, digits):
        """What is told to be short has no more digits, as decimal and as stored."""
        for seen in (
            value,
            from_decimal(value) if value.is_finite() and is_short(value) else value,
        ):
            if is_within(seen, whole, places, digits):
                _sign, figures, exponent = value.as_tuple()

                assert 0 <= -exponent <= places
                assert len(figures) + exponent <= max(whole, 1)
                assert len(figures) <= digits

    @given(
        st.integers(-(10**20), 10**20), st.integers(-3, 24), st.integers(0, 12), st.integers(0, 12)
    )
    def test_the_upper_half_bounds_the_lower_one(self, coefficient, behind, whole, places):
        """One look tells what `is_within` tells, of all numbers that the lower half holds."""
        stored = Decimal128(Decimal(coefficient).scaleb(-behind))
        upper, lower = stored.__getstate__()
        bounds = bounds_by_upper_half(whole, places, whole + places)

        told = lower < bounds.get(upper, 0)

        if abs(coefficient) < 2**64:
            assert told == is_within(stored, whole, places, whole + places)
        else:
            assert not told

    @given(st.integers(-(10**12), 10**12), st.integers(0, 6))
    def test_tells_of_most(self, coefficient, places):
        """Numbers of some figures are told at once, as decimal and as stored."""
        value = Decimal(coefficient).scaleb(-places)

        assert is_within(value, 13, 9, 34)
        assert is_within(from_decimal(value), 13, 9, 34)


def is_short(value):
    """Return whether MongoDB stores the value."""
    return len(value.as_tuple().digits) <= 34 and abs(value.adjusted()) < 6000
