"""Lists, maps, embedded documents, references and points as fields."""

import pytest
from bson import Int64, ObjectId
from django.core.exceptions import ValidationError

from docmodels import documents
from tests.fields.casting import assert_refused, name_of


class Part(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=3)
    count = documents.IntegerField(default=1)


class Maker(documents.Document):
    name = documents.CharField()


class Product(documents.Document):
    maker = documents.ReferenceField(Maker)
    makers = documents.ListField(documents.ReferenceField(Maker))


def refused(field, given):
    """Return the messages by path of a value that is refused."""
    with pytest.raises(ValidationError) as caught:
        field.clean(given)
    return caught.value.message_dict


class TestListField:
    """`ListField`."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [([1, "2"], [1, 2]), ((1,), [1]), (range(2), [0, 1]), (5, [5]), ("5", [5]), ([], [])],
        ids=name_of,
    )
    def test_accepted(self, given, expected):
        """Elements are cast, and a scalar becomes a list of one (C2)."""
        assert documents.ListField(documents.IntegerField()).clean(given) == expected

    def test_errors_have_the_index(self):
        """Every bad element is an error at its own index."""
        field = documents.ListField(documents.IntegerField(max_value=9))

        assert refused(field, [1, "x", 2, "y"]) == {
            "1": ["“x” is not valid, expected a whole number."],
            "3": ["“y” is not valid, expected a whole number."],
        }
        assert refused(field, [1, 10]) == {"1": ["Ensure this value is less than or equal to 9."]}

    def test_number_of_items(self):
        """`min_items` and `max_items` bound the list; `[]` passes without them (V2)."""
        assert documents.ListField().clean([]) == []
        assert_refused(
            documents.ListField(min_items=1), [], "At least 1 item is needed (there are 0)."
        )
        assert_refused(
            documents.ListField(max_items=1), [1, 2], "At most 1 item is allowed (there are 2)."
        )

    def test_equal_but_for_types(self):
        """Plain ints over stored longs are the same, and new ones become longs."""
        field = documents.ListField(documents.IntegerField())

        assert field.same([Int64(1), Int64(2)], [1, 2])
        kept = field.keep_type([Int64(1), None], field.to_python([7, 8, 9]))
        assert [type(item) for item in kept] == [Int64, int, int]


class TestMapField:
    """`MapField`."""

    def test_values_are_cast(self):
        """Values are cast by the field of the values."""
        assert documents.MapField(documents.IntegerField()).clean({"a": "1"}) == {"a": 1}

    def test_empty(self):
        """An empty map is a value, as an empty list is; a missing one is none."""

        class Shelf(documents.Document):
            sizes = documents.MapField(documents.IntegerField())

            class Meta:
                app_label = "containers"

        assert Shelf(sizes={}).collect_errors() == {}
        assert list(Shelf().collect_errors()) == ["sizes"]

    def test_errors_have_the_key(self):
        """A bad value is an error at its key."""
        field = documents.MapField(documents.IntegerField())

        assert refused(field, {"a": "x", "b": 1}) == {
            "a": ["“x” is not valid, expected a whole number."]
        }

    @pytest.mark.parametrize("key", ["$x", "a.b", "", "a\x00", "\udfff", 5], ids=name_of)
    def test_keys(self, key):
        """A key that no update can name is refused."""
        assert_refused(
            documents.MapField(),
            {key: 1},
            f"The key {key!r} cannot be stored: keys are text without '.', NUL or leading '$'.",
        )

    def test_no_map(self):
        """Anything but a map is refused."""
        assert_refused(documents.MapField(), [1], "“[1]” is not valid, expected a map.")

    def test_equal_in_another_order(self):
        """A map with the same items is the same, and keeps its longs."""
        field = documents.MapField(documents.IntegerField())

        assert field.same({"a": Int64(1), "b": 2}, {"b": 2, "a": 1})
        assert type(field.keep_type({"a": Int64(1)}, field.to_python({"a": 2}))["a"]) is Int64


class TestEmbeddedField:
    """`EmbeddedField` and `EmbeddedListField`."""

    def test_dict_becomes_a_document(self):
        """A dict by field names is cast, and defaults are filled in."""
        part = documents.EmbeddedField(Part).clean({"sku": "a"})

        assert part == Part(sku="a", count=1)

    def test_errors_have_the_path(self):
        """Errors are below the path of the embedded document."""
        field = documents.EmbeddedListField(Part)

        assert refused(field, [{"sku": "a"}, {"sku": "abcd", "count": 1}]) == {
            "1.sku": ["Ensure this value has at most 3 characters (it has 4)."]
        }
        assert refused(field, [{"sku": "a", "count": "x"}]) == {
            "0.count": ["“x” is not valid, expected a whole number."]
        }

    def test_unknown_name(self):
        """An undeclared name is refused, with the nearest one."""
        assert_refused(
            documents.EmbeddedField(Part),
            {"skuu": "a"},
            "Part.skuu: no such field. Did you mean 'sku'?",
        )

    @pytest.mark.parametrize("given", ["a", 5, [1]], ids=name_of)
    def test_other_types(self, given):
        """Anything but an instance or a dict is refused."""
        assert_refused(
            documents.EmbeddedField(Part),
            given,
            f"“{given!r}” is not valid, expected Part or a dict.",
        )

    def test_class_is_demanded(self):
        """A field of something else than an embedded document is a mistake."""
        with pytest.raises(TypeError) as caught:
            documents.EmbeddedField(dict)

        assert str(caught.value) == (
            "EmbeddedField: <class 'dict'>, expected a subclass of EmbeddedDocument."
        )


class TestReferenceField:
    """`ReferenceField`."""

    def test_keys_and_instances(self):
        """A key is cast as the target's key; an instance gives its key."""
        maker = Maker(id=ObjectId())
        field = Product._meta.get_field("maker")

        assert field.to_python(str(maker.pk)) == maker.pk
        assert field.to_python(maker) == maker.pk
        assert field.attname == "maker_id"

    def test_in_a_list(self):
        """The elements of a list are keys."""
        maker = Maker(id=ObjectId())

        product = Product(makers=[maker, str(maker.pk)])

        assert product.makers == [maker.pk, maker.pk]

    def test_unsaved_instance(self):
        """An instance without key is refused."""
        assert_refused(
            Product._meta.get_field("maker"), Maker(), "Maker has no key yet; save it first."
        )

    def test_bad_key(self):
        """A key that the target could not have is refused."""
        assert_refused(
            Product._meta.get_field("maker"),
            "x",
            "“x” is not valid, expected an ObjectId (24 hexadecimal digits).",
        )


