"""`manage.py loaddemo`."""

import io

import pytest
from django.core.management import call_command

from project.demo.datasets import Dataset
from project.films.models import Film
from project.geo.models import City, Country
from tests.project.conftest import LIMIT


def loaddemo(**options):
    """Run the command and give what it wrote."""
    output = io.StringIO()
    call_command("loaddemo", stdout=output, **options)
    return output.getvalue()


class TestLoaddemo:
    def test_loads_every_collection(self, mongo):
        """Each collection gets its documents, and a line in the output."""
        output = loaddemo(limit=LIMIT)

        counts = {name: mongo.collection(name).count_documents({}) for name in ("cities", "films")}
        assert counts == {"cities": LIMIT, "films": LIMIT}
        assert [line.split()[0] for line in output.splitlines()] == [
            "countries",
            "cities",
            "people",
            "films",
        ]

    def test_second_run_changes_nothing(self, mongo):
        """What a user deleted or changed stays deleted and changed."""
        loaddemo(limit=LIMIT)
        country = Country.objects.get(pk="CH")
        country.capital = "Bärn"
        country.save()
        City.objects.filter(country="CN").delete()

        output = loaddemo(limit=LIMIT)

        assert output == ""
        assert Country.objects.get(pk="CH").capital == "Bärn"
        assert not City.objects.filter(country="CN").exists()

    def test_reset_loads_anew(self, mongo):
        """With --reset everything is as at first."""
        loaddemo(limit=LIMIT)
        City.objects.filter(country="CN").delete()

        loaddemo(limit=LIMIT, reset=True)

        assert City.objects.count() == LIMIT

    def test_broken_run_goes_on(self, mongo):
        """Rows that an interrupted load had stored are not stored twice."""
        dataset = Dataset(City, lambda: iter([{"_id": 1}, {"_id": 2}, {"_id": 3}]))
        mongo.collection("cities").insert_many([{"_id": 1}, {"_id": 2, "kept": True}])

        count = dataset.load()

        stored = list(mongo.collection("cities").find(sort={"_id": 1}))
        assert count == 3
        assert stored == [{"_id": 1}, {"_id": 2, "kept": True}, {"_id": 3}]
        assert dataset.is_loaded()


@pytest.mark.usefixtures("small_demo")
class TestLoadedDocuments:
    def test_references_lead_on(self):
        """A city knows its country, a film its director."""
        city = City.objects.get(name="Shanghai")
        film = Film.objects.get(title="Skyfall")

        assert city.country.name == "China"
        assert film.director.name == "Sam Mendes"

    def test_undeclared_fields_are_there(self):
        """What the models do not name can be read all the same."""
        assert "iso3" in Country.objects.get(pk="CH").undeclared
        assert Film.objects.get(title="Skyfall").undeclared["studios"][0] == "Columbia Pictures"

    def test_wrong_types_are_noted(self, mongo):
        """An empty text instead of a list of genres is shown and told."""
        mongo.collection("films").update_one({"title": "Skyfall"}, {"$set": {"genres": ""}})

        film = Film.objects.get(title="Skyfall")

        assert film.genres == ""
        assert list(film.read_errors) == ["genres"]

    def test_declared_documents_are_sound(self):
        """Every country and city passes its own validation."""
        for document in [*Country.objects.all(), *City.objects.all()]:
            document.full_clean()
