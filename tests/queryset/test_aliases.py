"""Which alias a queryset writes to, and that the slow one is never written to."""

import pytest

from docmodels.connections import connections
from docmodels.exceptions import ReadOnlyConnection
from tests.queryset.models import Author, Event

#: Every way to write through a queryset, a manager or an object.
WRITES = {
    "create": lambda slow, author: slow.create(name="x"),
    "get_or_create": lambda slow, author: slow.get_or_create(name="x"),
    "update_or_create new": lambda slow, author: slow.update_or_create(name="x"),
    "update_or_create": lambda slow, author: slow.update_or_create(
        name="a", defaults={"name": "x"}
    ),
    "bulk_create": lambda slow, author: slow.bulk_create([Author(name="x")]),
    "update": lambda slow, author: slow.filter(name="a").update(name="x"),
    "delete": lambda slow, author: slow.filter(name="a").delete(),
    "delete all": lambda slow, author: slow.delete(allow_all=True),
    "out": lambda slow, author: slow.pipeline([{"$out": "shelf_other"}]),
    "merge": lambda slow, author: slow.pipeline([{"$merge": "shelf_other"}]),
    "save new": lambda slow, author: Author(name="x").save(using="slow"),
    "save": lambda slow, author: author.save(using="slow"),
    "save loaded": lambda slow, author: _change(slow.get()),
    "delete object": lambda slow, author: author.delete(using="slow"),
    "delete loaded": lambda slow, author: slow.get().delete(),
    "manager": lambda slow, author: Author.objects.db_manager("slow").create(name="x"),
    "driver": lambda slow, author: (
        connections["slow"].collection("shelf_author").insert_one({"name": "x"})
    ),
}


def _change(author):
    author.name = "x"
    author.save()


class TestReadOnly:
    """The slow alias reads only, whatever one tries."""

    @pytest.mark.parametrize("way", WRITES)
    def test_refused(self, mongo, way):
        """Each way to write raises ReadOnlyConnection with the alias; nothing changes."""
        author = Author.objects.create(name="a")
        slow = Author.objects.using("slow")

        with pytest.raises(ReadOnlyConnection) as caught:
            WRITES[way](slow, author)

        assert caught.value.alias == "slow"
        assert list(Author.objects.values_list("name", flat=True)) == ["a"]
        assert "shelf_other" not in mongo.database.list_collection_names()

    def test_reads(self):
        """Every read works there."""
        Author.objects.create(name="a")
        slow = Author.objects.using("slow")

        assert slow.db == "slow"
        assert slow.get()._state.db == "slow"
        assert (slow.count(), slow.exists(), slow.estimated_count()) == (1, True, 1)
        assert slow.distinct("name") == ["a"]
        assert list(slow.pipeline([{"$project": {"_id": 0, "name": 1}}])) == [{"name": "a"}]
        assert len(slow.page().items) == 1


class ReplicaRouter:
    """Read from the slow alias, write to the default one."""

    def db_for_read(self, model, **hints):
        return "slow"

    def db_for_write(self, model, **hints):
        return "default"


class TestRouting:
    """Who chooses the alias."""

    def test_router(self, settings):
        """A router chooses for reads and writes; `using()` wins."""
        settings.DOCMODELS = {"ROUTERS": [ReplicaRouter]}

        assert Author.objects.db == "slow"
        assert Author.objects.using("default").db == "default"
        author = Author.objects.create(name="a")
        assert author._state.db == "default"
        assert Author.objects.get()._state.db == "slow"
        assert Author.objects.filter(name="a").update(name="b") == 1
        assert Author.objects.filter(name="b").delete()[0] == 1

    def test_get_or_create(self, settings):
        """It reads where it would write: a replica may lag behind."""
        Author.objects.create(name="a")
        settings.DOCMODELS = {"ROUTERS": [ReplicaRouter]}

        author, _created = Author.objects.get_or_create(name="a")

        assert author._state.db == "default"

    def test_unknown_alias(self):
        """An unknown alias is an error where it is named."""
        with pytest.raises(Exception) as caught:
            Author.objects.using("nowhere")

        assert str(caught.value) == (
            "The connection 'nowhere' doesn't exist in settings.MONGO_DATABASES. Choices are: "
            "default, slow."
        )

    def test_pipeline_writes(self, mongo):
        """A pipeline that writes is run at once, although nobody takes its rows."""
        Event.objects.create(rank=1)

        Event.objects.pipeline([{"$out": "shelf_copy"}])

        assert mongo.collection("shelf_copy").count_documents({}) == 1
