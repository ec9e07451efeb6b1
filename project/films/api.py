"""Films over HTTP."""

from docmodels import rest
from project.films.models import Film, Person


class FilmViewSet(rest.DocumentViewSet):
    queryset = Film.objects.all()
    filterset_fields = {
        "year": ["exact", "gte", "lte"],
        "genres": ["exact"],
        "certificate": ["exact", "in"],
        "director": ["exact"],
        "ratings__tomatometer": ["gte"],
    }
    search_fields = ["title", "cast"]
    ordering_fields = ["title", "year", "box_office"]


class PersonViewSet(rest.DocumentViewSet):
    queryset = Person.objects.all()
    search_fields = ["name"]
    ordering_fields = ["name"]
