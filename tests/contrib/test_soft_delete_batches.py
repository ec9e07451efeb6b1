"""Soft deletion of many documents one by one, with a bounded number of them in memory."""

import gc
import inspect
import sys
import weakref

import pytest
from bson import ObjectId
from django.db.models import ProtectedError

from docmodels import documents
from docmodels.contrib import soft_delete
from docmodels.contrib.soft_delete import SoftDelete
from docmodels.documents import protection
from docmodels.testing import record_commands

SIZE = 3
ALIVE = []


class Jar(SoftDelete):
    number = documents.IntegerField()

    class Meta:
        app_label = "softbatches"

    @documents.post("init")
    def count(self):
        ALIVE.append(weakref.ref(self))

    @documents.pre("delete")
    def going(self):
        gc.collect()
        ALIVE[:] = [kept for kept in ALIVE if kept() is not None]
        assert len(ALIVE) <= 2 * SIZE


class Box(SoftDelete):
    inside = documents.ReferenceField("self", on_delete=documents.CASCADE, blank=True)
    number = documents.IntegerField(default=0)

    class Meta:
        app_label = "softbatches"


class Seal(documents.Document):
    box = documents.ReferenceField(Box, on_delete=documents.PROTECT)

    class Meta:
        app_label = "softbatches"


@pytest.fixture(autouse=True)
def batch(monkeypatch):
    """Let batches be small."""
    for module in (soft_delete, protection):
        monkeypatch.setattr(module, "BATCH", SIZE)


@pytest.fixture
def jars(mongo):
    """Store ten jars."""
    Jar.objects.bulk_create([Jar(number=number) for number in range(10)])
    ALIVE.clear()
    return Jar.objects.filter(number__gt=0)


@pytest.fixture
def boxes(mongo):
    """Store seven boxes, each of which is in the one before."""
    outer = None
    for number in range(7):
        outer = Box.objects.create(number=number, **({} if outer is None else {"inside": outer}))
    return Box.objects.order_by("number")


def test_delete_with_hooks(jars):
    """Documents are read in batches, and marked before the next batch is there."""
    with record_commands() as commands:
        assert jars.delete() == (9, {"softbatches.Jar": 9})

    one = ["update"] * SIZE
    assert [sent.name for sent in commands] == [
        "find",
        *one,
        "getMore",
        *one,
        "getMore",
        *one,
        "getMore",
    ]
    assert commands[0].command["batchSize"] == commands[4].command["batchSize"] == SIZE
    assert Jar.objects.get().number == 0
    assert len(set(Jar.objects.only_deleted().values_list("deleted_at", flat=True))) == 1


def test_restore(boxes):
    """So are those that are restored, each once."""
    Box.objects.filter(number__gt=0).delete()

    with record_commands() as commands:
        assert Box.objects.only_deleted().restore(allow_all=True) == 6

    assert commands[0].command["batchSize"] == SIZE
    assert [sent.name for sent in commands].count("update") == 6
    assert Box.objects.count() == 7


def test_what_goes_with_others(boxes):
    """What the queryset matches and a cascade reaches is marked once, with the same moment."""
    with record_commands() as commands:
        assert boxes.delete(allow_all=True) == (7, {"softbatches.Box": 7})

    assert [sent.name for sent in commands].count("update") == 7
    first = Box.objects.with_deleted().get(number=0)
    assert first.restore() == 7


def test_protect_first(boxes):
    """Nothing is marked where the last one is protected; the question is asked in batches."""
    seal = Seal.objects.create(box=boxes.last())

    with record_commands() as commands, pytest.raises(ProtectedError) as caught:
        Box.objects.filter(number__gte=0).delete()

    assert caught.value.protected_objects == {seal}
    assert {sent.name for sent in commands} <= {"find", "getMore"}
    assert commands[0].command["batchSize"] == SIZE
    assert Box.objects.count() == 7


@pytest.fixture
def short_stack():
    """Let Python's stack be short."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    yield
    sys.setrecursionlimit(before)


def test_a_long_chain(mongo, short_stack):
    """A chain that is longer than Python's stack is marked and restored."""
    chain = [Box.objects.create()]
    for number in range(200):
        chain.append(Box(inside_id=chain[-1].pk, id=ObjectId(f"{number:024x}")))
    Box.objects.bulk_create(chain[1:])

    assert chain[0].delete()[0] == 201
    assert Box.objects.count() == 0
    assert chain[0].restore() == 201
