"""`Related` and `RelatedCount`: the documents that refer to one."""

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.test import override_settings

from docmodels import documents
from docmodels.documents import Populate, Q
from docmodels.exceptions import FieldFetchBlocked
from docmodels.registry import registry
from docmodels.testing import record_commands
from tests.documents.owners import Owner, Part, store_owners


@pytest.fixture
def owners(mongo):
    """Give three owners; the first has four parts, the second one, the third none."""
    return store_owners()


def names(parts):
    """Return the names of parts."""
    return [part.name for part in parts]


class TestMany:
    """Lists of documents."""

    def test_populate(self, owners, assert_num_commands):
        """One command for all parents, in the order of the class."""
        with assert_num_commands(2):
            ann, bob, cid = Owner.objects.populate("parts")

        with assert_num_commands(0):
            assert names(ann.parts) == ["p0", "p1", "p2", "p3"]
            assert names(bob.parts) == ["q"]
            assert cid.parts == []

    def test_access(self, owners, assert_num_commands):
        """Reading one loads those of all the parents."""
        found = list(Owner.objects.all())

        with assert_num_commands(1):
            assert [len(owner.parts) for owner in found] == [4, 1, 0]
        with assert_num_commands(3):
            assert [
                len(owner.parts) for owner in Owner.objects.fetch_mode(documents.FETCH_ONE)[:2]
            ] == [4, 1]

    def test_raise(self, owners):
        """`RAISE` forbids it."""
        owner = Owner.objects.fetch_mode(documents.RAISE).first()

        with pytest.raises(FieldFetchBlocked) as caught:
            owner.parts

        assert str(caught.value) == (
            "Owner.parts: not populated, and fetch_mode(RAISE) forbids to load it; expected "
            "populate('parts') before."
        )

    def test_limit_per_parent(self, owners):
        """Order and limit are those of each parent, and the server cuts."""
        with record_commands() as commands:
            ann, bob, cid = Owner.objects.populate("best")

        assert [names(owner.best) for owner in (ann, bob, cid)] == [["p3", "p2"], ["q"], []]
        assert [command.name for command in commands] == ["find", "aggregate"]

    def test_options(self, owners):
        """`Populate` says more: match, order, skip, limit, only."""
        wanted = Populate(
            "parts", match=Q(rank__lt=3), order_by=["-rank"], skip=1, limit=1, only=["name"]
        )

        ann, bob, _cid = Owner.objects.populate(wanted)

        assert names(ann.parts) == ["p1"]
        assert bob.parts == []
        assert ann.parts[0]._source.loaded >= {"name"}

    def test_only_adds_the_foreign_field(self, owners):
        """The field that tells whose they are is loaded as well."""
        with record_commands() as commands:
            ann, *_others = Owner.objects.populate(Populate("parts", only=["name"]))

        assert names(ann.parts) == ["p0", "p1", "p2", "p3"]
        assert commands[1].command["projection"].keys() >= {"_id", "name", "owner"}

    def test_lists_and_embedded(self, owners):
        """The foreign field may be in lists and embedded documents; each document comes once."""
        ann, bob, cid = Owner.objects.populate("helped", "lined")

        assert names(ann.helped) == ["q"]
        assert names(bob.helped) == ["p0", "p1", "p2", "p3", "q"]
        assert [names(owner.lined) for owner in (ann, bob, cid)] == [["r"], [], ["r"]]
        assert ann.lined[0] is cid.lined[0]

    def test_limit_of_lists(self, owners):
        """A part of each parent's, where documents belong to several."""
        queryset = Owner.objects.populate(
            Populate("helped", order_by=["-name"], limit=1),
            Populate("lined", limit=1),
        )

        ann, bob, cid = queryset

        assert names(ann.helped) == names(bob.helped) == ["q"]
        assert ann.helped[0] is bob.helped[0]
        assert names(ann.lined) == names(cid.lined) == ["r"]

    def test_local_field(self, owners):
        """Another field than the key may be referred to."""
        found = list(Owner.objects.only("name").populate("coded"))

        assert [names(owner.coded) for owner in found] == [[], [], ["q"]]

    def test_behind_it(self, owners, assert_num_commands):
        """Paths go on behind it, and lead to it."""
        with assert_num_commands(3):
            parts = list(Part.objects.filter(name="p0").populate("owner__parts"))
        with assert_num_commands(0):
            assert names(parts[0].owner.parts) == ["p0", "p1", "p2", "p3"]
        with assert_num_commands(3):
            ann = Owner.objects.populate("parts__helpers").first()
        assert [owner.name for owner in ann.parts[0].helpers] == ["Bob", "Bob"]

    def test_split(self, owners):
        """Many parents are asked for in several commands."""
        with override_settings(DOCMODELS={"POPULATE_BATCH": 2}), record_commands() as commands:
            found = list(Owner.objects.populate("parts", "part_count", "best"))

        assert len(commands) == 1 + 3 * 2
        assert [len(owner.parts) for owner in found] == [4, 1, 0]
        assert [owner.part_count for owner in found] == [4, 1, 0]


