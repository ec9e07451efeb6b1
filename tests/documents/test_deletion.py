"""Deleting documents, and what becomes of references to them."""

import pytest
from bson import ObjectId
from django.db.models import ProtectedError

from docmodels import documents, signals
from docmodels.exceptions import ReadOnlyConnection


class Owner(documents.Document):
    name = documents.CharField(blank=True)

    class Meta:
        collection = "owners"


class Note(documents.EmbeddedDocument):
    by = documents.ReferenceField(Owner, on_delete=documents.SET_NULL, null=True)


class Cat(documents.Document):
    owner = documents.ReferenceField(Owner, on_delete=documents.CASCADE, blank=True)
    notes = documents.EmbeddedListField(Note)

    class Meta:
        collection = "cats"


class House(documents.Document):
    owner = documents.ReferenceField(Owner, on_delete=documents.PROTECT, blank=True)
    tenants = documents.ListField(
        documents.ReferenceField(Owner, on_delete=documents.PULL), blank=True
    )
    heir = documents.ReferenceField(Owner, on_delete=documents.SET_NULL, blank=True, null=True)
    agent = documents.ReferenceField(
        Owner,
        on_delete=documents.SET_DEFAULT,
        default=ObjectId("0123456789abcdef01234567"),
        blank=True,
    )
    watcher = documents.ReferenceField(Owner, on_delete=documents.DO_NOTHING, blank=True)

    class Meta:
        collection = "houses"


@pytest.fixture
def owner():
    """Give a saved owner."""
    owner = Owner(name="Ann")
    owner.save()
    return owner


class TestDelete:
    """`owner.delete()`."""

    def test_result(self, owner):
        """The number is returned, also by label, as in Django."""
        assert owner.delete() == (1, {"test_deletion.Owner": 1})
        assert Owner.objects.count() == 0

    def test_object_is_new_again(self, owner):
        """The object can be saved as a new document."""
        owner.delete()

        assert owner._state.adding
        assert owner.pk is None
        owner.save()
        assert Owner.objects.get().name == "Ann"

    def test_new_object(self):
        """An object that is not stored cannot be deleted."""
        with pytest.raises(ValueError) as caught:
            Owner().delete()

        assert str(caught.value) == (
            "Owner.delete(): the document is not stored, expected a saved one."
        )

    def test_twice(self, owner):
        """Deleting what somebody else deleted deletes nothing."""
        twin = Owner.objects.get()
        owner.delete()

        assert twin.delete()[0] == 0

    def test_read_only(self, owner):
        """A read-only alias refuses."""
        with pytest.raises(ReadOnlyConnection):
            owner.delete(using="slow")

        assert Owner.objects.count() == 1

    def test_signals(self, owner):
        """`pre_delete` and `post_delete` are sent."""
        heard = []

        def hear(signal, **about):
            heard.append(about["instance"].name)

        signals.pre_delete.connect(hear, sender=Owner)
        signals.post_delete.connect(hear, sender=Owner)
        try:
            owner.delete()
        finally:
            signals.pre_delete.disconnect(hear, sender=Owner)
            signals.post_delete.disconnect(hear, sender=Owner)

        assert heard == ["Ann", "Ann"]


class TestRules:
    """`on_delete`."""

    def test_cascade(self, owner):
        """Referring documents are deleted, and counted."""
        Cat(owner=owner).save()
        Cat().save()

        assert owner.delete() == (2, {"test_deletion.Cat": 1, "test_deletion.Owner": 1})
        assert Cat.objects.count() == 1

    def test_protect(self, owner):
        """A protected reference refuses, before anything is deleted."""
        house = House(owner=owner)
        house.save()
        Cat(owner=owner).save()

        with pytest.raises(ProtectedError) as caught:
            owner.delete()

        assert caught.value.args[0] == (
            f"Cannot delete owner {owner}: it is referenced through the protected field "
            "House.owner."
        )
        assert caught.value.protected_objects == {house}
        assert (Owner.objects.count(), Cat.objects.count()) == (1, 1)

    def test_references_are_rewritten(self, mongo, owner):
        """References become null or their default, or leave their list, or stay."""
        other = Owner(name="Bob")
        other.save()
        House(tenants=[owner, other], heir=owner, agent=owner, watcher=owner).save()
        Cat(notes=[{"by": owner}, {"by": other}]).save()

        owner_key = owner.pk
        owner.delete()

        house = mongo.collection("houses").find_one({}, {"_id": 0, "__v": 0})
        assert house == {
            "tenants": [other.pk],
            "heir": None,
            "agent": ObjectId("0123456789abcdef01234567"),
            "watcher": owner_key,
        }
        assert mongo.collection("cats").find_one()["notes"] == [{"by": None}, {"by": other.pk}]

    def test_queryset(self, owner):
        """The rules hold for the deletion of a queryset as well."""
        Cat(owner=owner).save()

        deleted = Owner.objects.filter(name="Ann").delete()

        assert deleted == (2, {"test_deletion.Cat": 1, "test_deletion.Owner": 1})

    def test_queryset_protected(self, owner):
        """A protected document of a queryset refuses the whole."""
        Owner(name="Bob").save()
        House(owner=owner).save()

        with pytest.raises(ProtectedError):
            Owner.objects.filter(name__in=["Ann", "Bob"]).delete()

        assert Owner.objects.count() == 2
