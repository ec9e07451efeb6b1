"""Writes through querysets."""

import threading

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels.documents import F, ops
from docmodels.exceptions import OperationFailed, UnknownField
from docmodels.queryset import writes
from tests.queryset.models import Account, Author, Book

TAKEN = "Account with this name already exists."


class TestGuards:
    """`update()` and `delete()` of everything have to be meant."""

    @pytest.mark.parametrize("action", ["update", "delete"])
    @pytest.mark.parametrize("narrow", ["all", "filter", "exclude", "only"])
    def test_no_filter(self, action, narrow):
        """Without any filter both refuse, and say how to mean it."""
        queryset = getattr(Author.objects, narrow)()
        values = {"name": "x"} if action == "update" else {}

        with pytest.raises(ValueError) as caught:
            getattr(queryset, action)(**values)

        assert str(caught.value) == (
            f"Author.{action}(): no filter, expected one, or allow_all=True to {action} every "
            f"document."
        )

    def test_allowed(self, books):
        """`allow_all=True` and any filter are enough."""
        books({"title": "a"}, {"title": "b"})

        assert Book.objects.update(title="c", allow_all=True) == 2
        assert Book.objects.filter(title="c").update(pages=1) == 2
        assert Book.objects.all().delete(allow_all=True) == (2, {"shelf.Book": 2})

    def test_none(self):
        """An empty result is left alone, without a command."""
        assert Author.objects.none().update(name="x") == 0
        assert Author.objects.none().delete() == (0, {})

    @pytest.mark.parametrize("action", ["update", "delete"])
    def test_slice(self, action):
        """A slice is refused: the server has no limit there."""
        with pytest.raises(TypeError) as caught:
            getattr(Author.objects.filter(name="a")[:5], action)()

        assert str(caught.value) == f"Author: Cannot use 'limit' or 'offset' with {action}()."

    def test_pipeline(self):
        """Rows cannot be changed."""
        with pytest.raises(FieldError) as caught:
            Book.objects.filter(pages=1).unwind("tags").delete()

        assert str(caught.value) == "Book: Cannot delete() after values(), annotate() or unwind()."


class TestUpdate:
    """`update()` is one command."""

    def test_operators(self, books, assert_num_commands):
        """Operators reach the server as they are; the number is of matches."""
        books(
            {"title": "a", "n": 1, "tags": ["x", "y"], "chapters": [{"title": "t", "p": 3}]},
            {"title": "b", "n": 1, "tags": []},
        )

        with assert_num_commands(1):
            count = Book.objects.filter(pages=1).update(
                pages=F("pages") + 5, tags=ops.AddToSet(each=["x", "z"]), rating=ops.Max(3)
            )

        assert count == 2
        assert list(Book.objects.order_by("title").values_list("pages", "tags", "rating")) == [
            (6, ["x", "y", "z"], 3.0),
            (6, ["x", "z"], 3.0),
        ]

    def test_pull(self, books):
        """A dict of conditions, a Q and an equal document pull what they match."""
        chapters = [{"title": t, "p": p, "marks": []} for t, p in (("a", 1), ("b", 2), ("c", 3))]
        books({"title": "x", "chapters": chapters, "tags": ["a", "b"]})

        Book.objects.filter(title="x").update(chapters=ops.Pull({"title": "a"}), tags=ops.Pull("a"))
        Book.objects.filter(title="x").update(
            chapters=ops.Pull(Book._meta.get_field("chapters").embedded_model(title="b", pages=2))
        )

        book = Book.objects.get()
        assert [chapter.title for chapter in book.chapters] == ["c"]
        assert book.tags == ["b"]

    def test_auto_now(self, books):
        """The time of change moves, unless it is given."""
        books({"title": "a"})

        Book.objects.filter(title="a").update(pages=1)

        assert Book.objects.get().touched_at is not None

    def test_collation(self, books):
        """What is updated is what the queryset shows."""
        books({"title": "a"}, {"title": "A"})
        same = Book.objects.filter(title="a").collation({"locale": "en", "strength": 2})

        assert same.count() == 2
        assert same.update(pages=1) == 2
        assert same.delete() == (2, {"shelf.Book": 2})

    def test_cache(self, books):
        """The result is read again after an update."""
        queryset = books({"title": "a", "n": 1}).filter(title="a")
        assert [book.pages for book in queryset] == [1]

        queryset.update(pages=2)

        assert [book.pages for book in queryset] == [2]

    def test_overflow(self, books):
        """A sum beyond 64 bits is an error, nothing is stored."""
        books({"title": "a", "n": 2**63 - 1})

        with pytest.raises(OperationFailed):
            Book.objects.filter(title="a").update(pages=F("pages") + 1)

        assert Book.objects.get().pages == 2**63 - 1


