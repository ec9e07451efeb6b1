"""Views of both kinds behind Django's ASGI handler."""

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.core.exceptions import SynchronousOnlyOperation
from django.test import AsyncClient, Client

from docmodels.connections import connections
from docmodels.testing import SimpleTestCase
from tests.aio.models import Author


@pytest.fixture(autouse=True)
def _urls(settings, mongo):
    settings.ROOT_URLCONF = "tests.aio.views"
    settings.MIDDLEWARE = []


def test_views(mongo):
    """A coroutine reads and writes in the loop, a function in a thread, both the same data."""

    async def main():
        client = AsyncClient()
        await client.post("/authors/", {"name": "Ann"})
        answers = await asyncio.gather(*(client.get("/authors/") for _number in range(20)))
        other = await client.get("/synchronous/")
        return [answer.json() for answer in (*answers, other)]

    assert asyncio.run(main()) == [{"authors": ["Ann"]}] * 21


def test_a_server(mongo):
    """The ASGI application answers as a server asks it."""
    Author.objects.create(name="Ann")

    async def main():
        application = ApplicationCommunicator(
            get_asgi_application(),
            {"type": "http", "method": "GET", "path": "/authors/", "headers": [],
             "query_string": b""},
        )  # fmt: skip
        await application.send_input({"type": "http.request", "body": b""})
        start = await application.receive_output(5)
        body = await application.receive_output(5)
        await application.wait()
        return start["status"], body["body"]

    assert asyncio.run(main()) == (200, b'{"authors": ["Ann"]}')


def test_without_a_loop(mongo):
    """Under WSGI a coroutine has a loop for its request, whose client ends with it."""
    Author.objects.create(name="Ann")

    answers = [Client().get("/authors/").json() for _number in range(2)]

    assert answers == [{"authors": ["Ann"]}] * 2
    assert all(loop.is_closed() for loop in connections["default"]._sides)


def test_a_blocking_view(mongo):
    """A synchronous call in a coroutine is an error that tells what to use."""
    with pytest.raises(SynchronousOnlyOperation, match=r"await ….acount\(\)"):
        Client().get("/blocking/")


class TestCases(SimpleTestCase):
    """Asynchronous methods of Django's test cases."""

    async def test_method(self):
        """It stores and reads."""
        await Author.objects.acreate(name="Ann")

        with self.assertNumCommands(1):
            assert await Author.objects.acount() == 1
