"""Counting the documents that refer to one: `RelatedCount`, and `Populate(count=True)`."""

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import Populate, Q
from docmodels.testing import record_commands
from tests.documents.owners import Owner, Part, store_owners


@pytest.fixture
def owners(mongo):
    """Give three owners; the first has four parts, the second one, the third none."""
    return store_owners()


class TestCount:
    """Numbers, counted by the server."""

    def test_populate(self, owners):
        """One aggregation for each path; a key that is twice in a list counts once."""
        with record_commands() as commands:
            found = list(Owner.objects.populate("part_count", "help_count"))

        assert [owner.part_count for owner in found] == [4, 1, 0]
        assert [owner.help_count for owner in found] == [0, 3, 0]
        assert [command.name for command in commands] == ["find", "aggregate", "aggregate"]

    def test_access(self, owners, assert_num_commands):
        """Reading one counts for all."""
        found = list(Owner.objects.all())

        with assert_num_commands(1):
            assert [owner.part_count for owner in found] == [4, 1, 0]

    def test_match(self, owners):
        """`Populate` narrows what is counted."""
        ann, *_others = Owner.objects.populate(Populate("part_count", match=Q(rank__gte=2)))

        assert ann.part_count == 2

    def test_count_of_documents(self, owners):
        """`Populate(count=True)` gives the number in the place of the documents."""
        with record_commands() as commands:
            found = list(
                Owner.objects.populate(
                    Populate("parts", count=True), Populate("helped", match=Q(rank=0), count=True)
                )
            )
            assert [owner.parts for owner in found] == [4, 1, 0]
            assert [owner.helped for owner in found] == [1, 2, 0]

        assert [command.name for command in commands] == ["find", "aggregate", "aggregate"]
        assert list(commands[1].command["pipeline"][-1]["$group"]) == ["_id", "n"]
        assert commands[2].command["pipeline"][0]["$match"] == {
            "rank": 0,
            "helpers": {"$in": [owner.pk for owner in found]},
        }

    def test_count_of_all(self, owners):
        """What a relation takes a part of is counted as a whole, of what matches."""
        ann, *_others = Owner.objects.populate(
            Populate("best", count=True), Populate("top", count=True), Populate("lined", count=True)
        )

        assert (ann.best, ann.top, ann.lined) == (4, 4, 1)

    def test_count_behind(self, owners, assert_num_commands):
        """Further documents can be asked the same, one query for the path."""
        with assert_num_commands(3):
            parts = list(Part.objects.populate(Populate("owner__parts", count=True))[:5])

        assert [part.owner.parts for part in parts] == [4, 4, 4, 4, 1]

    def test_count_of_one(self, owners):
        """Documents that are there take it as well; reading them again loads them."""
        ann = Owner.objects.get(name="Ann")

        assert ann.populate(Populate("parts", count=True)).parts == 4
        assert len(ann.populate("parts").parts) == 4
        assert ann.populate(Populate("part_count", count=True)).part_count == 4
        ann.refresh_from_db()
        assert len(ann.parts) == 4

    def test_the_later_one_counts(self, owners):
        """As of any two for one path."""
        queryset = Owner.objects.populate(Populate("parts", count=True))

        assert len(queryset.populate("parts")[0].parts) == 4
        assert queryset.populate("parts").populate(Populate("parts", count=True))[0].parts == 4

    def test_new_object(self, mongo, assert_num_commands):
        """Without a key nobody can refer."""
        owner = Owner(name="New")

        with assert_num_commands(0):
            assert (owner.part_count, owner.parts, owner.top) == (0, [], None)


class TestMistakes:
    """What cannot be asked of documents that are only counted."""

    @pytest.mark.parametrize(
        ("option", "shown"),
        [
            ({"only": ["name"]}, "only=('name',)"),
            ({"order_by": "name"}, "order_by=('name',)"),
            ({"skip": 1}, "skip=1"),
            ({"limit": 3}, "limit=3"),
            ({"populate": "owner"}, "populate=('owner',)"),
            ({"keep_missing": True}, "keep_missing=True"),
        ],
        ids=str,
    )
    def test_options(self, option, shown):
        """There is nothing to order, to cut or to populate."""
        messages = []
        with pytest.raises(ValueError) as caught:
            Populate("parts", count=True, **option)
        messages.append(str(caught.value))
        with pytest.raises(ValueError) as caught:
            Owner.objects.populate(Populate("part_count", **option))
        messages.append(str(caught.value))

        assert messages == [
            f"Populate({path!r}): {shown} of documents that are counted, expected match and "
            f"model at most."
            for path in ("parts", "part_count")
        ]

    @pytest.mark.parametrize("path", ["parts", "part_count"])
    def test_behind(self, path):
        """A path does not go on behind a number, in whatever order they are given."""
        counted = Populate(path, count=True)
        for paths in ([counted, f"{path}__helpers"], [f"{path}__helpers", counted]):
            with pytest.raises(FieldError) as caught:
                Owner.objects.populate(*paths)

            assert str(caught.value) == (
                f"Owner.{path}: counted, so that there are no documents to populate 'helpers' in."
            )

    def test_references(self):
        """The keys of a reference are counted in Python."""
        with pytest.raises(FieldError) as caught:
            Part.objects.populate(Populate("helpers", count=True))

        assert str(caught.value) == (
            "Part.helpers: a reference, which documents.Populate(count=True) does not count; "
            "expected a documents.Related."
        )
