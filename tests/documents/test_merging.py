"""`save(on_conflict="merge")` of upgraded documents and of children of a class."""

import pytest

from docmodels import documents
from docmodels.exceptions import VersionConflict


class Member(documents.Document):
    key = documents.IntegerField(primary_key=True)
    first = documents.CharField(blank=True)
    last = documents.CharField(blank=True)
    emails = documents.ListField(documents.CharField())
    city = documents.CharField(blank=True)

    class Meta:
        collection = "merged_members"
        schema_version = 2

    @documents.upgrade(1, 2)
    def new_form(raw):
        raw["first"], raw["last"] = raw.pop("name").split()
        raw["emails"] = [raw.pop("email")]
        raw["moved"] = True


class Chief(Member):
    staff = documents.IntegerField(blank=True)
    teams = documents.ListField(documents.CharField())


@pytest.fixture
def members(mongo):
    """Give the collection with one member in the first form."""
    members = mongo.collection("merged_members")
    members.insert_one({"_id": 1, "name": "Ida Pfeiffer", "email": "i@e.org", "extra": 1})
    return members


@pytest.fixture
def chiefs(mongo):
    """Give the collection with one child of the class."""
    members = mongo.collection("merged_members")
    members.insert_one(
        {"_id": 1, "__t": "Chief", "_schema": 2, "first": "A", "teams": ["x"], "staff": 1, "__v": 0}
    )
    return members


STORED = {"_id": 1, "_schema": 2, "first": "Ida", "last": "Pfeiffer", "extra": 1, "moved": True}


class TestUpgraded:
    """Two loaded the old form; the first one that saves stores the new one."""

    def pair(self):
        """Return two objects of the one member."""
        return Member.objects.get(), Member.objects.get()

    @pytest.mark.parametrize(
        ("edit", "stored"),
        [
            (lambda m: setattr(m, "first", "Ada"), {"first": "Ada", "emails": ["i@e.org"]}),
            (lambda m: m.emails.append("x@e.org"), {"emails": ["i@e.org", "x@e.org"]}),
            (lambda m: m.undeclared.update(moved=False), {"moved": False, "emails": ["i@e.org"]}),
            (lambda m: m.undeclared.pop("extra"), {"emails": ["i@e.org"], "extra": None}),
            (lambda m: None, {"emails": ["i@e.org"]}),
        ],
        ids=["field", "in place", "undeclared", "removed", "nothing"],
    )
    def test_disjoint(self, members, edit, stored):
        """What only the upgrade made is no conflict; the edits of both are stored."""
        mine, theirs = self.pair()
        theirs.city = "Wien"
        theirs.save()
        edit(mine)

        mine.save(on_conflict="merge")

        expected = STORED | {"city": "Wien"} | stored
        expected = {key: value for key, value in expected.items() if value is not None}
        assert members.find_one({}, {"__v": 0}) == expected
        assert (mine.city, mine.is_modified()) == ("Wien", False)

    def test_overlapping(self, members):
        """Both edited what the upgrade made: the second is told of that alone."""
        mine, theirs = self.pair()
        theirs.first, mine.first, mine.last = "Ada", "Eva", "P"
        theirs.save()

        with pytest.raises(VersionConflict) as caught:
            mine.save(on_conflict="merge")

        assert caught.value.overlapping == ("first",)
        assert caught.value.base == {"first": "Ida", "last": "Pfeiffer"}
        assert caught.value.theirs == {"first": "Ada"}
        assert members.find_one()["first"] == "Ada"

    def test_told_where_nothing_merges(self, members):
        """Without the merge the second is told, as ever."""
        mine, theirs = self.pair()
        theirs.city, mine.first = "Wien", "Ada"
        theirs.save()

        with pytest.raises(VersionConflict):
            mine.save()


class TestChildren:
    """Objects of a child class, loaded through either class."""

    def test_disjoint(self, chiefs):
        """The child's own fields merge, and the class stays."""
        mine, theirs = Member.objects.get(), Chief.objects.get()
        theirs.teams = ["x", "y"]
        theirs.save()
        mine.staff = 5
        mine.teams.append("z")

        mine.save(on_conflict="merge")

        assert type(mine) is Chief
        found = chiefs.find_one()
        assert (found["__t"], found["staff"], found["teams"]) == ("Chief", 5, ["x", "y", "z"])

    def test_overlapping(self, chiefs):
        """A field of the child that both changed is named."""
        mine, theirs = Member.objects.get(), Chief.objects.get()
        mine.staff, theirs.staff = 2, 3
        theirs.save()

        with pytest.raises(VersionConflict) as caught:
            mine.save(on_conflict="merge")

        assert (caught.value.overlapping, caught.value.theirs) == (("staff",), {"staff": 3})
