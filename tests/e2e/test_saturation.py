"""Slow work that fills its pool, and pages that do not notice."""

import statistics
import threading
import time
import urllib.request

import pytest
from django.test.utils import override_settings

from docmodels.connections import connections, deadline
from docmodels.exceptions import ConnectionUnavailable, DocmodelsError
from tests.admin.library.models import Author, Book

#: How many connections the slow alias has here.
POOL_SIZE = 3
#: Far longer than any test: who waits for a sleeper fails, however slow the machine is.
SLEEP_MS = 120_000
COMMENT = "docmodels test: asleep"
ROUNDS = 15
BUSY = "All connections of 'slow' are busy. Try again, or raise maxPoolSize in its OPTIONS."

pytestmark = pytest.mark.django_db(transaction=True)

SLEEP = {
    "$expr": {
        "$function": {
            "body": f"function() {{ sleep({SLEEP_MS}); return true; }}",
            "args": [],
            "lang": "js",
        }
    }
}


def by_filter():
    """Sleep in a filter."""
    return list(
        Author.objects.using("slow").comment(COMMENT).raw_filter({"$where": f"sleep({SLEEP_MS})"})
    )


def by_pipeline():
    """Sleep in a stage of a pipeline."""
    return list(Author.objects.using("slow").comment(COMMENT).pipeline([{"$match": SLEEP}]))


class Sleepers:
    """Slow queries that sleep on the server until they are woken."""

    def __init__(self, connection):
        self.admin = connection.client.admin
        self.threads = []
        self.errors = []

    def start(self, query):
        """Run the query in a thread of its own."""

        def run():
            try:
                query()
            except DocmodelsError as error:
                self.errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        self.threads.append(thread)

    def on_server(self):
        """Give the operations that sleep on the server."""
        return [
            operation["opid"]
            for operation in self.admin.aggregate([{"$currentOp": {}}])
            if operation.get("command", {}).get("comment") == COMMENT
        ]

    def await_sleep(self, count):
        """Wait until the server runs so many of them."""
        end = time.monotonic() + 60
        while len(self.on_server()) < count:
            assert not self.errors, self.errors
            assert time.monotonic() < end, "The sleeping queries did not start."
            time.sleep(0.02)

    @property
    def all_asleep(self):
        """Tell whether each of them still waits for its answer."""
        return not self.errors and all(thread.is_alive() for thread in self.threads)

    def wake(self):
        """End them."""
        end = time.monotonic() + 60
        while any(thread.is_alive() for thread in self.threads):
            for operation in self.on_server():
                self.admin.command("killOp", op=operation)
            assert time.monotonic() < end, "The sleeping queries did not end."
            time.sleep(0.02)


@pytest.fixture
def slow_pool(mongo):
    """Give the slow alias a small pool."""
    changed = {
        "default": connections.settings["default"],
        "slow": connections.settings["slow"] | {"OPTIONS": {"maxPoolSize": POOL_SIZE}},
    }
    with override_settings(MONGO_DATABASES=changed):
        yield


@pytest.fixture
def library(slow_pool):
    """Store some books, and one author for the sleepers to look at."""
    Author.objects.create(name="Ada")
    Book.objects.bulk_create([Book(title=f"Book {n:03}", pages=n + 1) for n in range(60)])


@pytest.fixture
def saturate(library):
    """Give a function that fills the slow pool; everything wakes at the end."""
    sleepers = Sleepers(connections["default"])

    def start():
        for number in range(POOL_SIZE):
            sleepers.start(by_filter if number % 2 else by_pipeline)
        sleepers.await_sleep(POOL_SIZE)
        return sleepers

    yield start
    sleepers.wake()


@pytest.fixture
def page(live_server, admin_client, settings):
    """Give a function that asks a real server for the list of books."""
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={admin_client.cookies[name].value}"
    url = f"{live_server.url}/admin/library/book/"

    def get(query=""):
        request = urllib.request.Request(f"{url}?{query}", headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    return get


def seconds(action):
    """Give the median of how long the action takes."""
    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class TestPages:
    def test_lists_go_on_at_their_usual_speed(self, page, saturate):
        """Every page is served while all slow queries sleep, and none waits for them."""
        page()
        before = seconds(page)
        sleepers = saturate()

        texts = [page() for _round in range(ROUNDS)]
        during = seconds(page)
        filtered = page("pages__gte=10&o=-pages")

        assert sleepers.all_asleep
        assert all("Book 000" in text for text in texts)
        assert "Book 059" in filtered
        assert "Book 000" not in filtered
        sleepers.wake()
        # Both sides of the sleep count as usual: other work on the machine may come and go.
        assert during < 5 * max(before, seconds(page))

    def test_many_at_once(self, page, saturate):
        """Several people browse while all slow queries sleep."""
        sleepers = saturate()
        served = []
        people = [
            threading.Thread(target=lambda: served.extend("Book 000" in page() for _ in range(5)))
            for _person in range(6)
        ]

        for person in people:
            person.start()
        for person in people:
            person.join(60)

        assert served == [True] * 30
        assert sleepers.all_asleep


class TestQuerysets:
    def test_the_fast_alias_answers(self, library, saturate):
        """Reads, writes and aggregations on the default alias go on."""
        sleepers = saturate()

        book = Book.objects.get(title="Book 007")
        book.pages = 700
        book.save()
        found = list(Book.objects.filter(pages__gte=60).order_by("-pages").values_list("pages"))
        count = Book.objects.count()

        assert sleepers.all_asleep
        assert found == [(700,), (60,)]
        assert count == 60

    def test_a_further_slow_query_answers_at_its_deadline(self, library, saturate):
        """It waits for a connection, then says that all are busy, and does not hang."""
        sleepers = saturate()

        with pytest.raises(ConnectionUnavailable) as excinfo, deadline(0.3):
            Author.objects.using("slow").count()

        assert sleepers.all_asleep
        assert str(excinfo.value) == BUSY

    def test_a_further_slow_query_runs_when_a_connection_is_free(self, library, saturate):
        """Who waits gets the connection of the first that ends."""
        sleepers = saturate()
        answers = []
        waiting = threading.Thread(
            target=lambda: answers.append(Book.objects.using("slow").count())
        )

        waiting.start()
        waiting.join(0.3)
        answered_early = list(answers)
        sleepers.wake()
        waiting.join(60)

        assert answered_early == []
        assert answers == [60]

    def test_an_interrupted_query_says_so(self, library, saturate):
        """Queries that an administrator ends raise in their thread and free the connection."""
        sleepers = saturate()

        sleepers.wake()

        assert [type(error).__module__ for error in sleepers.errors] == [
            "docmodels.exceptions"
        ] * POOL_SIZE
        assert Author.objects.using("slow").count() == 1
