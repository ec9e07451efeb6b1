"""Calls that would block an event loop, and coroutine functions that nothing awaits."""

import asyncio

import pytest
from django.core.exceptions import SynchronousOnlyOperation

from docmodels import documents
from docmodels.connections import connections
from docmodels.exceptions import AsynchronousOnlyOperation
from tests.aio.models import Author, Awaiting, Book, Chapter

OTHERWISE = (
    "Asynchronous twins have an `a` in front of the name. `await documents.arun(function)` runs a "
    "whole function that calls the synchronous API; sync_to_async() runs it in a thread."
)


def refused(call):
    """Return the message of a call that a coroutine makes."""

    async def main():
        call()

    with pytest.raises(SynchronousOnlyOperation) as excinfo:
        asyncio.run(main())
    return str(excinfo.value)


class TestSynchronousCalls:
    """They raise Django's error and name what to use instead."""

    @pytest.mark.parametrize(
        ("call", "called", "instead"),
        [
            (lambda: Book.objects.get(title="a"), "Manager.get()", "`await ….aget()`"),
            (lambda: Book.objects.filter(pages=1).get(title="a"), "QuerySet.get()",
             "`await ….aget()`"),
            (lambda: Book.objects.count(), "QuerySet.count()", "`await ….acount()`"),
            (lambda: Book.objects.filter(title="a").update(pages=1), "QuerySet.update()",
             "`await ….aupdate()`"),
            (lambda: Book(title="a").save(), "Book.save()", "`await ….asave()`"),
            (lambda: Book.objects.create(title="a"), "QuerySet.create()", "`await ….acreate()`"),
            (lambda: list(Book.objects.iterator()), "QuerySet.iterator()",
             "`await ….aiterator()`"),
            (lambda: list(Book.objects.all()), "QuerySet.__iter__()", "`async for`"),
            (lambda: repr(Book.objects.all()), "QuerySet.__repr__()",
             "`[… async for … in …]` for the result"),
            (lambda: Book.objects.all()[0], "QuerySet.__getitem__()",
             "`await ….afirst()`, or `[… async for … in …]` for the result"),
        ],
    )  # fmt: skip
    def test_the_twin_is_named(self, mongo, call, called, instead):
        """The message tells what was called and what to call."""
        assert refused(call) == (
            f"{called} cannot be called from a coroutine: it would block the event loop. "
            f"Use {instead}. {OTHERWISE}"
        )

    def test_the_driver_s_objects(self, mongo):
        """The synchronous client is not given to coroutines either."""
        for call in (
            lambda: mongo.client,
            lambda: mongo.database,
            lambda: mongo.collection("aio_book"),
        ):
            assert refused(call) == (
                "This cannot be called from a coroutine: it would block the event loop. "
                f"{OTHERWISE}"
            )

    def test_nothing_is_sent(self, mongo):
        """A refused write wrote nothing."""
        refused(lambda: Author.objects.create(name="a"))

        assert Author.objects.count() == 0

    def test_what_sends_nothing(self, mongo):
        """Querysets are made and documents changed in coroutines as elsewhere."""

        async def main():
            queryset = Book.objects.filter(title="a").exclude(pages=3).order_by("-pages")[:5]
            book = Book(title="a", chapters=[Chapter(title="i")])
            book.full_clean()
            book.chapters[0].title = "ii"
            return queryset.query.compile_filter(), book.to_mongo()["chapters"]

        assert asyncio.run(main())[1] == [{"title": "ii"}]

    def test_unsafe(self, mongo, monkeypatch):
        """Django's variable lifts it, for notebooks."""
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

        async def main():
            Author.objects.create(name="a")
            return Author.objects.count(), await Author.objects.acount()

        assert asyncio.run(main()) == (1, 1)

    def test_mongomock(self, settings):
        """The fake refuses as a server would, and has the twins."""
        pytest.importorskip("mongomock")
        settings.MONGO_DATABASES = {"default": {"HOST": "mongomock://", "NAME": "aio"}}

        assert refused(lambda: Author.objects.count()).startswith("QuerySet.count() cannot be")

        async def main():
            author = await Author.objects.acreate(name="a")
            author.name = "b"
            await author.asave()
            return [found.name async for found in Author.objects.all()]

        assert asyncio.run(main()) == ["b"]


