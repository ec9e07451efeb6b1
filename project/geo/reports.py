"""Analytics on cities."""

from docmodels.documents import Count, Sum
from project.dashboard.reports import report
from project.geo.models import City, Country

#: The side of a cell of the map, in degrees.
CELL = 3


def country_names(codes, alias):
    """Give the names of the countries that exist."""
    countries = Country.objects.using(alias).in_bulk(codes)
    return {code: country.name for code, country in countries.items()}


@report("Cities by country", label="country", value="cities", names=country_names)
def cities_by_country(alias):
    """Cities of 15,000 people or more."""
    return (
        City.objects.using(alias)
        .values("country")
        .annotate(cities=Count("pk"), people=Sum("population"))
        .order_by("-cities")[:10]
    )


@report("Where people live in cities", label="cell", value="people", chart="map")
def people_by_cell(alias):
    """City dwellers in each cell of three degrees, by an aggregation pipeline."""
    cell = [
        {"$floor": {"$divide": [{"$arrayElemAt": ["$position.coordinates", axis]}, CELL]}}
        for axis in (0, 1)
    ]
    return City.objects.using(alias).pipeline(
        [
            {"$group": {"_id": cell, "people": {"$sum": "$population"}, "cities": {"$sum": 1}}},
            {"$sort": {"people": -1}},
            {
                "$project": {
                    "_id": 0,
                    "cell": {
                        "$map": {"input": "$_id", "in": {"$multiply": ["$$this", CELL]}},
                    },
                    "people": 1,
                    "cities": 1,
                }
            },
        ]
    )
