"""Random document classes with random valid values, for property tests."""

import datetime
import enum
import itertools
import math
import re
from decimal import Decimal
from typing import Any, NamedTuple

from bson import Binary, Code, DBRef, Int64, MaxKey, MinKey, ObjectId, Regex
from bson.timestamp import Timestamp
from django.db.models import IntegerChoices, TextChoices
from hypothesis import strategies as st

from docmodels import documents

INT32, INT64 = 2**31, 2**63
#: Numbers by which encodings and ranges differ.
EDGES = [0, 1, -1, INT32 - 1, INT32, -INT32, -INT32 - 1, 2**53 + 1, INT64 - 1, -INT64]


class Level(IntegerChoices):
    LOW = 1
    HIGH = 2**40


class Colour(TextChoices):
    RED = "red"
    NONE = "", "none"


class Rate(enum.Enum):
    HALF = Decimal("0.50")
    ALL = Decimal("1")


class Place(documents.EmbeddedDocument):
    name = documents.CharField(blank=True)
    size = documents.IntegerField(blank=True, null=True)

    class Meta:
        app_label = "random"


class Target(documents.Document):
    key = documents.UUIDField(primary_key=True)

    class Meta:
        app_label = "random"


# Values

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
INTEGERS = st.one_of(st.sampled_from(EDGES), st.integers(-INT64, INT64 - 1))
FLOATS = st.one_of(
    st.sampled_from([0.0, -0.0, 5e-324, 1.7976931348623157e308, 1.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
ANY_FLOATS = st.one_of(st.sampled_from([math.nan, math.inf, -math.inf]), FLOATS)
DECIMALS = st.one_of(
    st.sampled_from(["0", "-0", "0.00", "9" * 34, "1E-6176", "9.9E+6144", "0E+6111", "-0E-6176"]),
    st.tuples(st.integers(-(10**34) + 1, 10**34 - 1), st.integers(-6176, 6111)).map(
        lambda parts: f"{parts[0]}E{parts[1]}"
    ),
).map(Decimal)
ANY_DECIMALS = st.one_of(st.sampled_from(["NaN", "Infinity", "-Infinity"]).map(Decimal), DECIMALS)
ZONES = st.sampled_from(
    [datetime.UTC, *(datetime.timezone(datetime.timedelta(minutes=m)) for m in (-720, 345))]
)
MOMENTS = st.one_of(
    st.sampled_from(
        [
            datetime.datetime.min.replace(tzinfo=datetime.UTC),
            datetime.datetime.max.replace(tzinfo=datetime.UTC),
            datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=datetime.UTC),
        ]
    ),
    st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30), timezones=ZONES),
)
OBJECT_IDS = st.binary(min_size=12, max_size=12).map(ObjectId)
BLOBS = st.one_of(
    st.binary(max_size=20),
    # 2, 3 and 4 have encodings of their own.
    st.builds(Binary, st.binary(max_size=20), st.sampled_from([0, 1, 5, 6, 8, 128, 255])),
)
TIMESTAMPS = st.builds(Timestamp, st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1))
PATTERNS = st.builds(
    Regex,
    st.sampled_from(["", "^a", "ä+", r"\d{2}", "a/b", "(?i)x"]),
    st.sampled_from([0, re.I, re.M | re.S, re.X, re.I | re.M | re.S | re.X]),
)
CODES = st.one_of(
    st.builds(Code, st.sampled_from(["x", "function () { return 1 }"])),
    st.builds(Code, st.just("y"), st.just({"a": 1})),
)
REFERENCES = st.builds(
    DBRef, st.sampled_from(["a", "b.c"]), OBJECT_IDS, st.sampled_from([None, "d"])
)
KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0.$"), min_size=1, max_size=5
)
ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), INTEGERS, INTEGERS.map(Int64), ANY_FLOATS, ANY_DECIMALS, TEXTS,
        MOMENTS, OBJECT_IDS, BLOBS, TIMESTAMPS, PATTERNS, CODES, REFERENCES, st.uuids(),
        st.sampled_from([MinKey(), MaxKey()]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=5,
)
POINTS = st.builds(
    documents.Point,
    st.one_of(st.sampled_from([-180.0, 0.0, 180.0]), st.floats(-180, 180)),
    st.one_of(st.sampled_from([-90.0, 0.0, 90.0]), st.floats(-90, 90)),
)
LINES = st.lists(POINTS, min_size=2, max_size=4, unique=True).map(documents.LineString)
POLYGONS = st.tuples(st.floats(-170, 170), st.floats(-80, 80), st.floats(0.5, 5)).map(
    lambda at: documents.Polygon(
        [[
            (at[0], at[1]),
            (at[0] + at[2], at[1]),
            (at[0] + at[2], at[1] + at[2]),
            (at[0], at[1]),
        ]]
    )
)  # fmt: skip
PLACES = st.builds(
    lambda given: Place(**given),
    st.fixed_dictionaries({}, optional={"name": TEXTS, "size": st.none() | INTEGERS}),
)