class TestCreation:
    """`create`, `get_or_create`, `update_or_create`."""

    def test_create(self, mongo):
        """A document is validated, saved and returned."""
        account = Account.objects.create(name="a")

        assert account._state.adding is False
        assert mongo.collection("shelf_account").find_one() == {
            "_id": account.pk,
            "name": "a",
            "visits": 0,
            "__v": 0,
        }
        with pytest.raises(ValidationError):
            Account.objects.create(name="")
        with pytest.raises(UnknownField):
            Account.objects.create(nmae="a")

    def test_get_or_create(self):
        """What is there is returned; defaults, also callable ones, complete what is not."""
        first, created = Account.objects.get_or_create(name="a", defaults={"visits": lambda: 3})
        second, again = Account.objects.get_or_create(name="a", defaults={"visits": 9})
        ranged, new = Account.objects.get_or_create(
            name__exact="b", visits__lt=0, defaults={"visits": 1}
        )

        assert (created, first.visits) == (True, 3)
        assert (again, second.pk, second.visits) == (False, first.pk, 3)
        assert (new, ranged.name, ranged.visits) == (True, "b", 1)

    def test_update_or_create(self):
        """`create_defaults` stands for `defaults` where nothing is there."""
        account, created = Account.objects.update_or_create(
            name="a", defaults={"visits": 1}, create_defaults={"visits": 7}
        )
        assert (created, account.visits) == (True, 7)

        account, created = Account.objects.update_or_create(name="a", defaults={"visits": 1})
        assert (created, account.visits) == (False, 1)
        assert Account.objects.get().visits == 1

    def test_unknown_default(self):
        """A misspelt default is not lost silently, also where the document is there."""
        Account.objects.create(name="a")

        with pytest.raises(FieldError) as caught:
            Account.objects.update_or_create(name="a", defaults={"visit": 1})

        assert str(caught.value) == (
            "Account.visit: Account has no field 'visit'. Did you mean 'visits'?"
        )

    def test_race(self, unique_accounts):
        """Of many threads one creates, the others get; nobody sees an error."""
        barrier, results, errors = threading.Barrier(8), [], []

        def work():
            barrier.wait()
            try:
                results.append(unique_accounts.get_or_create(name="one", defaults={"visits": 1}))
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert sorted(created for _account, created in results) == [False] * 7 + [True]
        assert len({account.pk for account, _created in results}) == 1
        assert unique_accounts.count() == 1

    def test_other_index(self, unique_accounts):
        """A duplicate that the conditions do not find is the error that it is."""
        unique_accounts.create(name="a", email="x@example.org")

        with pytest.raises(ValidationError) as caught:
            unique_accounts.get_or_create(name="b", defaults={"email": "x@example.org"})

        assert caught.value.message_dict == {"email": ["Account with this email already exists."]}


class TestBulkCreate:
    """`bulk_create()` validates all, inserts in chunks, and tells which failed."""

    def test_inserted(self, assert_num_commands):
        """One command; the objects are loaded ones afterwards."""
        accounts = [Account(name=f"{n}") for n in range(5)]

        with assert_num_commands(1):
            assert Account.objects.bulk_create(accounts) == accounts

        assert all(account.pk and not account._state.adding for account in accounts)
        accounts[0].visits = 2
        accounts[0].save()
        assert Account.objects.get(name="0").visits == 2

    def test_invalid(self):
        """All errors come together, by position and path; nothing is sent."""
        accounts = [Account(name="a"), Account(name=""), Account(name="b", visits="x")]

        with pytest.raises(ValidationError) as caught:
            Account.objects.bulk_create(accounts)

        assert caught.value.message_dict == {
            "1.name": ["This field cannot be blank."],
            "2.visits": ["“x” is not valid, expected a whole number."],
        }
        assert Account.objects.count() == 0
        with pytest.raises(TypeError):
            Account.objects.bulk_create([Author(name="a")])

    def test_ordered(self, unique_accounts):
        """In order: those in front of the duplicate are stored, the rest is new."""
        accounts = [Account(name=name) for name in ("a", "a", "b")]

        with pytest.raises(ValidationError) as caught:
            unique_accounts.bulk_create(accounts)

        assert caught.value.message_dict == {"1.name": [TAKEN]}
        assert [account._state.adding for account in accounts] == [False, True, True]
        assert unique_accounts.count() == 1

    def test_unordered(self, unique_accounts, monkeypatch):
        """Out of order: all others are stored, also of later chunks, each error by its index."""
        monkeypatch.setattr(writes, "CHUNK", 3)
        unique_accounts.create(name="z", email="x@example.org")
        accounts = [Account(name=name) for name in ("a", "a", "b", "b", "c", "d")]
        accounts[4].email = "x@example.org"

        with pytest.raises(ValidationError) as caught:
            unique_accounts.bulk_create(accounts, ordered=False)

        assert caught.value.message_dict == {
            "1.name": [TAKEN],
            "3.name": [TAKEN],
            "4.email": ["Account with this email already exists."],
        }
        assert [account._state.adding for account in accounts] == [
            False,
            True,
            False,
            True,
            True,
            False,
        ]
        assert set(unique_accounts.values_list("name", flat=True)) == {"a", "b", "d", "z"}

    def test_refused(self, mongo):
        """What the server refuses for another reason is its own error."""
        Account.objects.create(name="z")
        rules = {"visits": {"$lt": 5}}
        mongo.database.command("collMod", "shelf_account", validator=rules)
        accounts = [Account(name="a"), Account(name="b", visits=9)]
        try:
            with pytest.raises(OperationFailed):
                Account.objects.bulk_create(accounts)
        finally:
            mongo.database.command("collMod", "shelf_account", validator={})

        assert [account._state.adding for account in accounts] == [False, True]