class TestReading:
    """Attributes that would load something."""

    @pytest.mark.parametrize(
        ("make", "read", "path", "expected"),
        [
            (lambda: Book.objects.get(title="a"), lambda book: book.author.name, "author.name",
             "Book.author: not loaded, and to load it in a coroutine would block the event loop; "
             "expected `await document.afetch('author')`, or populate(), select() or only() "
             "before."),
            (lambda: Book.objects.only("title").get(title="a"), lambda book: book.pages, "pages",
             "Book.pages: not loaded, and to load it in a coroutine would block the event loop; "
             "expected `await document.afetch('pages')`, or populate(), select() or only() "
             "before."),
            (lambda: Author.objects.get(name="Ann"), lambda author: author.book_count,
             "book_count",
             "Author.book_count: not loaded, and to load it in a coroutine would block the event "
             "loop; expected `await document.afetch('book_count')`, or populate(), select() or "
             "only() before."),
        ],
    )  # fmt: skip
    def test_what_is_not_loaded(self, shelf, make, read, path, expected):
        """The way out is named, and leads there."""
        document = make()
        wanted = read(make())

        assert refused(lambda: read(document)) == expected
        assert asyncio.run(document.afetch(path)) == wanted
        assert read(document) == wanted

    def test_inside_of_embedded_documents(self, shelf):
        """A path leads through lists, and an embedded document has `afetch`, too."""
        ann = Author.objects.get(name="Ann")
        Book.objects.create(title="e", chapters=[Chapter(title="i", editor=ann)])
        first, second = Book.objects.get(title="e"), Book.objects.get(title="e")

        assert asyncio.run(first.afetch("chapters.0.editor.name")) == "Ann"
        assert asyncio.run(second.chapters[0].afetch("editor")) == ann
        assert asyncio.run(first.afetch("chapters.7.editor")) is None

    def test_all_of_a_result_at_once(self, shelf):
        """What one document loads, its peers have."""

        async def main():
            books = [book async for book in shelf]
            with documents_sent() as commands:
                await books[0].afetch("author")
                return [book.author.name for book in books], len(commands)

        assert asyncio.run(main()) == (["Ann", "Ann", "Ben"], 1)


def documents_sent():
    """Record what the default alias sends."""
    from docmodels.testing.commands import record_commands

    return record_commands()


class TestCoroutineFunctionsAsHooks:
    """Asynchronous calls await them, synchronous ones say that nothing does."""

    def test_they_are_awaited(self, mongo, notes):
        """Hooks of documents and of queries."""
        Author.objects.create(name="Ann")

        async def main():
            one = await Awaiting.objects.acreate(name="a")
            await Awaiting.objects.abulk_create([Awaiting(name="hidden"), Awaiting(name="b")])
            count = await Awaiting.objects.acount()
            await one.adelete()
            return count

        assert asyncio.run(main()) == 2
        assert notes == [("pre", "a", 1), ("deleted", "a", 1)]

    def test_synchronous_calls(self, mongo, notes):
        """They are refused before anything was done."""
        with pytest.raises(AsynchronousOnlyOperation) as excinfo:
            Awaiting(name="a").save()
        with pytest.raises(AsynchronousOnlyOperation, match=r"Awaiting\.narrow: "):
            Awaiting.objects.count()

        assert str(excinfo.value) == (
            "Awaiting.note_before: a coroutine function as a hook of 'save', and nothing awaits "
            "it in a synchronous call; expected an asynchronous one, such as "
            "`await document.asave()`."
        )
        assert mongo.collection("aio_awaiting").count_documents({}) == 0

    def test_hooks_of_loading(self):
        """Nothing can be awaited while objects are made."""
        with pytest.raises(TypeError) as excinfo:

            class Loading(documents.Document):
                class Meta:
                    app_label = "aio"

                @documents.post("init")
                async def note(self):
                    """Take note."""

        assert str(excinfo.value) == (
            "Loading.note: a coroutine function as a hook of 'init', expected a function: nothing "
            "is awaited while objects are made."
        )

    def test_signals(self, mongo):
        """Receivers of both kinds hear an asynchronous save, in its event loop."""
        from docmodels import signals

        heard = []

        def plain(sender, instance, **kwargs):
            heard.append(("plain", sender.objects.count()))

        async def awaited(sender, instance, **kwargs):
            heard.append(("awaited", await sender.objects.acount()))

        signals.post_save.connect(plain, sender=Author)
        signals.post_save.connect(awaited, sender=Author)
        try:
            asyncio.run(Author(name="a").asave())
        finally:
            signals.post_save.disconnect(plain, sender=Author)
            signals.post_save.disconnect(awaited, sender=Author)

        assert heard == [("plain", 1), ("awaited", 1)]


def test_asynchronous_objects_need_a_loop(mongo):
    """Outside of a coroutine there is no asynchronous client."""
    with pytest.raises(RuntimeError) as excinfo:
        connections["default"].async_collection("aio_author")

    assert str(excinfo.value) == (
        "The asynchronous client of 'default' belongs to an event loop, and none is running: "
        "expected a call from a coroutine."
    )
