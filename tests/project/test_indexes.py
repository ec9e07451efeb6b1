"""The demo's indexes carry the order of its lists."""

import pytest

from docmodels.indexing import plan, sync
from docmodels.testing.commands import record_commands
from project.films.models import Film
from project.geo.models import City


@pytest.mark.parametrize("model", [Film, City], ids=lambda model: model.__name__)
def test_first_page_is_read_from_an_index(mongo, model):
    """A page of the list is found in the order of an index, not sorted in memory."""
    sync(plan(model))
    with record_commands() as commands:
        model.objects.page(size=25)

    find = {key: commands[0].command[key] for key in ("find", "filter", "sort", "limit")}
    winning = str(mongo.database.command({"explain": find})["queryPlanner"]["winningPlan"])

    assert "IXSCAN" in winning
    assert "'SORT'" not in winning
