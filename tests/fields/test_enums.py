"""`EnumField`: Python's enumerations and Django's choices."""

import decimal
import enum

import pytest
from bson import Int64
from django.core.exceptions import ValidationError
from django.db import models

from docmodels import documents
from docmodels.exceptions import FilterValueError
from tests.fields.casting import assert_cast, assert_refused, name_of
from tests.fields.stored import assert_round_trip


class Color(enum.Enum):
    RED = "red"
    DARK_BLUE = "blue"


class Size(models.TextChoices):
    SMALL = "s", "Rather small"
    LARGE = "l", "Large"


class Level(models.IntegerChoices):
    LOW = 0
    HIGH = 1


class Rate(enum.Enum):
    HALF = decimal.Decimal("0.5")
    FULL = decimal.Decimal("1.0")


class Flag(enum.Enum):
    YES = True
    ONE = 2


class Shirt(documents.Document):
    color = documents.EnumField(Color, default=Color.RED)
    size = documents.EnumField(Size, blank=True, null=True)
    level = documents.EnumField(Level, blank=True)
    rate = documents.EnumField(Rate, blank=True)
    flag = documents.EnumField(Flag, blank=True)
    colors = documents.ListField(documents.EnumField(Color))
    by_size = documents.MapField(documents.EnumField(Level), blank=True)

    class Meta:
        collection = "shirts"


class TestRoundTrip:
    """Saving, loading and finding."""

    @pytest.mark.parametrize(
        ("name", "value", "bson_type"),
        [
            ("color", Color.DARK_BLUE, "string"),
            ("size", Size.LARGE, "string"),
            ("level", Level.LOW, "int"),
            ("rate", Rate.FULL, "decimal"),
            ("flag", Flag.YES, "bool"),
            ("flag", Flag.ONE, "int"),
        ],
        ids=name_of,
    )
    def test_value(self, mongo, name, value, bson_type):
        """The value of the member is stored, the member is read."""
        assert_round_trip(mongo, Shirt, name, value, bson_type)

    def test_containers(self, mongo):
        """Members in lists and maps."""
        Shirt(colors=[Color.RED, "blue"], by_size={"s": "HIGH"}).save()

        loaded = Shirt.objects.get(colors=Color.DARK_BLUE)

        assert loaded.colors == [Color.RED, Color.DARK_BLUE]
        assert loaded.by_size == {"s": Level.HIGH}
        raw = mongo.collection("shirts").find_one()
        assert (raw["colors"], raw["by_size"]) == (["red", "blue"], {"s": 1})

    def test_stored_long(self, mongo):
        """A long is the member of its value, and stays a long."""
        mongo.collection("shirts").insert_one({"color": "red", "level": Int64(1)})
        shirt = Shirt.objects.get()

        shirt.level = Level.HIGH

        assert shirt.level is Level.HIGH
        assert shirt.pending_update()[1] == {}

    def test_unknown_value(self, mongo):
        """A stored value that is no member's is shown, noted, and kept by saves of others."""
        mongo.collection("shirts").insert_one({"color": "pink", "level": True})
        shirt = Shirt.objects.get()

        assert (shirt.color, shirt.level) == ("pink", True)
        assert shirt.read_errors == {
            "color": "Stored as str, expected one of red, blue.",
            "level": "Stored as bool, expected one of 0, 1.",
        }
        with pytest.raises(ValidationError):
            shirt.full_clean()

    def test_default(self):
        """A member as default."""
        assert Shirt().color is Color.RED


class TestCasts:
    """Members, values, names, text of numbers."""

    @pytest.mark.parametrize(
        ("enumeration", "given", "expected"),
        [
            (Color, Color.RED, Color.RED),
            (Color, "red", Color.RED),
            (Color, "DARK_BLUE", Color.DARK_BLUE),
            (Color, "", None),
            (Size, "s", Size.SMALL),
            (Level, "1", Level.HIGH),
            (Level, 0, Level.LOW),
            (Rate, "0.5", Rate.HALF),
        ],
        ids=name_of,
    )
    def test_accepted(self, enumeration, given, expected):
        """They become the member."""
        assert_cast(documents.EnumField(enumeration), given, expected)

    @pytest.mark.parametrize(
        ("enumeration", "given", "message"),
        [
            (Color, "pink", "“pink” is not valid, expected one of red, blue."),
            (Color, Size.SMALL, "“s” is not valid, expected one of red, blue."),
            (Level, True, "“True” is not valid, expected one of 0, 1."),
            (Flag, 1, "“1” is not valid, expected one of True, 2."),
        ],
        ids=name_of,
    )
    def test_refused(self, enumeration, given, message):
        """Everything else is an error with the values."""
        assert_refused(documents.EnumField(enumeration), given, message)

    def test_filters(self):
        """Filters take members, values and names."""
        Shirt(color="blue", level=1).save()

        assert Shirt.objects.filter(color=Color.DARK_BLUE, level__in=["HIGH"]).exists()
        assert Shirt.objects.filter(level__gt=Level.LOW).exists()
        with pytest.raises(FilterValueError):
            Shirt.objects.filter(color="pink")


class TestChoices:
    """Labels."""

    def test_labels(self):
        """Django's labels, or the names of the members."""
        shirt = Shirt(color="blue", size="s", colors=["red"])

        assert shirt.get_color_display() == "Dark blue"
        assert shirt.get_size_display() == "Rather small"
        assert shirt.get_colors_display() == ["Red"]

    def test_fewer(self):
        """`choices` may narrow the enumeration."""
        field = documents.EnumField(Size, choices=[("s", "S")])

        assert_refused(field, "l", "Value 'l' is not a valid choice.")

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (str, "EnumField: <class 'str'>, expected an enumeration."),
            (
                enum.Enum("Where", {"HOME": (1, 2)}),
                "<Where.HOME: (1, 2)>: a tuple as value, expected text or a number.",
            ),
        ],
        ids=name_of,
    )
    def test_mistakes(self, given, message):
        """What cannot be stored is told at the declaration."""
        with pytest.raises(TypeError) as caught:
            documents.EnumField(given)

        assert str(caught.value) == message


def test_json():
    """JSON has the values, which make the same members again."""
    shirt = Shirt(colors=[Color.RED, Color.DARK_BLUE], size=Size.SMALL, rate=Rate.HALF)

    twin = Shirt.from_json(shirt.to_json())

    assert shirt.to_json() == (
        '{"color": "red", "size": "s", "rate": "0.5", "colors": ["red", "blue"]}'
    )
    assert twin.to_dict() == shirt.to_dict()
