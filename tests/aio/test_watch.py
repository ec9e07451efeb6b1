"""Watching behaves alike over both APIs; see `apis`. Then what tasks may do."""

import asyncio

import pytest

from docmodels.connections import connections
from docmodels.exceptions import InvalidWatchToken
from tests.aio.models import Author


def begin(api, target, **options):
    """Return the block that watches."""
    return getattr(target, "watch" if api.name == "sync" else "awatch")(**options)


def test_events(api, mongo):
    """Events hold documents, in order."""
    with api.enter(begin(api, Author.objects)) as watch:
        ann = Author.objects.create(name="Ann")
        ann.name = "Anna"
        ann.save()
        key = ann.pk
        ann.delete()
        events = [api.next(watch) for _number in range(3)]

    assert [event.operation for event in events] == ["insert", "update", "delete"]
    assert (events[0].document.pk, events[0].document.name) == (key, "Ann")
    assert events[1].updated["name"] == "Anna"
    assert not watch.alive


def test_going_on_after_a_token(api, mongo):
    """Nothing is missed and nothing is told twice."""
    with api.enter(begin(api, Author.objects)) as watch:
        Author.objects.create(name="a")
        token = api.next(watch).token
    Author.objects.create(name="b")
    Author.objects.create(name="c")

    with api.enter(begin(api, Author.objects, after=token)) as watch:
        names = [api.next(watch).document.name for _number in range(2)]
        nothing = api.call(watch, "try_next")

    assert (names, nothing) == (["b", "c"], None)


def test_filters_and_databases(api, mongo):
    """A queryset narrows its watch; a connection watches its whole database."""
    with api.enter(begin(api, Author.objects.filter(name="b"))) as watch:
        Author.objects.create(name="a")
        Author.objects.create(name="b")
        assert api.next(watch).document.name == "b"
    with api.enter(begin(api, connections["default"])) as watch:
        Author.objects.create(name="c")
        assert api.next(watch).collection == "aio_author"


def test_mistakes(api, mongo):
    """A token that is none is told when the watch begins."""
    with pytest.raises(InvalidWatchToken), api.enter(begin(api, Author.objects, after="x")):
        pass


def test_async_for(mongo):
    """Without a block it begins with the first event that is asked for."""

    async def main():
        seen = []

        async def follow():
            async for event in Author.objects.awatch(max_await=0.2):
                seen.append(event.document.name)
                if len(seen) == 2:
                    return

        task = asyncio.create_task(follow())
        number = 0
        while not task.done():
            number += 1
            await Author.objects.acreate(name=f"{number}")
            await asyncio.sleep(0.05)
        return seen

    first, second = asyncio.run(main())

    assert int(second) == int(first) + 1


def test_a_wait_that_is_cancelled(mongo):
    """No event is lost to a task that gave up waiting."""

    async def main():
        watch = await Author.objects.awatch(max_await=5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(watch), 0.2)
        await Author.objects.acreate(name="a")
        await Author.objects.acreate(name="b")
        names = [(await anext(watch)).document.name for _number in range(2)]
        await watch.aclose()
        return names

    assert asyncio.run(main()) == ["a", "b"]


def test_another_task_closes_it(mongo):
    """The one that waits ends with its wait; others are not held up meanwhile."""

    async def main():
        watch = await Author.objects.awatch(max_await=0.3)

        async def follow():
            return [event async for event in watch]

        tasks = [asyncio.create_task(follow()) for _number in range(2)]
        await asyncio.sleep(0.05)
        assert await Author.objects.acount() == 0
        await watch.aclose()
        return await asyncio.wait_for(asyncio.gather(*tasks), 5)

    assert asyncio.run(main()) == [[], []]