class TestPointField:
    """`PointField`."""

    @pytest.mark.parametrize(
        "given",
        [
            (13.4, 52.5),
            [13.4, 52.5],
            ["13.4", "52.5"],
            {"type": "Point", "coordinates": [13.4, 52.5]},
            documents.Point(13.4, 52.5),
        ],
        ids=name_of,
    )
    def test_accepted(self, given):
        """Pairs and GeoJSON become a point, longitude first."""
        point = documents.PointField().clean(given)

        assert point == documents.Point(13.4, 52.5)
        assert (point.longitude, point.latitude) == (point.x, point.y) == (13.4, 52.5)
        assert point.to_geojson() == {"type": "Point", "coordinates": [13.4, 52.5]}

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ((181, 0), "Longitude 181.0, latitude 0.0 is not on the globe."),
            ((0, 91), "Longitude 0.0, latitude 91.0 is not on the globe."),
            ((float("nan"), 0), "Longitude nan, latitude 0.0 is not on the globe."),
            (
                (1, 2, 3),
                "“(1, 2, 3)” is not valid, expected a GeoJSON Point or a (longitude, latitude) "
                "pair.",
            ),
            (
                {"type": "Polygon"},
                "“{'type': 'Polygon'}” is not valid, expected a GeoJSON Point or a (longitude, "
                "latitude) pair.",
            ),
            (
                ("a", "b"),
                "“('a', 'b')” is not valid, expected a GeoJSON Point or a (longitude, latitude) "
                "pair.",
            ),
        ],
        ids=name_of,
    )
    def test_refused(self, given, message):
        """What is no position on the globe is refused."""
        assert_refused(documents.PointField(), given, message)