def cut_to(precision):
    """Return durations that are a whole number of `precision` microseconds."""
    step = datetime.timedelta(microseconds=precision)
    # As many as 64 bits count.
    low = max(datetime.timedelta.min // step, -INT64)
    high = min(datetime.timedelta.max // step, INT64 - 1)
    counts = st.one_of(st.sampled_from([low, high, 0]), st.integers(low, high))
    return counts.map(lambda count: count * step)


class Kind(NamedTuple):
    """A family of fields, with values that its fields keep as they are."""

    make: Any
    values: Any
    options: dict = {}


#: Every family but files, which are stored beside the document.
KINDS = [
    Kind(documents.CharField, TEXTS),
    Kind(documents.TextField, TEXTS),
    Kind(documents.EmailField, st.sampled_from(["a@b.org", "x.y+z@example.com"])),
    Kind(documents.URLField, st.sampled_from(["https://example.org/ä?x=1", "ftp://a.org"])),
    Kind(documents.SlugField, st.from_regex(r"\A[-a-z0-9_]{1,5}\Z")),
    Kind(documents.IPAddressField, st.ip_addresses().map(str)),
    Kind(documents.IntegerField, INTEGERS),
    Kind(documents.Int32Field, st.integers(-INT32, INT32 - 1)),
    Kind(documents.Int64Field, INTEGERS),
    Kind(documents.FloatField, FLOATS),
    Kind(documents.FloatField, ANY_FLOATS, {"allow_nan": True}),
    Kind(documents.DecimalField, DECIMALS),
    Kind(documents.DecimalField, ANY_DECIMALS, {"allow_nan": True}),
    Kind(documents.BooleanField, st.booleans()),
    Kind(documents.ObjectIdField, OBJECT_IDS),
    Kind(documents.UUIDField, st.uuids()),
    Kind(documents.BinaryField, st.one_of(BLOBS, st.uuids())),
    Kind(documents.DateTimeField, MOMENTS),
    Kind(documents.DateField, st.dates()),
    Kind(documents.DurationField, cut_to(1)),
    Kind(documents.DurationField, cut_to(1_000_000), {"unit": "seconds"}),
    Kind(documents.TimeField, st.times()),
    Kind(documents.TimeField, st.times(), {"timespec": "minutes"}),
    Kind(lambda **options: documents.EnumField(Level, **options), st.sampled_from(Level)),
    Kind(lambda **options: documents.EnumField(Colour, **options), st.sampled_from(Colour)),
    Kind(lambda **options: documents.EnumField(Rate, **options), st.sampled_from(Rate)),
    Kind(documents.AnyField, ANYTHING),
    Kind(documents.JSONField, JSON),
    Kind(documents.TimestampField, TIMESTAMPS),
    Kind(documents.RegexField, PATTERNS),
    Kind(documents.CodeField, CODES),
    Kind(documents.DBRefField, REFERENCES),
    Kind(documents.PointField, POINTS),
    Kind(documents.LineStringField, LINES),
    Kind(documents.PolygonField, POLYGONS),
    Kind(
        documents.MultiPointField,
        st.lists(POINTS, min_size=1, max_size=3).map(documents.MultiPoint),
    ),
    Kind(
        documents.MultiLineStringField,
        st.lists(LINES, min_size=1, max_size=2).map(documents.MultiLineString),
    ),
    Kind(
        documents.MultiPolygonField,
        st.lists(POLYGONS, min_size=1, max_size=2).map(documents.MultiPolygon),
    ),
    Kind(
        documents.GeometryCollectionField,
        st.lists(POINTS | LINES | POLYGONS, min_size=1, max_size=2).map(
            documents.GeometryCollection
        ),
    ),
    Kind(documents.GeometryField, POINTS | LINES | POLYGONS),
    Kind(lambda **options: documents.ReferenceField(Target, **options), st.uuids()),
    Kind(
        lambda **options: documents.UnionField(
            documents.IntegerField(), documents.DecimalField(), documents.DateField(),
            documents.CharField(blank=True), documents.EmbeddedField(Place), **options
        ),
        st.one_of(INTEGERS, DECIMALS, st.dates(), TEXTS, PLACES),
    ),
]  # fmt: skip


#: Numbers of classes and of stored keys, which are not to be taken twice.
_numbers = itertools.count()


class Drawn(NamedTuple):
    """A field, and values of it."""

    field: Any
    values: Any


@st.composite
def scalars(draw, **options):
    """Draw a field of one value."""
    kind = draw(st.sampled_from(KINDS))
    return Drawn(kind.make(**kind.options, **options), kind.values)


@st.composite
def fields(draw, depth=2):
    """Draw a field of any family, with containers `depth` deep."""
    options = {"null": draw(st.booleans()), "blank": True, "hidden": draw(st.booleans())}
    if draw(st.booleans()):
        options["db_field"] = f"Käse {next(_numbers)}"
    shape = draw(st.sampled_from(["scalar", "list", "map", "document", "documents"]))
    if shape == "scalar" or not depth:
        return draw(scalars(**options))
    if shape in {"document", "documents"}:
        cls, values = draw(embedded(depth - 1))
        if shape == "document":
            return Drawn(documents.EmbeddedField(cls, **options), values)
        return Drawn(documents.EmbeddedListField(cls, **options), st.lists(values, max_size=3))
    inner = draw(fields(depth - 1))
    inner.field.hidden = False
    values = st.none() | inner.values if inner.field.null else inner.values
    if shape == "list":
        return Drawn(documents.ListField(inner.field, **options), st.lists(values, max_size=3))
    return Drawn(
        documents.MapField(inner.field, **options), st.dictionaries(KEYS, values, max_size=3)
    )


def values_of(drawn):
    """Return a strategy of values by name: of each field one, null, or none at all."""
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.none() | found.values if found.field.null else found.values
            for name, found in drawn.items()
        },
    )


