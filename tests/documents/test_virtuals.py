"""Virtuals: computed attributes that are shown and never stored."""

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels import documents
from docmodels.exceptions import UnknownField


class Leg(documents.EmbeddedDocument):
    miles = documents.IntegerField()

    @documents.virtual
    def metres(self):
        return self.miles * 1609


class Traveller(documents.Document):
    first = documents.CharField(max_length=20)
    last = documents.CharField(max_length=20, db_field="l")
    legs = documents.EmbeddedListField(Leg)

    class Meta:
        app_label = "virtuals"

    @documents.virtual
    def name(self):
        """Both names."""
        return f"{self.first} {self.last}"

    @name.setter
    def name(self, value):
        self.first, self.last = value.split()

    @documents.virtual
    def miles(self):
        return sum(leg.miles for leg in self.legs)


class Guide(Traveller):
    miles = None


class TestAttribute:
    """Reading and setting."""

    def test_getter(self):
        """It is computed when it is read."""
        traveller = Traveller(first="Ida", last="Pfeiffer")
        assert traveller.name == "Ida Pfeiffer"

        traveller.first = "I."
        assert traveller.name == "I. Pfeiffer"

    def test_setter(self):
        """What it sets is a change like any other."""
        traveller = Traveller.objects.create(first="A", last="B")

        traveller.name = "C D"

        assert set(traveller.modified_paths()) == {"first", "last"}
        traveller.save()
        assert Traveller.objects.get().name == "C D"

    def test_constructor(self):
        """It may be given as a field may."""
        traveller = Traveller(name="Ida Pfeiffer")

        assert (traveller.first, traveller.last) == ("Ida", "Pfeiffer")
        assert Traveller.objects.create(name="A B").last == "B"

    def test_update_or_create(self):
        """It may be among the defaults."""
        Traveller.objects.create(name="A B")

        Traveller.objects.update_or_create(first="A", defaults={"name": "A C"})

        assert Traveller.objects.get().last == "C"

    def test_without_setter(self):
        """It cannot be given where it has no setter."""
        with pytest.raises(UnknownField) as caught:
            Traveller(miles=3)
        assert str(caught.value) == ("Traveller.miles: computed, expected a name that can be set.")

        with pytest.raises(ValidationError):
            Traveller.from_dict({"name": "A B", "legs": [{"metres": 1}]})

    def test_never_stored(self):
        """Nothing of it reaches the database."""
        Traveller.objects.create(name="A B", legs=[{"miles": 1}])

        [raw] = Traveller.objects.raw()
        assert raw.keys() == {"_id", "first", "l", "legs", "__v"}
        assert raw["legs"] == [{"miles": 1}]

    def test_class(self):
        """The class knows its virtuals; a child may take one away."""
        assert list(Traveller._meta.virtuals) == ["name", "miles"]
        assert list(Guide._meta.virtuals) == ["name"]
        assert repr(Traveller.name) == "<virtual name>"
        assert Traveller.name.__doc__ == "Both names."


class TestOutput:
    """`to_dict(virtuals=…)`."""

    @pytest.fixture
    def traveller(self):
        """Give one with two legs."""
        return Traveller(name="A B", legs=[{"miles": 1}, {"miles": 2}])

    def test_off(self, traveller):
        """They are left out unless asked for."""
        assert traveller.to_dict().keys() == {"first", "last", "legs"}

    def test_all(self, traveller):
        """True shows all, of embedded documents too."""
        assert traveller.to_dict(virtuals=True) == {
            "first": "A",
            "last": "B",
            "legs": [{"miles": 1, "metres": 1609}, {"miles": 2, "metres": 3218}],
            "name": "A B",
            "miles": 3,
        }

    def test_some(self, traveller):
        """Paths show some of them."""
        shown = traveller.to_dict(virtuals=["name", "legs.metres"])

        assert "miles" not in shown
        assert shown["name"] == "A B"
        assert shown["legs"][0] == {"miles": 1, "metres": 1609}

    def test_selected(self, traveller):
        """They are selected as fields are."""
        assert traveller.to_dict(virtuals=True, fields=["name"]) == {"name": "A B"}
        assert "name" not in traveller.to_dict(virtuals=True, exclude=["name"])

    def test_unknown(self, traveller):
        """A name that is none is told, with the nearest."""
        with pytest.raises(UnknownField) as caught:
            traveller.to_dict(virtuals=["nam"])

        assert str(caught.value) == (
            "Traveller.nam: no such field or virtual. Did you mean 'name'?"
        )


@pytest.mark.parametrize(
    "query",
    [
        lambda: Traveller.objects.filter(name="A B"),
        lambda: Traveller.objects.exclude(name__startswith="A"),
        lambda: Traveller.objects.order_by("-name"),
        lambda: Traveller.objects.only("name"),
        lambda: Traveller.objects.values("name"),
        lambda: Traveller.objects.filter(first="A").update(name="C D"),
        lambda: Traveller.objects.distinct("name"),
    ],
    ids=["filter", "exclude", "order_by", "only", "values", "update", "distinct"],
)
def test_refused_in_queries(query):
    """Where a path must be stored, the message says why a virtual is none."""
    with pytest.raises(FieldError) as caught:
        query()

    assert str(caught.value).endswith(
        "Traveller.name is a virtual, which is computed in Python and not stored, expected a "
        "stored path."
    )


def test_refused_inside():
    """The reason names the embedded document."""
    with pytest.raises(FieldError) as caught:
        Traveller.objects.filter(legs__metres__gt=1)

    assert str(caught.value) == (
        "Traveller.legs__metres: Leg.metres is a virtual, which is computed in Python and not "
        "stored, expected a stored path."
    )
