"""Rule X1: when something was created and last changed."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents
from docmodels.documents import ops
from docmodels.testing.commands import record_commands

OLD = datetime.datetime(2001, 2, 3, tzinfo=datetime.UTC)


class Remark(documents.EmbeddedDocument):
    text = documents.CharField(max_length=10)

    class Meta:
        timestamps = True


class Origin(documents.EmbeddedDocument):
    city = documents.CharField(blank=True)
    remark = documents.EmbeddedField(Remark, blank=True)

    class Meta:
        timestamps = (None, "moved_at")


class Parcel(documents.Document):
    code = documents.CharField(max_length=10)
    weight = documents.IntegerField(default=1)
    remarks = documents.EmbeddedListField(Remark)
    origin = documents.EmbeddedField(Origin, blank=True)
    by_name = documents.MapField(documents.EmbeddedField(Remark), blank=True)

    class Meta:
        app_label = "stamped"
        timestamps = True


class Renamed(documents.Document):
    code = documents.CharField()

    class Meta:
        app_label = "stamped"
        timestamps = ("since", None)


class Base(documents.Document):
    class Meta:
        abstract = True
        timestamps = True


class Child(Base):
    name = documents.CharField()

    class Meta:
        app_label = "stamped"


def age(parcel):
    """Make the stored times of a parcel old, and return it as it is stored."""
    Parcel.objects.filter(pk=parcel.pk).update(
        timestamps=False,
        validate=False,
        created_at=OLD,
        updated_at=OLD,
        remarks=[{"text": r.text, "created_at": OLD, "updated_at": OLD} for r in parcel.remarks],
    )
    return Parcel.objects.get(pk=parcel.pk)


class TestX1:
    """The times of a document."""

    def test_x1_insert(self):
        """Both are the moment of the insert."""
        parcel = Parcel.objects.create(code="a")

        assert parcel.created_at == parcel.updated_at
        assert Parcel.objects.get().created_at == parcel.created_at

    def test_x1_created_may_be_given(self):
        """An import may say when a document was created, not when it changed."""
        parcel = Parcel.objects.create(code="a", created_at=OLD, updated_at=OLD)

        assert parcel.created_at == OLD
        assert parcel.updated_at > OLD

    def test_x1_created_is_immutable(self):
        """It cannot be assigned once stored, nor updated."""
        parcel = Parcel.objects.create(code="a")

        with pytest.raises(ValidationError) as caught:
            parcel.created_at = OLD
        assert list(caught.value.message_dict) == ["created_at"]

        with pytest.raises(ValidationError):
            Parcel.objects.filter(pk=parcel.pk).update(created_at=OLD)

    def test_x1_save(self):
        """A save of a change moves the last change, also against the user's value."""
        parcel = age(Parcel.objects.create(code="a"))
        parcel.code = "b"
        parcel.updated_at = OLD - datetime.timedelta(days=1)

        with record_commands() as commands:
            parcel.save()

        [update] = commands[0].command["updates"]
        assert update["u"] == {"$set": {"code": "b", "updated_at": parcel.updated_at}}
        assert parcel.updated_at > OLD
        assert parcel.created_at == OLD

    def test_x1_save_of_some_fields(self):
        """A save of named fields is a change as well."""
        parcel = age(Parcel.objects.create(code="a"))
        parcel.code = "b"

        parcel.save(update_fields=["code"])

        assert Parcel.objects.get().updated_at > OLD

    def test_x1_save_of_nothing(self):
        """Where nothing changed nothing moves."""
        age(Parcel.objects.create(code="a")).save()

        assert Parcel.objects.get().updated_at == OLD

    def test_x1_update(self):
        """An update moves the last change, whatever it gives for it."""
        parcel = age(Parcel.objects.create(code="a"))

        for change in ({"weight": 2}, {"updated_at": OLD}, {"updated_at": ops.Max(OLD)}):
            Parcel.objects.filter(pk=parcel.pk).update(**change)

            assert Parcel.objects.get().updated_at > OLD
            age(parcel)

    def test_x1_operators(self):
        """Updates by operators move it too."""
        parcel = age(Parcel.objects.create(code="a"))

        Parcel.objects.filter(code="a").update(weight=documents.F("weight") + 1)

        assert Parcel.objects.get(pk=parcel.pk).updated_at > OLD

    def test_x1_update_or_create(self):
        """It is set where the document is found, and both where it is made."""
        Parcel.objects.update_or_create(code="a", defaults={"weight": 2})
        age(Parcel.objects.get())

        parcel, created = Parcel.objects.update_or_create(code="a", defaults={"weight": 3})

        assert not created
        assert (parcel.created_at, parcel.updated_at > OLD) == (OLD, True)

    def test_x1_bulk_create(self):
        """Many at once get theirs."""
        made = Parcel.objects.bulk_create([Parcel(code="a"), Parcel(code="b")])

        assert all(parcel.created_at and parcel.updated_at for parcel in made)

    @pytest.mark.parametrize(
        "act",
        [
            lambda parcels: parcels.update(weight=2, updated_at=OLD),
            lambda parcels: parcels.update_one(weight=2, updated_at=OLD),
            lambda parcels: parcels.find_one_and_update(weight=2, updated_at=OLD),
            lambda parcels: parcels.upsert({"weight": 2, "updated_at": OLD}),
            lambda parcels: parcels.update_or_create({"weight": 2, "updated_at": OLD}),
        ],
        ids=["update", "update_one", "find_one_and_update", "upsert", "update_or_create"],
    )
    def test_x1_every_update(self, act):
        """Whatever updates, the last change wins over the given one; the creation stays."""
        parcel = age(Parcel.objects.create(code="a"))

        act(Parcel.objects.filter(code="a"))

        stored = Parcel.objects.get(pk=parcel.pk)
        assert (stored.weight, stored.created_at) == (2, OLD)
        assert stored.updated_at > OLD

    def test_x1_replace(self):
        """A replacement may say when it changed; the creation stays nevertheless."""
        parcel = age(Parcel.objects.create(code="a"))

        Parcel.objects.filter(code="a").find_one_and_replace({"code": "b", "updated_at": OLD})

        stored = Parcel.objects.get(pk=parcel.pk)
        assert (stored.code, stored.created_at, stored.updated_at) == ("b", OLD, OLD)

    def test_x1_upsert(self):
        """What may insert sets the creation by `$setOnInsert`."""
        with record_commands() as commands:
            Parcel.objects.filter(code="a").update(weight=2, upsert=True)
            Parcel.objects.filter(code="a").update(weight=3, upsert=True)

        updates = [c.command["updates"][0]["u"] for c in commands if c.name == "update"]
        assert [update["$set"].keys() for update in updates] == [{"weight", "updated_at"}] * 2
        assert all("created_at" in update["$setOnInsert"] for update in updates)
        parcel = Parcel.objects.get()
        assert parcel.weight == 3
        assert parcel.created_at <= parcel.updated_at

    def test_x1_failed_save(self):
        """A save that fails leaves the times as they were, inside as well."""
        parcel = age(Parcel.objects.create(code="a", remarks=[{"text": "x"}]))
        parcel.code = "x" * 11
        parcel.remarks[0].text = "y"

        with pytest.raises(ValidationError):
            parcel.save()

        assert parcel.updated_at == OLD
        assert parcel.remarks[0].updated_at == OLD
        assert set(parcel.modified_paths()) == {"code", "remarks.0.text"}