@st.composite
def embedded(draw, depth):
    """Draw a class of embedded documents, and a strategy of its instances."""
    drawn = draw_fields(draw, depth)
    cls = make_class("Part", documents.EmbeddedDocument, drawn, minimize=draw(st.booleans()))
    return cls, values_of(drawn).map(lambda given: cls(**given))


@st.composite
def random_documents(draw):
    """Draw a class of documents, and return an instance."""
    drawn = draw_fields(draw, 2)
    cls = make_class("Whole", documents.Document, drawn, minimize=draw(st.booleans()))
    return cls(**draw(values_of(drawn)))


def draw_fields(draw, depth):
    """Return fields by name, some of them stored under another key."""
    drawn = draw(st.lists(fields(depth), min_size=1, max_size=4))
    return {f"f{number}": found for number, found in enumerate(drawn)}


def make_class(name, base, drawn, *, minimize):
    """Make a class that pickles find in this module."""
    name = f"{name}{next(_numbers) % 1000}"
    meta: Any = type(
        "Meta", (), {"app_label": "random", "collection": "random", "minimize": minimize}
    )
    if base is documents.EmbeddedDocument:
        del meta.collection
    namespace = {n: found.field for n, found in drawn.items()}
    # A class of the same name replaces the older one, as a module that is run again does.
    namespace |= {"__module__": __name__, "__qualname__": name, "Meta": meta}
    cls = type(base)(name, (base,), namespace)
    globals()[name] = cls
    return cls
