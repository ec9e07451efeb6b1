"""Many threads on two aliases: no write reaches the wrong database."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.test import override_settings

from docmodels import documents, transaction
from docmodels.connections import connections

THREADS = 16
ALIASES = ("left", "right")


class Ball(documents.Document):
    home = documents.CharField()
    thread = documents.IntegerField()
    count = documents.IntegerField(default=0)

    class Meta:
        app_label = "threads"
        collection = "threads_ball"
        indexes = [documents.Index(fields=["thread"])]


class Left(documents.Document):
    """A class of one alias, without `using()`."""

    home = documents.CharField()
    thread = documents.IntegerField()
    count = documents.IntegerField(default=0)

    class Meta:
        app_label = "threads"
        db_alias = "left"


class Right(documents.Document):
    """A class of the other one."""

    home = documents.CharField()
    thread = documents.IntegerField()
    count = documents.IntegerField(default=0)

    class Meta:
        app_label = "threads"
        db_alias = "right"


@pytest.fixture
def aliases(mongo):
    """Give two aliases of two databases, which acknowledge early and wait long."""
    given = settings.MONGO_DATABASES["default"]
    waits = dict.fromkeys(
        ("timeoutMS", "serverSelectionTimeoutMS", "waitQueueTimeoutMS", "connectTimeoutMS"), 60_000
    )
    options = {**given["OPTIONS"], "w": 1, "journal": False, **waits}
    made = {
        alias: {**given, "NAME": f"{mongo.name}_{alias}", "OPTIONS": options} for alias in ALIASES
    }
    with override_settings(MONGO_DATABASES={**settings.MONGO_DATABASES, **made}):
        for alias in ALIASES:
            for model in (Ball, Left, Right):
                connections[alias].collection(model._meta.collection).create_index("thread")
        yield
        for alias in ALIASES:
            connections[alias].client.drop_database(connections[alias].name)


class Player:
    """What one thread does, and how many documents of each alias there are to be then."""

    def __init__(self, number, operations):
        self.number = number
        #: How many operations it does on each alias.
        self.operations = operations
        self.random = random.Random(number)
        #: The balls that are stored, by alias, and how many documents of own classes.
        self.balls = {alias: [] for alias in ALIASES}
        self.others = Counter()

    def play(self):
        """Do the operations, now on one alias and now on the other."""
        turns = [alias for alias in ALIASES for _operation in range(self.operations)]
        self.random.shuffle(turns)
        acts = [
            self.insert, self.insert, self.save, self.update, self.bulk, self.find_and_update,
            self.delete, self.delete, self.get_or_create, self.own_class,
        ]  # fmt: skip
        for alias in turns:
            rare = self.random.random() < 0.03
            act = self.random.choice([self.both, self.aborted] if rare else acts)
            act(alias)

    def values(self, alias):
        """Give the values of a document of an alias."""
        return {"home": alias, "thread": self.number}

    def insert(self, alias):
        """Save a new object; it counts when it is committed."""
        ball = Ball(**self.values(alias))
        ball.save(using=alias)
        transaction.on_commit(lambda: self.balls[alias].append(ball), using=alias)

    def save(self, alias):
        """Save a change of an object, by the alias that it came from."""
        if self.balls[alias]:
            ball = self.random.choice(self.balls[alias])
            ball.count = self.random.random() * 1000 // 1
            ball.save()

    def update(self, alias):
        """Update by a queryset what is there."""
        found = Ball.objects.using(alias).filter(thread=self.number)
        assert found.update(count=documents.F("count") + 1) == len(self.balls[alias])

    def bulk(self, alias):
        """Insert several."""
        made = [Ball(**self.values(alias)) for _number in range(2)]
        self.balls[alias] += Ball.objects.using(alias).bulk_create(made)

    def find_and_update(self, alias):
        """Find and change one."""
        found = (
            Ball.objects.using(alias)
            .filter(thread=self.number)
            .find_one_and_update(count=documents.F("count") + 1)
        )
        assert (found is None) is not bool(self.balls[alias])
        assert found is None or (found.home, found._state.db) == (alias, alias)

    def delete(self, alias):
        """Delete an object by itself."""
        if self.balls[alias]:
            assert self.balls[alias].pop().delete()[0] == 1

    def get_or_create(self, alias):
        """Create what is not there."""
        ball, made = Ball.objects.using(alias).get_or_create(
            {"home": alias}, thread=self.number, count=-1
        )
        assert (made, ball.home) == (True, alias)
        ball.delete()

    def own_class(self, alias):
        """Save an object of the alias's own class."""
        model = Left if alias == "left" else Right
        model.objects.create(**self.values(alias))
        self.others[alias] += 1

    def both(self, alias):
        """Write to both aliases in two transactions, one inside of the other."""
        other = ALIASES[alias == "left"]

        @transaction.atomic(using=other)
        def inner():
            self.insert(other)
            assert transaction.current_session(alias) is not transaction.current_session(other)

        @transaction.atomic(using=alias)
        def outer():
            self.insert(alias)
            inner()

        outer()

    def aborted(self, alias):
        """Write in a transaction that is given up, and to the other alias, which is not in it."""
        other = ALIASES[alias == "left"]
        try:
            with transaction.atomic(using=alias):
                self.insert(alias)
                self.insert(other)
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    def expected(self, alias):
        """Give how many documents the thread has on an alias."""
        return len(self.balls[alias]) + self.others[alias]


@pytest.mark.parametrize("operations", [250, pytest.param(1_000, marks=pytest.mark.slow)])
def test_no_write_on_the_wrong_alias(aliases, operations):
    """16 threads do 1,000 operations on each of two aliases; each document is where it belongs."""
    players = [Player(number, operations) for number in range(THREADS)]
    together = threading.Barrier(THREADS)

    def run(player):
        together.wait()
        player.play()

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(run, player) for player in players]:
            future.result()

    for alias in ALIASES:
        homes = Counter()
        for model in (Ball, Left, Right):
            collection = connections[alias].collection(model._meta.collection)
            homes.update((raw["home"], raw["thread"]) for raw in collection.find())
        expected = {(alias, player.number): player.expected(alias) for player in players}
        assert dict(homes) == {key: count for key, count in expected.items() if count}


def test_contention(aliases):
    """16 threads count up one number in transactions: each conflict is tried again, none lost."""
    ball = Ball(home="left", thread=0)
    ball.save(using="left")

    @transaction.atomic(using="left")
    def count():
        found = Ball.objects.using("left").get(pk=ball.pk)
        found.count += 1
        found.save()

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(count) for _number in range(160)]:
            future.result()

    ball.refresh_from_db()
    assert ball.count == 160