class TestOff:
    """`timestamps=False`, for one call."""

    def test_x1_save(self):
        """The user's values are stored."""
        parcel = age(Parcel.objects.create(code="a"))
        parcel.code = "b"
        parcel.save(timestamps=False)
        assert Parcel.objects.get().updated_at == OLD

        new = Parcel(code="c", updated_at=OLD)
        new.save(timestamps=False)
        assert (new.is_set("created_at"), new.updated_at) == (False, OLD)

    def test_x1_update(self):
        """Only what was asked for is sent."""
        Parcel.objects.create(code="a")

        with record_commands() as commands:
            Parcel.objects.filter(code="a").update(weight=3, timestamps=False)

        [update] = commands[0].command["updates"]
        assert update["u"] == {"$set": {"weight": 3}}

    def test_x1_bulk_create(self):
        """An import keeps its times, and keys are made nevertheless."""
        [parcel] = Parcel.objects.bulk_create([Parcel(code="a", updated_at=OLD)], timestamps=False)

        assert parcel.pk is not None
        assert (parcel.is_set("created_at"), parcel.updated_at) == (False, OLD)


class TestNames:
    """Names of one's own."""

    def test_x1_pair(self):
        """A pair names them, None leaves one out."""
        renamed = Renamed.objects.create(code="a")

        assert renamed.since is not None
        assert [f.name for f in Renamed._meta.fields] == ["id", "code", "since"]

    def test_x1_inherited(self):
        """An abstract base gives them to its children, whose last change wins as well."""
        child = Child.objects.create(name="a")

        Child.objects.filter(pk=child.pk).update(name="b", updated_at=OLD)

        assert Child.objects.get().updated_at >= child.created_at

    def test_x1_mistake(self):
        """Anything else is told when the class is made."""
        with pytest.raises(TypeError) as caught:

            class Wrong(documents.Document):
                class Meta:
                    timestamps = "created"

        assert str(caught.value) == (
            "Wrong.Meta.timestamps: 'created', expected True or a pair of names (created, updated)."
        )


