"""`find_one_and_delete` and `delete_one`: queues, and the rules of a deletion."""

import threading

import pytest
from django.core.exceptions import FieldError
from django.db.models import ProtectedError

from docmodels import signals
from tests.queryset.shop import Item, Kept, Letter, Owned, Owner


@pytest.fixture
def items(mongo):
    """Store three items and give their collection."""
    collection = mongo.collection(Item._meta.collection)
    collection.create_index("name", unique=True)
    Item.objects.bulk_create([Item(name=name, stock=n) for n, name in enumerate("abc", 1)])
    return collection


class TestDelete:
    """`find_one_and_delete()` and `delete_one()` honour the rules of a deletion."""

    def test_deleted(self, items, assert_num_commands):
        """Without rules it is one command, in the order of the queryset."""
        with assert_num_commands(1):
            item = Item.objects.order_by("-stock").find_one_and_delete()

        assert item.name == "c"
        assert Item.objects.order_by("-stock").delete_one() == (1, {"updates.Item": 1})
        assert Item.objects.filter(name="z").delete_one() == (0, {})
        assert list(Item.objects.values_list("name", flat=True)) == ["a"]

    def test_shape(self, items):
        """What comes back is shaped as the queryset says."""
        found = Item.objects.filter(name="a").values("name").find_one_and_delete()

        assert found == {"name": "a"}

    def test_queue(self, items):
        """Several who take from a queue get each one once."""
        Item.objects.bulk_create([Item(name=f"{n}") for n in range(40)])
        taken = []

        def work():
            while (item := Item.objects.order_by("name").find_one_and_delete()) is not None:
                taken.append(item.name)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(taken) == len(set(taken)) == 43

    @pytest.mark.parametrize("method", ["find_one_and_delete", "delete_one"])
    def test_cascade(self, mongo, method):
        """What refers to the document goes with it."""
        owner, other = Owner.objects.create(name="a"), Owner.objects.create(name="b")
        Owned.objects.bulk_create([Owned(owner=owner), Owned(owner=other)])

        assert getattr(Owner.objects.order_by("name"), method)()

        assert [owned.owner_id for owned in Owned.objects.all()] == [other.pk]

    @pytest.mark.parametrize("method", ["find_one_and_delete", "delete_one"])
    def test_protected(self, mongo, method):
        """Or forbids it."""
        owner = Owner.objects.create(name="a")
        Kept.objects.create(owner=owner)

        with pytest.raises(ProtectedError):
            getattr(Owner.objects.filter(name="a"), method)()

        assert Owner.objects.count() == 1

    def test_by_rules(self, mongo):
        """The document that comes back still has its key; rows have no rules."""
        owner = Owner.objects.create(name="a")

        with pytest.raises(FieldError) as caught:
            Owner.objects.filter(name="a").values("name").find_one_and_delete()
        assert str(caught.value) == (
            "Cannot find_one_and_delete() after values(): Owner is deleted with hooks or rules of "
            "references."
        )
        assert Owner.objects.filter(name="a").find_one_and_delete().pk == owner.pk

    def test_signals(self, items):
        """Signals are sent to who listens."""
        heard = []
        listener = lambda instance, **kwargs: heard.append(instance.name)  # noqa: E731
        signals.post_delete.connect(listener, sender=Item)
        try:
            Item.objects.filter(name="a").find_one_and_delete()
        finally:
            signals.post_delete.disconnect(listener, sender=Item)

        assert heard == ["a"]

    def test_soft(self, mongo):
        """A document that is only marked is marked."""
        Letter.objects.bulk_create([Letter(text="a"), Letter(text="b")])

        assert Letter.objects.order_by("text").find_one_and_delete().text == "a"
        assert Letter.objects.order_by("text").delete_one() == (1, {"updates.Letter": 1})

        assert Letter.objects.count() == 0
        assert Letter.objects.with_deleted().count() == 2

    def test_soft_queue(self, mongo):
        """Of several who take, each gets another one."""
        Letter.objects.bulk_create([Letter(text=f"{n}") for n in range(30)])
        taken = []

        def work():
            while (letter := Letter.objects.order_by("text").find_one_and_delete()) is not None:
                taken.append(letter.text)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(taken) == len(set(taken)) == 30
