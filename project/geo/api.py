"""Countries and cities over HTTP."""

from docmodels import rest
from project.geo.models import City, Country


class CountryViewSet(rest.DocumentViewSet):
    queryset = Country.objects.all()
    filterset_fields = {"continent": ["exact", "in"], "population": ["gte", "lte"]}
    search_fields = ["name", "capital"]
    ordering_fields = ["name", "population", "area"]


class CityViewSet(rest.DocumentViewSet):
    queryset = City.objects.all()
    filterset_fields = {
        "name": ["exact", "startswith"],
        "country": ["exact", "in"],
        "population": ["gte", "lte"],
        "timezone": ["exact"],
    }
    search_fields = ["name", "alternate_names"]
    ordering_fields = ["name", "population"]
