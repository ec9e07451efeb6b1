"""Documents that are marked as deleted instead of being removed."""

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError

from docmodels import documents, signals, transaction
from docmodels.contrib.soft_delete import SoftDelete, SoftDeleteManager
from docmodels.testing.commands import record_commands

LOG = []


class Owner(SoftDelete):
    name = documents.CharField(max_length=10)

    class Meta:
        app_label = "softly"


class Pet(SoftDelete):
    name = documents.CharField(max_length=10)
    age = documents.IntegerField(default=1)
    owner = documents.ReferenceField(Owner, on_delete=documents.CASCADE, blank=True)

    class Meta:
        app_label = "softly"
        timestamps = True


class Bird(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "softly"
        plugins = ["docmodels.contrib.soft_delete.SoftDelete"]

    @documents.pre("delete")
    def going(self):
        LOG.append(f"pre {self.name}")
        if self.name == "stays":
            raise RuntimeError("stays")

    @documents.post("delete")
    def gone(self):
        LOG.append(f"post {self.name}")


@pytest.fixture(autouse=True)
def log():
    """Start with an empty log."""
    LOG.clear()


@pytest.fixture
def pets():
    """Give two pets, the first of which is deleted."""
    first, second = Pet.objects.create(name="a", age=2), Pet.objects.create(name="b", age=3)
    assert first.delete() == (1, {"softly.Pet": 1})
    return first, second


class TestDelete:
    """`delete()` of one document."""

    def test_mark(self, pets):
        """The document stays stored, with the time."""
        first, _second = pets

        [raw] = [raw for raw in Pet.objects.with_deleted().raw() if raw["name"] == "a"]
        assert raw["deleted_at"] == first.deleted_at
        assert first.is_deleted
        assert raw["updated_at"] >= raw["created_at"]

    def test_only_the_mark(self):
        """Other changes are not saved, and stay changes."""
        pet = Pet.objects.create(name="a")
        pet.name = "x" * 50

        with record_commands() as commands:
            pet.delete()

        [update] = commands[0].command["updates"]
        assert update["u"]["$set"].keys() == {"deleted_at", "updated_at"}
        assert pet.modified_paths() == ["name"]

    def test_twice(self, pets):
        """A second time nothing happens."""
        first, _second = pets
        before = first.deleted_at

        assert first.delete() == (0, {})
        assert first.deleted_at == before

    def test_new(self):
        """What is not stored cannot be deleted."""
        with pytest.raises(ValueError) as caught:
            Pet(name="a").delete()

        assert str(caught.value) == (
            "Pet.delete(): the document is not stored, expected a saved one."
        )

    def test_vanished(self, pets, mongo):
        """What is gone raises, and is not marked."""
        _first, second = pets
        mongo.collection("softly_pet").delete_many({})

        with pytest.raises(Pet.DoesNotExist):
            second.delete()
        assert not second.is_deleted

    def test_hooks(self):
        """Hooks of deletion run, and may refuse it."""
        Bird.objects.create(name="a").delete()
        assert LOG == ["pre a", "post a"]

        stays = Bird.objects.create(name="stays")
        with pytest.raises(RuntimeError, match="stays"):
            stays.delete()
        stays.delete(hooks=False)
        assert stays.is_deleted

    def test_signals(self):
        """Signals see a save of one field, no deletion."""
        seen = []

        def saved(sender, update_fields, **kwargs):
            seen.append(set(update_fields))

        def deleted(sender, **kwargs):
            seen.append("deleted")

        owner = Owner.objects.create(name="a")
        signals.post_save.connect(saved, sender=Owner)
        signals.post_delete.connect(deleted, sender=Owner)
        try:
            owner.delete()
            owner.hard_delete()
        finally:
            signals.post_save.disconnect(saved, sender=Owner)
            signals.post_delete.disconnect(deleted, sender=Owner)

        assert seen == [{"deleted_at"}, "deleted"]

    def test_transaction(self):
        """An aborted transaction takes the mark back."""
        pet = Pet.objects.create(name="a")

        def fail():
            with transaction.atomic():
                pet.delete()
                raise RuntimeError("abort")

        with pytest.raises(RuntimeError, match="abort"):
            fail()

        assert Pet.objects.count() == 1


class TestReads:
    """What begins at `objects`."""

    @pytest.mark.parametrize(
        ("read", "expected"),
        [
            (lambda: [pet.name for pet in Pet.objects.all()], ["b"]),
            (lambda: [pet.name for pet in Pet.objects.filter(age__gt=0)], ["b"]),
            (lambda: Pet.objects.count(), 1),
            (lambda: Pet.objects.filter(name="a").exists(), False),
            (lambda: Pet.objects.first().name, "b"),
            (lambda: Pet.objects.distinct("name"), ["b"]),
            (lambda: Pet.objects.aggregate(n=documents.Sum("age")), {"n": 3}),
            (lambda: list(Pet.objects.values_list("name", flat=True)), ["b"]),
            (lambda: [row["name"] for row in Pet.objects.pipeline([{"$limit": 9}])], ["b"]),
            (lambda: len(Pet.objects.in_bulk()), 1),
            (lambda: Pet.objects.with_deleted().count(), 2),
            (lambda: [pet.name for pet in Pet.objects.only_deleted()], ["a"]),
        ],
        ids=[
            "all", "filter", "count", "exists", "first", "distinct", "aggregate", "values",
            "pipeline", "in_bulk", "with_deleted", "only_deleted",
        ],
    )  # fmt: skip
    def test_left_out(self, pets, read, expected):
        """Deleted ones are left out, unless asked for."""
        assert read() == expected

    def test_filter_is_plain(self, pets):
        """The condition is one that an index can answer."""
        assert Pet.objects.filter(name="b").query.compile_filter() == {
            "deleted_at": None,
            "name": "b",
        }

    def test_reference(self):
        """A reference to a deleted document leads nowhere."""
        owner = Owner.objects.create(name="o")
        pet = Pet.objects.create(name="a", owner=owner)
        owner.delete()

        with pytest.raises(Owner.DoesNotExist):
            Pet.objects.with_deleted().get(pk=pet.pk).owner

    def test_own_manager(self):
        """A default manager that would show them is refused."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Wrong(SoftDelete):
                objects = documents.Manager()

                class Meta:
                    app_label = "softly"

        assert str(caught.value) == (
            "Wrong.objects: a Manager, expected a subclass of SoftDeleteManager as the default "
            "manager."
        )

    def test_derived_manager(self):
        """A manager of one's own derives from it."""

        class Old(SoftDeleteManager):
            def old(self):
                return self.filter(age__gt=2)

        class Cat(SoftDelete):
            age = documents.IntegerField()
            objects = Old()

            class Meta:
                app_label = "softly"

        Cat.objects.create(age=3).delete()
        Cat.objects.create(age=4)
        assert [cat.age for cat in Cat.objects.old()] == [4]


class TestMany:
    """`delete`, `restore` and `hard_delete` of querysets."""

    def test_delete(self, pets):
        """All are marked in one command; earlier marks stay."""
        first, _second = pets

        with record_commands() as commands:
            assert Pet.objects.with_deleted().delete(allow_all=True) == (1, {"softly.Pet": 1})

        assert [command.name for command in commands] == ["update"]
        stored = Pet.objects.only_deleted().in_bulk()
        assert len(stored) == 2
        assert stored[first.pk].deleted_at == first.deleted_at

    def test_delete_with_hooks(self):
        """Where there are hooks they run for each."""
        Bird.objects.bulk_create([Bird(name="a"), Bird(name="b")])

        assert Bird.objects.filter(name="a").delete() == (1, {"softly.Bird": 1})
        assert LOG == ["pre a", "post a"]

    @pytest.mark.parametrize("manager", ["all", "only_deleted"])
    def test_all_must_be_said(self, pets, manager):
        """That deleted ones are left out is no filter."""
        queryset = getattr(Pet.objects, manager)()
        for write in (
            queryset.delete,
            queryset.hard_delete,
            queryset.restore,
            lambda: queryset.update(age=1),
        ):
            with pytest.raises(ValueError, match="no filter, expected one, or allow_all=True"):
                write()

    def test_restore(self, pets):
        """Restored ones are found again."""
        assert Pet.objects.only_deleted().restore(allow_all=True) == 1

        assert Pet.objects.count() == 2
        assert not any("deleted_at" in raw for raw in Pet.objects.raw())

    def test_hard_delete(self, pets):
        """Hard deletion removes."""
        assert Pet.objects.only_deleted().hard_delete(allow_all=True) == (1, {"softly.Pet": 1})

        assert Pet.objects.with_deleted().count() == 1

    def test_update(self, pets):
        """An update leaves deleted ones alone."""
        assert Pet.objects.update(age=9, allow_all=True) == 1


class TestBack:
    """`restore()` and `hard_delete()` of one document."""

    def test_restore(self, pets):
        """The mark is taken away."""
        first, _second = pets

        first.restore()

        assert not first.is_deleted
        assert Pet.objects.get(name="a") == first

    def test_hard_delete(self):
        """The rules of references apply, and the document is removed."""
        owner = Owner.objects.create(name="o")
        Pet.objects.create(name="a", owner=owner)

        assert owner.hard_delete() == (2, {"softly.Pet": 1, "softly.Owner": 1})
        assert Pet.objects.with_deleted().count() == 0


def test_unique(mongo):
    """A partial unique index lets a value be used again."""
    index = documents.Index(fields=["name"], unique=True, partial=documents.Q(deleted_at=None))
    mongo.collection("softly_owner").create_index(
        [("name", 1)], unique=True, partialFilterExpression={"deleted_at": None}
    )
    owner = Owner.objects.create(name="a")
    with pytest.raises(ValidationError):
        Owner.objects.create(name="a")

    owner.delete()

    assert Owner.objects.create(name="a").pk != owner.pk
    with pytest.raises(ValidationError):
        owner.restore()
    assert owner.is_deleted
    assert index.unique
    mongo.collection("softly_owner").drop_indexes()
