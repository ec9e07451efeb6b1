"""Writes through querysets that are narrowed by computed values."""

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import Count, F, Rank, TextScore, Value, Window, ops
from docmodels.queryset import guarded
from docmodels.testing import record_commands
from tests.queryset.models import Author, Book


def titles(queryset=Book.objects):
    """Return the titles, in order."""
    return sorted(queryset.values_list("title", flat=True))


class TestComputed:
    """What is computed of one document goes into the filter."""

    def test_update(self, shelf, assert_num_commands):
        """One command, which judges and writes in one step."""
        with assert_num_commands(1):
            count = (
                Book.objects.annotate(twice=F("pages") * 2)
                .filter(twice__gte=40)
                .update(published=True, tags=ops.Push("long"))
            )

        assert count == 2
        assert titles(Book.objects.filter(tags="long")) == ["b", "c"]

    def test_delete(self, shelf):
        """The conditions on stored paths stay plain, for the indexes."""
        with record_commands() as commands:
            deleted = Book.objects.alias(n2=F("pages") + 1).filter(n2=21, title="b").delete()

        assert deleted == (1, {"shelf.Book": 1})
        assert titles() == ["a", "c", "d"]
        (deletion,) = commands[0].command["deletes"]
        assert deletion["q"]["title"] == "b"
        assert deletion["q"].keys() == {"title", "$expr"}

    def test_exclude(self, shelf):
        """The complement: what has no value is deleted as well."""
        Book.objects.annotate(twice=F("pages") * 2).exclude(twice__gte=40).delete()

        assert titles() == ["b", "c"]

    def test_unread_values(self, shelf):
        """Values that no condition reads do not matter, nor does an order by them."""
        queryset = Book.objects.annotate(
            twice=F("pages") * 2, rank=Window(Rank(), order_by="pages")
        )

        assert queryset.filter(title="a").order_by("twice").update(pages=11) == 1

    def test_one(self, shelf):
        """Writes of one document honour the order."""
        long = Book.objects.annotate(twice=F("pages") * 2).filter(twice__gte=40).order_by("-title")

        assert long.update_one(published=True) == 1
        assert long.find_one_and_update(pages=99).title == "c"
        assert long.find_one_and_delete().title == "c"
        assert long.delete_one() == (1, {"shelf.Book": 1})
        assert titles() == ["a", "d"]

    def test_result_is_read_again(self, shelf):
        """A result that was kept is forgotten."""
        queryset = Book.objects.annotate(twice=F("pages") * 2).filter(twice=40)
        assert len(queryset) == 1

        queryset.update(pages=1)

        assert len(queryset) == 0


class TestByKeys:
    """What no filter can say is read first."""

    def test_ranks(self, shelf, assert_num_commands):
        """The keys of the best, then the update of these."""
        rank = Window(Rank(), order_by="-pages")
        with assert_num_commands(2):
            count = Book.objects.annotate(rank=rank).filter(rank=1).update(rating=5)

        assert count == 1
        assert titles(Book.objects.filter(rating=5)) == ["c"]

    def test_join(self, shelf):
        """Books whose author is gone."""
        found = Book.objects.filter(author__isnull=False).lookup(
            Author, as_="authors", local="author"
        )

        deleted = found.filter(authors=[]).delete()

        assert deleted == (1, {"shelf.Book": 1})
        assert titles() == ["a", "b", "d"]

    def test_scores(self, books, mongo):
        """How well a document fits a search, which a filter cannot ask."""
        books({"title": "tea and tea"}, {"title": "a cup of tea"})
        mongo.collection(Book._meta.collection).create_index([("title", "text")])
        scored = Book.objects.search("tea").annotate(score=TextScore())

        assert scored.filter(score__gt=1).update(rating=5) == 1
        assert titles(Book.objects.filter(rating=5)) == ["tea and tea"]
        assert scored.filter(title__startswith="a").delete() == (1, {"shelf.Book": 1})

    def test_many(self, shelf, monkeypatch, assert_num_commands):
        """Some keys a command; the numbers add up."""
        monkeypatch.setattr(guarded, "KEYS", 2)
        rank = Window(Rank(), order_by="title")
        ranked = Book.objects.annotate(rank=rank).filter(rank__lte=3)

        with assert_num_commands(3):
            count = ranked.update(rating=1)
        deleted = ranked.delete()

        assert count == 3
        assert deleted == (3, {"shelf.Book": 3})
        assert titles() == ["d"]

    def test_nothing(self, shelf):
        """Nothing matches: nothing is written, and yet the values are judged."""
        rank = Window(Rank(), order_by="title")
        none = Book.objects.annotate(rank=rank).filter(rank=99)

        assert none.update(rating=1) == 0
        assert none.delete() == (0, {})
        with pytest.raises(FieldError):
            none.update(no_such_field=1)


class TestRefused:
    """What cannot be meant, or not in one step."""

    @pytest.mark.parametrize(
        ("write", "message"),
        [
            (lambda: Book.objects.annotate(t=F("pages") * 2).filter(t=2).order_by("t").delete_one(),
             "Book.delete_one(): 't' of order_by() is computed, expected stored paths: one command "
             "finds and writes."),
            (lambda: Book.objects.annotate(r=Window(Rank(), order_by="pages")).filter(r=1)
             .update_one(rating=1),
             "Book: Cannot update_one() after values(), annotate() or unwind()."),
            (lambda: Book.objects.annotate(r=Window(Rank(), order_by="pages")).filter(r=1)
             .update(rating=1, upsert=True),
             "Book: an upsert with a condition on 'r', which is computed; expected stored paths "
             "compared with values. In transaction.atomic() update() tells whether anything "
             "matched, and create() inserts."),
            (lambda: Book.objects.values("author").annotate(n=Count("pk")).filter(n=1).delete(),
             "Book: Cannot delete() after values(), annotate() or unwind()."),
        ],
    )  # fmt: skip
    def test_message(self, write, message, mongo):
        """The error says what."""
        with pytest.raises(FieldError) as caught:
            write()

        assert str(caught.value) == message

    @pytest.mark.parametrize(
        "value", [Value(1), Window(Rank(), order_by="pages")], ids=["computed", "ranked"]
    )
    def test_no_filter(self, value, mongo):
        """Values alone narrow nothing."""
        with pytest.raises(ValueError, match="no filter, expected one"):
            Book.objects.annotate(x=value).delete()
