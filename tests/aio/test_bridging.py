"""Synchronous code that runs for coroutines, without any server."""

import asyncio
import contextvars
import gc
import threading
import weakref

import pytest
from django.core.exceptions import SynchronousOnlyOperation

from docmodels.connections.bridging import MAX_IDLE, _idle, arun, is_bridged, make_lock, wait_for

SEEN = contextvars.ContextVar("seen", default="nothing")


async def answer(value, delay=0.0):
    """Return a value after a while."""
    await asyncio.sleep(delay)
    return value


def add(first, second):
    """Wait for two values, and return their sum."""
    return wait_for(answer(first)) + wait_for(answer(second, 0.001))


class TestRunning:
    """`arun` and `wait_for`."""

    def test_values(self):
        """A function waits as often as it wants, and gives its result."""
        assert asyncio.run(arun(add, 1, second=2)) == 3
        assert asyncio.run(arun(lambda: None)) is None

    def test_errors(self):
        """What is raised on either side arrives on the other one."""

        async def fail():
            await asyncio.sleep(0)
            raise KeyError("a")

        def caught():
            try:
                wait_for(fail())
            except KeyError as error:
                raise ValueError("b") from error

        with pytest.raises(ValueError, match="b") as excinfo:
            asyncio.run(arun(caught))
        assert isinstance(excinfo.value.__cause__, KeyError)

    def test_stop_iteration(self):
        """An iterator that ends is not taken for the end of a coroutine."""
        assert asyncio.run(arun(next, iter(()), "end")) == "end"
        with pytest.raises(RuntimeError, match="StopIteration"):
            asyncio.run(arun(next, iter(())))

    def test_inside_of_another(self):
        """A coroutine that is waited for may run such code itself."""

        def outer():
            return wait_for(arun(add, 3, 4)) + wait_for(answer(1))

        assert asyncio.run(arun(outer)) == 8

    def test_generators(self):
        """A generator may be begun for one coroutine and read on for another."""

        def rows():
            yield wait_for(answer(1))
            yield wait_for(answer(2))

        async def main():
            given = rows()
            return [await arun(next, given), await asyncio.create_task(arun(next, given))]

        assert asyncio.run(main()) == [1, 2]

    def test_many_at_once(self):
        """Tasks are apart, and few bridges are kept."""

        async def main():
            return await asyncio.gather(*(arun(add, n, n) for n in range(200)))

        assert asyncio.run(main()) == [2 * n for n in range(200)]
        assert len(_idle.bridges) <= MAX_IDLE

    def test_nothing_is_kept_alive(self):
        """Arguments, results and contexts are let go of."""

        class Thing:
            """Something that a weak reference can be made to."""

        async def main():
            thing = Thing()
            reference = weakref.ref(thing)
            SEEN.set(thing)
            assert await arun(lambda given: given, thing) is thing
            return reference

        reference = asyncio.run(main())
        gc.collect()

        assert reference() is None

    def test_threads(self):
        """Each thread has bridges of its own."""
        results = []
        threads = [
            threading.Thread(target=lambda: results.append(asyncio.run(arun(add, 1, 1))))
            for _number in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

        assert results == [2, 2, 2]


class TestContexts:
    """Context variables are those of the task."""

    def test_both_ways(self):
        """What the task set is seen, what the function sets stays set."""

        def function():
            seen = SEEN.get()
            SEEN.set("function")
            wait_for(answer(1))
            return seen, SEEN.get()

        async def main():
            SEEN.set("task")
            return await arun(function), SEEN.get()

        assert asyncio.run(main()) == (("task", "function"), "function")

    def test_tasks_do_not_mix(self):
        """Those of another task are not seen, whoever waits."""

        def function(name):
            SEEN.set(name)
            wait_for(answer(1, 0.001))
            return SEEN.get()

        async def main():
            return await asyncio.gather(*(arun(function, f"{n}") for n in range(20)))

        assert asyncio.run(main()) == [f"{n}" for n in range(20)]
        assert SEEN.get() == "nothing"


class TestEnding:
    """Tasks that are cancelled, coroutines that are closed."""

    def test_cancellation(self):
        """It is raised where the function waits; what cleans up may wait again."""
        noted = []

        def function():
            try:
                wait_for(answer(1, 10))
            except asyncio.CancelledError:
                noted.append("cancelled")
                raise
            finally:
                noted.append(wait_for(answer("cleaned", 0.01)))

        async def main():
            task = asyncio.create_task(arun(function))
            await asyncio.sleep(0.01)
            task.cancel()
            await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(main())
        assert noted == ["cancelled", "cleaned"]

    def test_a_coroutine_that_is_closed(self):
        """Nothing can wait any more: what tries to is ended as well."""
        noted = []

        def function():
            try:
                wait_for(answer(1, 10))
            finally:
                noted.append("first")
                try:
                    wait_for(answer(2, 10))
                finally:
                    noted.append("second")

        async def main():
            coroutine = arun(function)
            coroutine.send(None)
            coroutine.close()

        asyncio.run(main())

        assert noted == ["first", "second"]


class TestWaiting:
    """What can wait only for a coroutine."""

    def test_elsewhere(self):
        """Without one it is refused, and the coroutine is not left unawaited."""
        with pytest.raises(SynchronousOnlyOperation):
            wait_for(answer(1))
        assert not is_bridged()

    def test_locks(self):
        """A lock holds back other tasks, not the loop."""
        order = []

        def work(lock, name):
            with lock:
                order.append(name)
                wait_for(answer(1, 0.01))
                order.append(name)
                assert not lock.acquire(blocking=False)

        async def main():
            lock = await arun(make_lock)
            await asyncio.gather(*(arun(work, lock, name) for name in "ab"))

        asyncio.run(main())

        assert order == ["a", "a", "b", "b"]
