"""Meta.schema_version: stored forms that are upgraded when they are read."""

import pytest
from bson import ObjectId
from django.core.exceptions import ImproperlyConfigured, ValidationError

from docmodels import documents, transaction
from docmodels.exceptions import VersionConflict
from docmodels.testing.commands import record_commands


class Member(documents.Document):
    first = documents.CharField(max_length=20)
    last = documents.CharField(max_length=20)
    emails = documents.ListField(documents.EmailField())
    city = documents.CharField(blank=True)
    secret = documents.CharField(blank=True, hidden=True)

    class Meta:
        app_label = "upgraded"
        collection = "members"
        schema_version = 3

    @documents.upgrade(1, 2)
    def split_name(raw):
        raw["first"], raw["last"] = raw.pop("name").split()

    @documents.upgrade(2, 3)
    def many_emails(raw):
        return {**{k: v for k, v in raw.items() if k != "email"}, "emails": [raw["email"]]}


class Chief(Member):
    staff = documents.IntegerField(blank=True)


class Sealed(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "upgraded"
        schema_version = 2
        schema_key = "v"

    @documents.upgrade(1, 2)
    def nothing(raw):
        pass


@pytest.fixture
def members(mongo):
    """Give the collection with one member in the first form."""
    members = mongo.collection("members")
    members.insert_one({"name": "Ida Pfeiffer", "email": "ida@example.com", "extra": {"n": 1}})
    return members


class TestRead:
    """What is read is of the newest form."""

    def test_steps(self, members):
        """All steps are made, from the version that is stored."""
        members.insert_one({"_schema": 2, "first": "A", "last": "B", "email": "b@example.com"})

        ida, other = Member.objects.order_by("pk")

        assert (ida.first, ida.last, ida.emails) == ("Ida", "Pfeiffer", ["ida@example.com"])
        assert (other.last, other.emails) == ("B", ["b@example.com"])
        assert not ida.read_errors
        assert dict(ida.undeclared) == {"extra": {"n": 1}}

    @pytest.mark.parametrize(
        "read",
        [
            lambda: Member.objects.get(),
            lambda: Member.objects.first(),
            lambda: next(Member.objects.iterator()),
            lambda: Member.from_mongo(next(Member.objects.raw())),
            lambda: Member.objects.only("first", "city").get(),
            lambda: Member.objects.defer("emails").get(),
        ],
        ids=["get", "first", "iterator", "from_mongo", "only", "defer"],
    )
    def test_every_way(self, members, read):
        """Every way of reading gives the newest form."""
        member = read()

        assert (member.first, member.emails) == ("Ida", ["ida@example.com"])

    def test_read_writes_nothing(self, members):
        """A read leaves what is stored alone."""
        before = members.find_one()

        list(Member.objects.all())

        assert members.find_one() == before

    def test_child(self, members):
        """A subclass is upgraded as its parent is."""
        members.insert_one({"__t": "Chief", "name": "C D", "email": "c@example.com", "staff": 2})

        chief = Chief.objects.get()

        assert (type(Member.objects.get(pk=chief.pk)), chief.last) == (Chief, "D")
        assert Chief.objects.create(first="E", last="F", emails=["e@example.com"]).pk
        assert members.count_documents({"_schema": 3}) == 1

    def test_projection(self, members):
        """Fields that were left out stay unread, hidden ones hidden."""
        Member.objects.create(
            first="A", last="B", emails=["a@example.com"], city="Bern", secret="s"
        )
        members.update_one({"name": "Ida Pfeiffer"}, {"$set": {"city": "Wien", "secret": "s"}})

        with record_commands() as commands:
            for member in Member.objects.only("first"):
                assert not member._is_loaded(Member._meta.get_field("city"))
                assert "secret" not in member.to_dict()
            assert len(commands) == 1

            assert {member.city for member in Member.objects.only("first")} == {"Bern", "Wien"}
            assert len(commands) == 4

    @pytest.mark.parametrize("version", [3, 4, "3", None, True], ids=repr)
    def test_left_alone(self, mongo, version):
        """The newest form, a newer one, and what is no version are read as they are."""
        raw = {"_id": ObjectId(), "_schema": version, "first": "A", "last": "B", "emails": []}
        mongo.collection("members").insert_one(raw)

        member = Member.objects.get()

        assert (member.first, member.is_modified()) == ("A", False)


class TestFailure:
    """An upgrade that fails never breaks a list."""

    def test_read(self, members):
        """The document is shown as it is stored, the error is noted."""
        members.insert_one({"name": "Plato", "email": "p@example.com"})

        plato = next(member for member in Member.objects.all() if not member.is_set("first"))

        assert plato.undeclared["name"] == "Plato"
        assert plato.read_errors == {
            "_schema": "The upgrade from version 1 failed: ValueError: not enough values to "
            "unpack (expected 2, got 1)"
        }

    def test_save(self, members):
        """It cannot be saved before somebody has looked at it."""
        members.update_one({}, {"$unset": {"email": ""}})
        member = Member.objects.get()
        member.first, member.last = "Ida", "P."

        with pytest.raises(ValidationError) as caught:
            member.save()

        assert caught.value.message_dict["_schema"] == [
            "The upgrade from version 1 failed: KeyError: 'email'"
        ]


class TestSave:
    """The next save stores the upgrade."""

    def test_update(self, members):
        """What the upgrade changed is sent, with the version, if nobody else did the same."""
        member = Member.objects.get()
        assert set(member.modified_paths()) == {"first", "last", "emails", "name", "email"}

        with record_commands() as commands:
            member.save()

        [update] = commands[0].command["updates"]
        assert update["q"] == {
            "_id": member.pk,
            "emails": {"$exists": False},
            "_schema": {"$exists": False},
        }
        assert update["u"]["$set"] == {
            "first": "Ida",
            "last": "Pfeiffer",
            "emails": ["ida@example.com"],
            "_schema": 3,
        }
        assert update["u"]["$unset"] == {"name": "", "email": ""}
        stored = members.find_one()
        assert stored.keys() == {"_id", "extra", "first", "last", "emails", "_schema"}
        assert not member.is_modified()

    def test_once(self, members):
        """Afterwards it is a document like any other."""
        member = Member.objects.get()
        member.save()
        member.city = "Wien"

        with record_commands() as commands:
            member.save()

        [update] = commands[0].command["updates"]
        assert (update["q"], update["u"]) == ({"_id": member.pk}, {"$set": {"city": "Wien"}})
        assert not Member.objects.get().is_modified()

    def test_some_fields(self, members):
        """A save of some fields stores the upgrade as a whole, and no other change."""
        member = Member.objects.get()
        member.city, member.first = "Wien", "I."

        member.save(update_fields=["first"])

        stored = members.find_one()
        assert (stored["first"], stored["last"], stored["_schema"]) == ("I.", "Pfeiffer", 3)
        assert "name" not in stored
        assert "city" not in stored
        assert member.modified_paths() == ["city"]

    def test_two_at_once(self, members):
        """The second one of two that upgraded the same document conflicts."""
        mine, theirs = Member.objects.get(), Member.objects.get()
        theirs.first = "I."
        theirs.save()

        with pytest.raises(VersionConflict):
            mine.save()

        mine.refresh_from_db()
        assert (mine.first, mine.is_modified()) == ("I.", False)

    def test_insert(self):
        """A new document has the newest version."""
        member = Member.objects.create(first="A", last="B", emails=["a@example.com"])
        Member.objects.bulk_create([Member(first="C", last="D", emails=["c@example.com"])])

        assert [raw["_schema"] for raw in Member.objects.raw()] == [3, 3]
        assert member.to_mongo()["_schema"] == 3

    def test_nothing_to_change(self, mongo):
        """An upgrade that changes nothing stores the version."""
        mongo.collection("upgraded_sealed").insert_one({"name": "a"})
        sealed = Sealed.objects.get()
        assert not sealed.is_modified()

        sealed.save()

        assert mongo.collection("upgraded_sealed").find_one()["v"] == 2

    def test_rollback_of_changes(self, members):
        """`rollback()` goes back to what was read, `refresh_from_db()` reads again."""
        member = Member.objects.get()
        member.first = "X"

        member.rollback()
        assert (member.first, member.previous("first")) == ("Ida", None)
        member.save()
        assert members.find_one()["first"] == "Ida"

    def test_refresh(self, members):
        """What is read again is upgraded again."""
        member = Member.objects.get()
        member.first = "X"

        member.refresh_from_db()

        assert member.first == "Ida"
        member.save()
        assert members.find_one()["_schema"] == 3

    def test_aborted_transaction(self, members):
        """After an abort the upgrade is still to be stored."""
        member = Member.objects.get()

        def fail():
            with transaction.atomic():
                member.save()
                raise RuntimeError("abort")

        with pytest.raises(RuntimeError, match="abort"):
            fail()

        assert "name" in members.find_one()
        member.save()
        assert members.find_one()["_schema"] == 3


class TestDeclaration:
    """Mistakes are told when the class is made."""

    def declare(self, version, *steps, **body):
        """Make a class with upgrades between these versions."""
        ups = {f"up{a}": documents.upgrade(a, b)(lambda raw: None) for a, b in steps}
        meta = {"app_label": "upgraded"} | ({"schema_version": version} if version else {})
        meta |= body
        return type(documents.Document)(
            "Declared", (documents.Document,), {"Meta": type("Meta", (), meta), **ups}
        )

    @pytest.mark.parametrize(
        ("version", "steps", "message"),
        [
            (3, [(1, 2)], "3, expected an @documents.upgrade(2, 3)."),
            (2, [], "2, expected an @documents.upgrade(1, 2)."),
            (2, [(1, 3)], "2, expected 3, to which an upgrade leads."),
            (None, [(1, 2)], "not set, expected the version of the upgrades."),
            ("2", [], "'2', expected a number from 1."),
        ],
    )
    def test_chain(self, version, steps, message):
        """From every old version the upgrades lead to the newest."""
        with pytest.raises(ImproperlyConfigured) as caught:
            self.declare(version, *steps)

        assert str(caught.value) == f"Declared.Meta.schema_version: {message}"

    def test_leap(self):
        """One upgrade may leap over versions, and a first version needs none."""
        assert self.declare(3, (1, 3), (2, 3))._meta.upgrades.keys() == {1, 2}
        assert self.declare(1)._meta.upgrades == {}

    def test_order(self):
        """The later version comes last."""
        with pytest.raises(ValueError) as caught:
            documents.upgrade(2, 1)

        assert str(caught.value) == ("upgrade(2, 1): expected two numbers, the later one last.")

    @pytest.mark.parametrize(
        "function",
        [lambda self, raw: None, lambda: None, classmethod(lambda cls: None)],
        ids=["self", "nothing", "cls"],
    )
    def test_function(self, function):
        """It takes the stored dict and nothing else."""
        with pytest.raises(TypeError) as caught:
            documents.upgrade(1, 2)(function)

        assert str(caught.value).startswith("upgrade(1, 2): <lambda>(")
        assert str(caught.value).endswith(
            "), expected a function of the stored dict alone, without self or cls."
        )

    def test_static_method(self, mongo):
        """`@staticmethod` may stand on either side."""

        class Sided(documents.Document):
            a = documents.IntegerField(blank=True)
            b = documents.IntegerField(blank=True)

            class Meta:
                app_label = "upgraded"
                schema_version = 3

            @staticmethod
            @documents.upgrade(1, 2)
            def outside(raw):
                raw["a"] = 1

            @documents.upgrade(2, 3)
            @staticmethod
            def inside(raw):
                raw["b"] = 2

        mongo.collection(Sided._meta.collection).insert_one({})

        assert (Sided.objects.get().a, Sided.objects.get().b) == (1, 2)

    def test_embedded(self):
        """An embedded document is upgraded with the document that holds it."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Inner(documents.EmbeddedDocument):
                class Meta:
                    schema_version = 1

        assert str(caught.value) == (
            "Inner.Meta.schema_version: set on an embedded document, expected it on the document "
            "that holds it."
        )
