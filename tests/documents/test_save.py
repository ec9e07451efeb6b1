"""Saving: inserts, updates, guards and signals; the rules have the rest."""

import pytest
from bson import ObjectId
from django.core.exceptions import ValidationError

from docmodels import signals
from docmodels.exceptions import ReadOnlyConnection, UnknownField, VersionConflict
from docmodels.testing import record_commands
from tests.documents.items import Item


@pytest.fixture
def item():
    """Give a saved item, loaded again."""
    Item(name="a", tags=["x"], parts=[{"name": "p"}]).save()
    return Item.objects.get()


class TestInsert:
    """New documents."""

    def test_sent_command(self, mongo, assert_num_commands):
        """One insert is sent, with a key and version 0 (S5)."""
        item = Item(name="a")

        with assert_num_commands(1) as commands:
            item.save()

        [sent] = commands[0].command["documents"]
        assert commands[0].name == "insert"
        assert commands[0].collection == "items"
        assert list(sent) == [
            "_id",
            "name",
            "count",
            "tags",
            "parts",
            "created",
            "updated",
            "__v",
        ]
        assert (sent["_id"], sent["__v"]) == (item.pk, 0)
        assert isinstance(item.pk, ObjectId)
        assert not item._state.adding
        assert item._state.db == "default"
        assert not item.is_modified()

    def test_given_key(self, mongo):
        """A key that was given is kept, and inserted once only."""
        key = ObjectId()
        Item(id=key, name="a").save()

        with pytest.raises(ValidationError) as caught:
            Item(id=key, name="b").save()

        assert caught.value.message_dict == {"id": ["Item with this ID already exists."]}
        assert Item.objects.get().name == "a"

    def test_force_insert(self, item):
        """`force_insert` never updates."""
        with pytest.raises(ValidationError) as caught:
            item.save(force_insert=True)

        assert caught.value.message_dict == {"id": ["Item with this ID already exists."]}

    def test_copied_as_in_django(self, item):
        """Setting the key to None and `adding` to True stores a second document."""
        item.pk = None
        item._state.adding = True
        item.name = "b"

        item.save()

        assert sorted(Item.objects.values_list("name", flat=True)) == ["a", "b"]

    def test_update_fields_need_a_stored_document(self):
        """`update_fields` makes no sense before the first save."""
        with pytest.raises(ValueError) as caught:
            Item(name="a").save(update_fields=["name"])

        assert str(caught.value) == (
            "Item.save(): update_fields on a document that is not stored yet, expected a save of "
            "the whole first."
        )


class TestUpdate:
    """Loaded documents."""

    def test_changed(self, item):
        """A change updates `auto_now` as well, and never `auto_now_add`."""
        created, updated = item.created, item.updated
        item.name = "b"

        with record_commands() as commands:
            item.save()

        [update] = commands[0].command["updates"]
        assert update["q"] == {"_id": item.pk}
        assert update["u"] == {"$set": {"name": "b", "updated": item.updated}}
        assert item.created == created
        assert item.updated >= updated

    def test_update_fields(self, item):
        """Only the named fields are written; the others stay changed."""
        item.name, item.count = "b", 5

        item.save(update_fields=["name"])

        assert Item.objects.get().count == 0
        assert item.modified_paths() == ["count"]
        item.save()
        assert Item.objects.get().count == 5

    def test_update_fields_judge_only_these(self, item):
        """Errors of other fields do not stop a save of some."""
        item.name = "b"
        item.count = "many"

        item.save(update_fields=["name"])

        assert Item.objects.get().name == "b"
        with pytest.raises(ValidationError):
            item.save()

    def test_unknown_update_fields(self, item):
        """An unknown name raises, with the nearest one."""
        with pytest.raises(UnknownField) as caught:
            item.save(update_fields=["nam"])

        assert str(caught.value) == "Item.nam: no such field. Did you mean 'name'?"

    def test_changed_key(self, item):
        """The key of a stored document cannot change."""
        key = item.pk
        item.pk = ObjectId()

        with pytest.raises(ValidationError) as caught:
            item.save()

        assert caught.value.message_dict == {"id": ["The key of a stored document cannot change."]}
        assert Item.objects.get().pk == key

    def test_read_only_alias(self, item):
        """A save through a read-only alias raises before anything is sent."""
        item.name = "b"

        with pytest.raises(ReadOnlyConnection) as caught:
            item.save(using="slow")

        assert "Item.save()" in str(caught.value)
        assert Item.objects.get().name == "a"


class TestGuard:
    """`save(guard=True)`."""

    def test_somebody_else_changed_the_path(self, item):
        """The save is refused, and the paths are named."""
        Item.objects.filter(pk=item.pk).update(name="theirs")
        item.name = "mine"

        with pytest.raises(VersionConflict) as caught:
            item.save(guard=True)

        assert "name" in caught.value.paths
        assert caught.value.document is item
        assert Item.objects.get().name == "theirs"

    def test_somebody_else_changed_another_path(self, item):
        """Edits of different paths merge."""
        Item.objects.filter(pk=item.pk).update(count=9, updated=item.updated)
        item.name = "mine"

        item.save(guard=True)

        stored = Item.objects.get()
        assert (stored.name, stored.count) == ("mine", 9)


class TestSignals:
    """Signals are named and sent as Django's."""

    def test_sent(self, mongo):
        """`pre_save` and `post_save` tell the class, the object and the alias."""
        heard = []

        def hear(signal, **about):
            heard.append((about.get("created"), about["instance"].name, about["using"]))

        for signal in (signals.pre_save, signals.post_save):
            signal.connect(hear, sender=Item)
        try:
            item = Item(name="a")
            item.save()
            item.name = "b"
            item.save()
        finally:
            for signal in (signals.pre_save, signals.post_save):
                signal.disconnect(hear, sender=Item)

        assert heard == [
            (None, "a", "default"),
            (True, "a", "default"),
            (None, "b", "default"),
            (False, "b", "default"),
        ]

    def test_error_in_a_receiver(self, item):
        """An error before the write ends the save, and the changes stay (S3)."""

        def refuse(**about):
            raise ValueError("no")

        item.name = "b"
        signals.pre_save.connect(refuse, sender=Item)
        try:
            with pytest.raises(ValueError):
                item.save()
        finally:
            signals.pre_save.disconnect(refuse, sender=Item)

        assert item.modified_paths() == ["name"]
        assert Item.objects.get().name == "a"


def test_state(item):
    """An object remembers whether it is stored, and where it came from."""
    assert repr(item._state) == "DocumentState(adding=False, db='default')"
    assert repr(Item()._state) == "DocumentState(adding=True, db=None)"
