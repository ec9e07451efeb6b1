"""The declared reports against what the data says."""

from collections import Counter

import pytest

from docmodels.connections import connections
from project.dashboard.views import REPORTS
from project.films import reports as films
from project.geo import reports as geo


@pytest.mark.usefixtures("small_demo")
class TestReports:
    @pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.title)
    def test_runs_on_the_slow_alias(self, report):
        """The alias is the slow one, rows have the declared columns, time was taken."""
        result = report.run()

        assert report.alias == "slow"
        assert connections[report.alias].read_only
        assert result.milliseconds > 0
        assert all({report.label, report.value} <= row.keys() for row in result.rows)

    def test_films_by_year_counts_each_film(self, mongo):
        """The counts are those of the stored films, in order of years."""
        expected = Counter(film["year"] for film in mongo.collection("films").find())

        points = films.films_by_year.run().points

        assert points == sorted(expected.items())

    def test_box_office_counts_a_film_for_each_genre(self, mongo):
        """The sums are those of the stored films; texts instead of lists are left out."""
        expected = Counter()
        for film in mongo.collection("films").find():
            if isinstance(film["genres"], list) and film.get("box_office", 0) > 0:
                for genre in film["genres"]:
                    expected[genre] += film["box_office"]

        points = films.box_office_by_genre.run().points

        assert points == expected.most_common(10)

    def test_cities_by_country_shows_names(self, mongo):
        """Keys of countries become their names."""
        expected = Counter(city["country"] for city in mongo.collection("cities").find())
        code, count = expected.most_common(1)[0]
        country = mongo.collection("countries").find_one({"_id": code})

        assert geo.cities_by_country.run().points[0] == (country["name"], count)

    def test_cells_hold_all_people(self, mongo):
        """No city dweller is lost on the map."""
        expected = sum(city["population"] for city in mongo.collection("cities").find())

        points = geo.people_by_cell.run().points

        assert sum(people for _cell, people in points) == expected
