"""Elements of embedded lists by what they hold."""

from copy import deepcopy

import pytest
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from docmodels.exceptions import UnknownField
from tests.documents.tours import RAW, TWO, Tour


@pytest.fixture
def tour(mongo):
    """Give a tour as it was loaded from the server."""
    mongo.collection("tours").insert_one(deepcopy(RAW))
    return Tour.objects.get(pk=1)


class TestMembers:
    """Elements of embedded lists by what they hold."""

    def test_get(self, tour):
        """`get` gives the one element, cast values compared."""
        assert tour.stops.get(name="Bonn", number="3") is tour.stops[2]
        assert tour.lines.get(key=str(TWO)) is tour.lines[1]

    def test_get_none_and_several(self, tour):
        """No element and several are errors, as of a manager."""
        with pytest.raises(ObjectDoesNotExist) as caught:
            tour.stops.get(name="Ulm")
        assert str(caught.value).endswith("0 elements with name='Ulm', expected one.")
        with pytest.raises(MultipleObjectsReturned) as caught:
            tour.stops.get(name="Bonn")
        assert str(caught.value).endswith("2 elements with name='Bonn', expected one.")

    def test_filter(self, tour):
        """`filter` gives the elements themselves, to be changed in place."""
        for stop in tour.stops.filter(name="Bonn"):
            stop.number = 9

        assert tour.modified_paths() == ["stops.0.number", "stops.2.number"]

    def test_unknown_name(self, tour):
        """An unknown name raises, with the names that there are."""
        with pytest.raises(UnknownField) as caught:
            tour.stops.filter(nme="x")

        assert str(caught.value) == (
            "Stop.nme: no such field, expected one of its own. Choices are: name, number."
        )

    def test_scalars_have_no_names(self, tour):
        """Lists of scalars have no elements by name."""
        with pytest.raises(TypeError) as caught:
            tour.tags.filter(name="x")

        assert str(caught.value).endswith(
            "conditions by name, expected a list of embedded documents."
        )

    def test_create(self, tour):
        """`create` appends, and returns the element in the list."""
        line = tour.lines.create(sku="z")

        assert line is tour.lines[2]
        assert tour.pending_update()[1]["$push"] == {
            "lines": {"$each": [{"sku": "z", "sizes": []}]}
        }

    def test_remove_where(self, tour):
        """`remove_where` tells how many it removed."""
        assert tour.stops.remove_where(name="Bonn") == 2
        assert tour.stops.remove_where(name="Bonn") == 0
        assert [stop.name for stop in tour.stops] == ["Köln"]

    def test_move(self, tour):
        """`move` takes an element to another index."""
        tour.stops.move(0, 2)
        tour.save()

        assert [stop.number for stop in Tour.objects.get(pk=1).stops] == [2, 3, 1]
