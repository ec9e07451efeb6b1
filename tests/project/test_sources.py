"""What the data packages give, as it will be stored."""

from collections import Counter

from bson import Int64

from project.films.loading import films, people
from project.geo.loading import cities, countries


class TestGeo:
    def test_gives_more_than_thirty_thousand_cities(self):
        """Every city has a key of its own and a country that is given too."""
        codes = {row["_id"] for row in countries()}
        rows = list(cities())

        assert len(rows) > 30_000
        assert len({row["_id"] for row in rows}) == len(rows)
        assert {row["country"] for row in rows} <= codes

    def test_positions_are_geojson(self):
        """Longitude comes first, and both are on the globe."""
        for row in cities():
            longitude, latitude = row["position"]["coordinates"]

            assert row["position"]["type"] == "Point"
            assert -180 <= longitude <= 180
            assert -90 <= latitude <= 90

    def test_what_is_unknown_is_absent(self):
        """Antarctica has neither a capital nor a currency, and no empty text for them."""
        antarctica = next(row for row in countries() if row["_id"] == "AQ")

        assert antarctica.keys().isdisjoint({"capital", "currency"})


class TestFilms:
    def test_gives_each_film_once(self):
        """The keys of thousands of films differ, and their directors are given too."""
        rows = list(films())
        persons = {row["_id"] for row in people()}

        assert len(rows) > 17_000
        assert len({row["_id"] for row in rows}) == len(rows)
        assert {row["director"] for row in rows if "director" in row} == persons

    def test_keeps_values_of_other_types(self):
        """Genres may be a text, box office a double: the source has it so."""
        rows = list(films())
        genres = Counter(type(row["genres"]) for row in rows)
        box_office = Counter(type(row["box_office"]) for row in rows if "box_office" in row)

        assert genres.keys() == {list, str}
        assert box_office.keys() == {Int64, float}
        assert max(genres, key=genres.get) is list
        assert max(box_office, key=box_office.get) is Int64

    def test_keeps_states_that_no_longer_exist(self):
        """A film of the Soviet Union refers to no country of today."""
        codes = {row["_id"] for row in countries()}
        unknown = {
            code for row in films() for code in row.get("countries", ()) if code not in codes
        }

        assert "Soviet Union" in unknown

    def test_gives_the_same_keys_in_every_run(self):
        """A broken load can go on, because nothing gets a new key."""
        assert [row["_id"] for row in people()] == [row["_id"] for row in people()]
