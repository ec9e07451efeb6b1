"""Every way to write is part of the transaction, and an abort undoes all of them."""

import pytest

from docmodels import transaction
from docmodels.documents import ops
from tests.queryset.shop import Box, Item


def stored(connection):
    """Give what everyone sees."""
    return list(connection.collection(Item._meta.collection).find().sort("_id"))


def test_an_abort_amid_a_hundred_operations(mongo):
    """Nothing is left, every object is as before, and `on_commit` never runs."""
    olds = [Item.objects.create(name=f"o{n}", tags=["a"], box=Box(size=n)) for n in range(20)]
    fresh = [Item(name=f"n{n}") for n in range(20)]
    before, calls = stored(mongo), []

    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - all of it
        transaction.on_commit(lambda: calls.append(1))
        for number in range(10):
            olds[number].tags.append("b")
            olds[number].box.size = 99
            olds[number].save()
            fresh[number].save()
            olds[10 + number].delete()
            Item.objects.filter(name=f"o{number}").update(stock=77)
            Item.objects.filter(name=f"o{number}").update_one(reserved=1)
            Item.objects.filter(name=f"o{number}").find_one_and_update(stock=78)
            Item.objects.upsert(name=f"u{number}", defaults={"stock": 1})
            Item.objects.get_or_create(name=f"g{number}")
            Item.objects.update_or_create(name=f"g{number}", defaults={"stock": 2})
        Item.objects.bulk_create(fresh[10:15])
        Item.objects.bulk_save(fresh[15:])
        Item.objects.bulk_write([ops.InsertOne(Item(name="w"))])
        Item.objects.filter(name="u1").find_one_and_delete()
        Item.objects.filter(name="u2").delete()
        assert len(stored(mongo)) == len(before)
        1 / 0

    assert stored(mongo) == before
    assert calls == []
    assert all(item._state.adding for item in fresh)
    assert not any(item._state.adding for item in olds)
    assert all(item.is_modified("tags") and item.is_modified("box.size") for item in olds[:10])
    assert not any(item.is_modified() for item in olds[10:])


def test_on_commit_runs_once_after_retries(mongo):
    """The attempt that was rolled back leaves no call behind."""
    item, calls, attempts = Item.objects.create(name="a", stock=0), [], []

    @transaction.atomic
    def raise_stock():
        transaction.on_commit(lambda: calls.append(Item.objects.get(pk=item.pk).stock))
        found = Item.objects.get(pk=item.pk)
        if not attempts:
            attempts.append(1)
            mongo.collection(Item._meta.collection).update_one(
                {"_id": item.pk}, {"$inc": {"s": 10}}
            )
        found.stock += 1
        found.save()

    raise_stock()

    assert calls == [11]
