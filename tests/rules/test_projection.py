"""Rules P1, P2 and P4: what is loaded, and what becomes of the rest."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.testing import record_commands


class Book(documents.Document):
    title = documents.CharField(db_field="t")
    pages = documents.IntegerField(default=7, blank=True)
    note = documents.CharField(blank=True, null=True)
    secret = documents.CharField(blank=True, hidden=True)

    class Meta:
        app_label = "rules"


@pytest.fixture
def book(mongo):
    """Give a stored book, loaded as it comes."""
    mongo.collection("rules_book").insert_one(
        {"t": "Emma", "pages": 5, "note": None, "secret": "s", "more": 1, "__v": 0}
    )
    return Book.objects.get()


def projected(queryset):
    """Return the projection that is sent."""
    with record_commands() as commands:
        list(queryset)
    return commands[0].command.get("projection")


class TestP1:
    """The first key decides whether a projection includes or excludes."""

    @pytest.mark.parametrize(
        ("names", "projection"),
        [
            (["title"], {"_id": 1, "t": 1, "__v": 1}),
            (["title", "note"], {"_id": 1, "t": 1, "note": 1, "__v": 1}),
            (["-note"], {"note": 0, "secret": 0}),
            (["-note", "-title"], {"note": 0, "t": 0, "secret": 0}),
            (["title", "-pk"], {"_id": 1, "t": 1, "__v": 1}),
            (["-title", "pk"], {"t": 0, "secret": 0}),
            (["id"], {"_id": 1, "__v": 1}),
            (["-id"], {"secret": 0}),
        ],
        ids=", ".join,
    )
    def test_p1_one_kind(self, book, names, projection):
        """All names include, or all exclude; the key goes with both."""
        assert projected(Book.objects.select(*names)) == projection

    @pytest.mark.parametrize(
        "choose",
        [
            lambda books: books.select("title", "-note"),
            lambda books: books.select("-note", "title"),
            lambda books: books.select("title").select("-note"),
            lambda books: books.select("-note").select("title"),
            lambda books: books.only("title").select("-note"),
            lambda books: books.defer("note").select("title"),
        ],
        ids=["include", "exclude", "include first", "exclude first", "only", "defer"],
    )
    def test_p1_mixing(self, choose):
        """Both kinds in one projection raise, whatever came first."""
        with pytest.raises(FieldError, match="expected one of both") as caught:
            choose(Book.objects)

        assert str(caught.value).startswith("Book.select('")


class TestP2:
    """Hidden fields."""

    def test_p2_left_out(self, book):
        """They are not read, nor shown."""
        assert projected(Book.objects.all()) == {"secret": 0}
        assert "secret" not in book.to_dict()
        assert "secret" not in Book.objects.values().get()
        assert "secret" not in book.undeclared

    def test_p2_named(self, book, assert_num_commands):
        """`only()` reads them, alone or with others."""
        with assert_num_commands(1):
            assert Book.objects.only("secret").get().secret == "s"
        assert projected(Book.objects.only("title", "secret")) == {
            "_id": 1, "t": 1, "secret": 1, "__v": 1,
        }  # fmt: skip

    def test_p2_added(self, book, assert_num_commands):
        """`select("+field")` adds them to whatever is read, and chooses nothing else."""
        assert projected(Book.objects.select("+secret")) is None
        with assert_num_commands(1):
            found = Book.objects.select("+secret").get()
            assert (found.secret, found.title, found.pages) == ("s", "Emma", 5)
        assert projected(Book.objects.only("title").select("+secret")) == {
            "_id": 1, "t": 1, "secret": 1, "__v": 1,
        }  # fmt: skip
        assert projected(Book.objects.defer("note").select("+secret")) == {"note": 0}
        assert projected(Book.objects.select("+secret", "-note")) == {"note": 0}


class TestP4:
    """Not loaded is not missing."""

    @pytest.mark.parametrize(
        ("queryset", "name", "value"),
        [
            (Book.objects.only("title"), "pages", 5),
            (Book.objects.defer("note"), "note", None),
            (Book.objects.all(), "secret", "s"),
        ],
        ids=["only", "defer", "hidden"],
    )
    def test_p4_reading_loads(self, book, assert_num_commands, queryset, name, value):
        """Reading what was left out loads it in one query, once; no default stands for it."""
        found = queryset.get()

        with assert_num_commands(1) as commands:
            assert getattr(found, name) == value
            assert found.is_set(name)
            assert getattr(found, name) == value

        assert commands[0].command["projection"] == {"_id": 1, name: 1}
        assert not found.is_modified()

    def test_p4_writing_needs_no_reading(self, book, mongo, assert_num_commands):
        """A save of something else leaves alone what was not loaded."""
        found = Book.objects.only("pages").get()
        found.note = "x"

        with assert_num_commands(1):
            found.save()

        raw = mongo.collection("rules_book").find_one()
        assert (raw["t"], raw["note"], raw["secret"], raw["more"]) == ("Emma", "x", "s", 1)
