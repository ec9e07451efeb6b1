"""Analytics on films."""

from docmodels.documents import Avg, Count, Sum
from project.dashboard.reports import report
from project.films.models import Film
from project.geo.reports import country_names


@report("Films by year", label="year", value="films", chart="area")
def films_by_year(alias):
    """Films with reviews, 1940 to 2014."""
    return Film.objects.using(alias).values("year").annotate(films=Count("pk")).order_by("year")


@report("Box office by genre", label="genres", value="total", unit="US dollars")
def box_office_by_genre(alias):
    """A film counts for each of its genres."""
    films = Film.objects.using(alias).filter(genres__type="array", box_office__gt=0)
    return (
        films.unwind("genres")
        .values("genres")
        .annotate(total=Sum("box_office"), films=Count("pk"))
        .order_by("-total")[:10]
    )


@report("Best reviewed countries", label="countries", value="average", names=country_names)
def best_reviewed_countries(alias):
    """Mean percent of good reviews, for countries with a hundred films or more."""
    films = Film.objects.using(alias).filter(ratings__tomatometer__isnull=False)
    return (
        films.unwind("countries")
        .values("countries")
        .annotate(average=Avg("ratings__tomatometer"), films=Count("pk"))
        .filter(films__gte=100)
        .order_by("-average")[:10]
    )
