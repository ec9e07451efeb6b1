"""Specify parameters that are on what references lead to."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIRequestFactory

from docmodels import documents, rest
from docmodels.contrib.django_filters import FilterSet

pytestmark = pytest.mark.django_db


class Breed(documents.Document):
    name = documents.CharField()
    origin = documents.CharField(blank=True)
    secret = documents.CharField(blank=True, hidden=True)

    class Meta:
        app_label = "kennel"


class Dog(documents.Document):
    name = documents.CharField()
    breed = documents.ReferenceField(Breed)

    class Meta:
        app_label = "kennel"
        ordering = ["name"]


class DogFilter(FilterSet):
    class Meta:
        model = Dog
        fields = {"breed__origin": ["exact", "istartswith"]}


class DogViewSet(rest.DocumentViewSet):
    queryset = Dog.objects
    fields = ["name"]
    filterset_fields = {"breed__origin": ["exact", "in", "isnull"], "name": ["exact"]}
    search_fields = ["name", "^breed__name"]


@pytest.fixture
def dogs(mongo):
    """Store a dog of each of two breeds."""
    for name, origin in (("Lapphund", "FI"), ("Puli", "HU")):
        breed = Breed.objects.create(name=name, origin=origin, secret="canary")
        Dog.objects.create(name=f"A {name}", breed=breed)


def ask(query, view=DogViewSet):
    """Return the answer to a list's query."""
    return view.as_view({"get": "list"})(APIRequestFactory().get(f"/?{query}"))


def names(query, view=DogViewSet):
    """Return the names of the dogs that a query finds."""
    response = ask(query, view)
    assert response.status_code == 200, response.data
    return [dog["name"] for dog in response.data["results"]]


class TestAllowed:
    """What the view declares."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("breed__origin=FI", ["A Lapphund"]),
            ("breed__origin__in=FI,HU", ["A Lapphund", "A Puli"]),
            ("breed__origin=FI&name=A Puli", []),
            ("search=lapp", ["A Lapphund"]),
            ("search=puli a", ["A Puli"]),
        ],
    )
    def test_found(self, dogs, query, expected):
        """Conditions and words are looked for in the other class."""
        assert names(query) == expected

    def test_commands(self, dogs, assert_num_commands):
        """One query for the keys, one for the page."""
        with assert_num_commands(2):
            names("breed__origin=FI")

    def test_filterset(self, dogs):
        """A filter set of django-filter follows them as well."""
        view = type(
            "View", (rest.DocumentViewSet,),
            {"queryset": Dog.objects, "fields": ["name"], "filterset_class": DogFilter},
        )  # fmt: skip

        assert names("breed__origin__istartswith=h", view) == ["A Puli"]


class TestRefused:
    """Everything else."""

    @pytest.mark.parametrize(
        "query", ["breed__name=Puli", "breed__secret=canary", "breed__secret__startswith=c"]
    )
    def test_undeclared(self, dogs, query):
        """A path that the view does not name is an unknown parameter."""
        response = ask(query)

        assert response.status_code == 400
        assert "canary" not in str(response.data)

    @pytest.mark.parametrize("attribute", ["filterset_fields", "search_fields"])
    def test_hidden(self, dogs, attribute):
        """What the other class hides cannot be declared."""
        view = type(
            "View", (rest.DocumentViewSet,),
            {"queryset": Dog.objects, "fields": ["name"], attribute: ["breed__secret"]},
        )  # fmt: skip

        with pytest.raises(ImproperlyConfigured) as caught:
            ask("search=x", view)

        assert str(caught.value) == (
            f"View.{attribute}: 'breed__secret' is hidden, expected a field that clients may see."
        )

    def test_hidden_in_a_filterset(self):
        """Nor in a filter set."""
        with pytest.raises(ImproperlyConfigured, match="'breed__secret' is hidden"):
            type(
                "Wrong", (FilterSet,),
                {"Meta": type("Meta", (), {"model": Dog, "fields": ["breed__secret"]})},
            )  # fmt: skip

    def test_order(self, dogs):
        """An order does not follow references."""
        view = type(
            "View", (rest.DocumentViewSet,),
            {"queryset": Dog.objects, "fields": ["name"], "ordering_fields": ["breed__name"]},
        )  # fmt: skip

        with pytest.raises(ImproperlyConfigured, match="a reference holds a key alone"):
            ask("ordering=breed__name", view)
