"""Soft deletion and `on_delete`: what refers to a document that is marked."""

import pytest
from django.db.models import ProtectedError, RestrictedError

from docmodels import documents
from docmodels.contrib.soft_delete import SoftDelete

GONE = []


class House(SoftDelete):
    name = documents.CharField(default="h")

    class Meta:
        app_label = "softrules"


class Villa(House):
    pool = documents.BooleanField(default=True)


class Room(SoftDelete):
    house = documents.ReferenceField(House, on_delete=documents.CASCADE, blank=True)

    class Meta:
        app_label = "softrules"


class Chair(SoftDelete):
    room = documents.ReferenceField(Room, on_delete=documents.CASCADE)

    class Meta:
        app_label = "softrules"

    @documents.post("delete")
    def gone(self):
        GONE.append(self.pk)


class Lease(SoftDelete):
    house = documents.ReferenceField(House, on_delete=documents.PROTECT)

    class Meta:
        app_label = "softrules"


class Poolkeeper(documents.Document):
    villa = documents.ReferenceField(Villa, on_delete=documents.RESTRICT)

    class Meta:
        app_label = "softrules"


class Plaque(documents.Document):
    house = documents.ReferenceField(House, on_delete=documents.CASCADE, null=True)
    near = documents.ReferenceField(House, on_delete=documents.SET_NULL, null=True, blank=True)

    class Meta:
        app_label = "softrules"


@pytest.fixture
def house(mongo):
    """Store a house with two rooms, one of which has a chair."""
    GONE.clear()
    house = House.objects.create()
    first, _second = Room.objects.create(house=house), Room.objects.create(house=house)
    Chair.objects.create(room=first)
    return house


COUNTS = (4, {"softrules.House": 1, "softrules.Room": 2, "softrules.Chair": 1})


class TestCascade:
    """`on_delete=CASCADE`."""

    def test_marks(self, house):
        """What refers is marked as well, at any depth, with the same moment and its hooks."""
        assert house.delete() == COUNTS

        assert [model.objects.count() for model in (House, Room, Chair)] == [0, 0, 0]
        moments = {
            found.deleted_at
            for model in (House, Room, Chair)
            for found in model.objects.with_deleted()
        }
        assert moments == {house.deleted_at}
        assert len(GONE) == 1

    def test_restore(self, house):
        """What was marked with it comes back, what was deleted before does not."""
        Room.objects.last().delete()
        house.delete()

        assert house.restore() == 3

        assert [model.objects.count() for model in (House, Room, Chair)] == [1, 1, 1]
        assert house.restore() == 0

    def test_querysets(self, house):
        """`delete()` and `restore()` of a queryset do the same."""
        assert House.objects.filter(name="h").delete() == COUNTS
        assert Room.objects.count() == 0

        assert House.objects.only_deleted().restore(allow_all=True) == 4
        assert Chair.objects.count() == 1

    def test_child(self, mongo):
        """A reference to a class is one to its children too."""
        villa = Villa.objects.create()
        Room.objects.create(house=villa)

        assert House.objects.filter(name="h").delete()[0] == 2

        assert Room.objects.count() == 0

    def test_what_cannot_be_marked(self, house):
        """It is left alone, as are the rules that cannot be taken back."""
        Plaque.objects.create(house=house, near=house)

        house.delete()

        assert Plaque.objects.get().near_id == house.pk


class TestProtect:
    """`on_delete=PROTECT` and `RESTRICT`."""

    def test_refused(self, house):
        """Nothing is marked while a document refers, by itself or by a queryset."""
        Lease.objects.create(house=house)

        for delete in (house.delete, House.objects.filter(name="h").delete):
            with pytest.raises(ProtectedError) as caught:
                delete()
            assert caught.value.args[0] == (
                f"Cannot delete house {house}: it is referenced through the protected field "
                f"Lease.house."
            )

        assert [model.objects.count() for model in (House, Room, Chair)] == [1, 2, 1]

    def test_deleted_ones_do_not_protect(self, house):
        """A deleted lease keeps no house, but its reference may come back: no hard deletion."""
        lease = Lease.objects.create(house=house)
        lease.delete()

        house.delete()

        with pytest.raises(ProtectedError):
            house.hard_delete()
        lease.hard_delete()
        assert house.hard_delete() == COUNTS

    def test_of_a_child(self, mongo):
        """A rule of the child's class holds however it is deleted."""
        villa = Villa.objects.create()
        Poolkeeper.objects.create(villa=villa)

        for delete in (villa.delete, villa.hard_delete, House.objects.filter(name="h").delete):
            with pytest.raises(RestrictedError):
                delete()

        assert House.objects.count() == 1


def test_hard_deletion(house):
    """It removes deleted ones that refer too: no reference is left behind."""
    Plaque.objects.create(house=None, near=house)
    Room.objects.filter(house=house).delete()
    assert Room.objects.count() == 0

    assert house.hard_delete()[1] == COUNTS[1]

    assert [model.objects.with_deleted().count() for model in (House, Room, Chair)] == [0, 0, 0]
    assert Plaque.objects.get().near_id is None