class TestOne:
    """`many=False`: a document or None."""

    def test_first(self, owners, assert_num_commands):
        """It is the first in the order; None where nobody refers."""
        with assert_num_commands(3):
            ann, bob, cid = Owner.objects.populate("top", "passport")

        assert (ann.top.name, bob.top.name, cid.top) == ("p3", "q", None)
        assert ann.passport.holder_id == ann.pk
        assert bob.passport is None

    def test_unique(self, owners):
        """Where only one can refer, a plain search finds it."""
        with record_commands() as commands:
            list(Owner.objects.populate("passport"))

        assert [command.name for command in commands] == ["find", "find"]


def test_refreshed(owners):
    """A document that is read again forgets who referred to it."""
    ann = Owner.objects.populate("part_count").first()
    Part.objects.filter(name="p0").delete()
    assert ann.part_count == 4

    ann.refresh_from_db()

    assert ann.part_count == 3


def test_in_memory(settings):
    """The fake of unit tests populates as the server does."""
    settings.MONGO_DATABASES = {"default": {"HOST": "mongomock://related", "NAME": "fake"}}
    ann, bob = (Owner(name="Ann"), Owner(name="Bob"))
    ann.save()
    bob.save()
    for rank in range(3):
        Part(name=f"p{rank}", rank=rank, owner=ann, helpers=[bob, ann]).save()

    queryset = Owner.objects.populate("parts", "best", "top", "part_count", "helped")
    first, second = queryset
    assert Owner.objects.populate(Populate("best", count=True))[0].best == 3

    assert (names(first.parts), names(first.best), first.top.name) == (
        ["p0", "p1", "p2"],
        ["p2", "p1"],
        "p2",
    )
    assert (first.part_count, second.part_count, second.best, second.top) == (3, 0, [], None)
    assert len(second.helped) == 3
    assert Part.objects.populate("owner", "helpers").first().helpers == [bob, ann]


class TestDeclaration:
    """What a class may say."""

    def test_class_attribute(self):
        """The class has the relation itself."""
        assert Owner.best.related_model is Part
        assert repr(Owner.best) == "<Related: best>"

    def test_inherited(self):
        """A relation of an abstract base belongs to each class."""
        assert Owner.parts.model is Owner
        assert Owner.parts.related_model is Part

    def test_assignment(self):
        """It stores nothing, and says where to change."""
        with pytest.raises(AttributeError) as caught:
            Owner().parts = []

        assert str(caught.value) == (
            "Owner.parts: a reverse relation, which stores nothing; expected a change of 'owner' "
            "of the documents that refer."
        )

    def test_unknown_foreign_field(self, owners, monkeypatch):
        """A foreign field that is not there is an error with a suggestion."""
        monkeypatch.setattr(registry, "_documents", {**registry._documents})

        class Wrong(documents.Document):
            parts = documents.Related(Part, foreign_field="ownr")

            class Meta:
                app_label = "related"
                collection = Owner._meta.collection

        with pytest.raises(FieldError, match="Did you mean 'owner'"):
            list(Wrong.objects.populate("parts"))

    def test_unknown_local_field(self):
        """A local field that is not there cannot be declared."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Wrong(documents.Document):
                name = documents.CharField()
                parts = documents.Related(Part, foreign_field="owner", local_field="nam")

        assert str(caught.value) == (
            "Wrong.parts: local_field='nam', expected a field of the class. Did you mean 'name'?"
        )

    def test_path_of_a_typo(self):
        """Reverse relations are among the names that are suggested."""
        with pytest.raises(FieldError, match="Did you mean 'part_count'"):
            Owner.objects.populate("part_cuont")
