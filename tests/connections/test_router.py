"""Choosing aliases."""

from types import SimpleNamespace

import pytest

from docmodels.connections import router


class Reports:
    """Read reports from the slow alias."""

    def db_for_read(self, model, **hints):
        """Answer for one class only."""
        return "slow" if model.__name__ == "Report" else None


class Everything:
    """Send everything to one alias."""

    def db_for_read(self, model, **hints):
        """Answer always."""
        return "other"

    def db_for_write(self, model, **hints):
        """Answer always."""
        return "other"


class Report:
    """Stands for a document class."""


class Order:
    """Stands for a document class with an alias of its own."""

    _meta = SimpleNamespace(db_alias="orders")


def from_alias(alias):
    """Give something that was loaded from `alias`."""
    return SimpleNamespace(_state=SimpleNamespace(db=alias))


class TestRouter:
    """`router`."""

    def test_default_alias(self):
        """Without routers, hints and Meta it is the default one."""
        assert (router.db_for_read(Report), router.db_for_write(Report)) == ("default", "default")

    def test_the_alias_of_meta(self):
        """``Meta.db_alias`` counts for reads and writes."""
        assert (router.db_for_read(Order), router.db_for_write(Order)) == ("orders", "orders")

    def test_the_alias_of_the_instance(self):
        """An instance goes back to where it came from."""
        assert router.db_for_write(Order, instance=from_alias("archive")) == "archive"

    @pytest.mark.parametrize("entry", [f"{__name__}.Reports", Reports, Reports()])
    def test_a_router_by_path_class_or_instance(self, settings, entry):
        """All three spellings work, and a router need not know writes."""
        settings.DOCMODELS = {"ROUTERS": [entry if not isinstance(entry, str) else Reports]}

        assert (router.db_for_read(Report), router.db_for_write(Report)) == ("slow", "default")

    def test_the_first_answer_counts(self, settings):
        """A router that gives None leaves the question to the next."""
        settings.DOCMODELS = {"ROUTERS": [Reports, Everything]}

        assert (router.db_for_read(Report), router.db_for_read(Order)) == ("slow", "other")