class TestEmbedded:
    """Embedded documents with times of their own."""

    def test_x1_insert(self):
        """They are set at any depth, to the moment of the save."""
        parcel = Parcel.objects.create(
            code="a",
            remarks=[{"text": "x"}],
            origin={"city": "Bern", "remark": {"text": "y"}},
            by_name={"me": {"text": "z"}},
        )

        stored = Parcel.objects.get()
        assert stored.remarks[0].created_at == parcel.created_at
        assert stored.origin.moved_at == parcel.created_at
        assert stored.origin.remark.updated_at == parcel.created_at
        assert stored.by_name["me"].created_at == parcel.created_at

    def test_x1_change(self):
        """A save moves those of changed ones only, and sets those of new ones."""
        parcel = age(Parcel.objects.create(code="a", remarks=[{"text": "x"}, {"text": "y"}]))
        parcel.remarks[1].text = "changed"

        parcel.save()

        stored = Parcel.objects.get()
        assert stored.remarks[0].updated_at == OLD
        assert stored.remarks[1].updated_at > OLD
        assert stored.remarks[1].created_at == OLD

        stored.remarks.append({"text": "new"})
        stored.save()
        assert Parcel.objects.get().remarks[2].created_at > OLD

    def test_x1_update_of_a_path(self):
        """An update inside of one moves its last change."""
        Parcel.objects.create(code="a", remarks=[{"text": "x"}, {"text": "y"}])
        age(Parcel.objects.get())

        Parcel.objects.filter(code="a").update(remarks__1__text="z", origin__city="Bern")

        stored = Parcel.objects.get()
        assert [r.updated_at > OLD for r in stored.remarks] == [False, True]
        assert stored.remarks[1].created_at == OLD
        assert stored.origin.moved_at > OLD

    def test_x1_update_with_whole_ones(self):
        """What an update stores or pushes has its times."""
        Parcel.objects.create(code="a")

        Parcel.objects.filter(code="a").update(
            remarks=ops.Push({"text": "x"}), origin={"remark": {"text": "y"}}
        )

        stored = Parcel.objects.get()
        assert stored.remarks[0].created_at is not None
        assert stored.origin.moved_at is not None
        assert stored.origin.remark.updated_at is not None

    def test_x1_removal_makes_nothing(self):
        """Removing inside of a missing one does not make it."""
        Parcel.objects.create(code="a")

        Parcel.objects.filter(code="a").update(origin__city=ops.Unset())

        assert not Parcel.objects.get().is_set("origin")
