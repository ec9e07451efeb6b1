"""Results of several batches are whole, however they are read."""

import gc
import threading
import weakref

import pytest
from django.test.utils import override_settings

from docmodels import documents
from docmodels.documents import F
from docmodels.queryset import iterables
from docmodels.queryset.iterables import DICT_BATCH, SMALL_RESULT
from docmodels.queryset.pausing import collector_pause

COUNT = DICT_BATCH * 2 + 1


class Row(documents.Document):
    number = documents.IntegerField()

    class Meta:
        app_label = "batches"
        ordering = ["number"]


class Hooked(documents.Document):
    number = documents.IntegerField()

    class Meta:
        app_label = "batches"
        collection = "batches_row"

    @documents.post("init")
    def note(self):
        self.collector_was_on = gc.isenabled()


@pytest.fixture
def rows(mongo):
    """Store more documents than fit into one batch of any kind."""
    mongo.collection(Row._meta.collection).insert_many(
        [{"_id": number, "number": number} for number in range(COUNT)]
    )


class TestBatches:
    """All documents come, in order."""

    @pytest.mark.parametrize("pause", [True, False])
    @pytest.mark.parametrize(
        "size", [0, 1, SMALL_RESULT, SMALL_RESULT + 1, DICT_BATCH, DICT_BATCH + 1, None]
    )
    def test_whole(self, rows, pause, size):
        """The result is whole with the pause of the collector and without."""
        with override_settings(DOCMODELS={"GC_PAUSE": pause}):
            found = [row.number for row in Row.objects.all()[:size]]

        assert found == list(range(COUNT if size is None else size))

    @pytest.mark.parametrize("pause", [True, False])
    def test_iterator(self, rows, pause):
        """`iterator()` and `values_list()` give them all as well."""
        with override_settings(DOCMODELS={"GC_PAUSE": pause}):
            iterated = [row.number for row in Row.objects.all().iterator(chunk_size=7)]
            values = list(Row.objects.values_list("number", flat=True))

        assert iterated == values == list(range(COUNT))


class TestPortions:
    """A batch is worked on in portions, of which nobody sees anything."""

    @pytest.fixture(autouse=True)
    def small(self, rows, monkeypatch):
        """Make them so small that a batch has hundreds, and a look due after some documents."""
        monkeypatch.setattr(iterables, "PORTION", 100)
        before = gc.get_threshold()
        gc.set_threshold(100, 4, 10)
        yield
        gc.set_threshold(*before)

    @pytest.mark.parametrize(
        "read",
        [
            lambda: [row.number for row in Row.objects.all()],
            lambda: [row.number for row in Row.objects.iterator()],
            lambda: [row.number for row in Row.objects.lazy()],
            lambda: list(Row.objects.values_list("number", flat=True)),
            lambda: [row["number"] for row in Row.objects.values("number")],
            lambda: [row["number"] for row in Row.objects.raw()],
            lambda: [row.twice / 2 for row in Row.objects.annotate(twice=F("number") * 2)],
            lambda: [
                row["number"]
                for row in Row.objects.pipeline([{"$sort": {"number": 1}}, {"$skip": 0}])
            ],
        ],
        ids=["all", "iterator", "lazy", "tuples", "dicts", "raw", "annotate", "pipeline"],
    )
    def test_whole(self, read):
        """All comes, in order, whatever is made of it."""
        assert read() == list(range(COUNT))

    def test_what_documents_have_in_common(self, assert_num_commands):
        """What one loads for the others, it loads for all of its batch."""
        deferred = list(Row.objects.only("pk"))

        # The server's first batch has 101 documents, the second one the rest: a thousand at a time.
        with assert_num_commands(3):
            numbers = [row.number for row in deferred]

        assert numbers == list(range(COUNT))

    def test_looks(self, monkeypatch):
        """The collector looks through the new objects in between, and not by itself."""
        automatic, looks, read = [], [], []

        def note(phase, info):
            if phase == "start":
                (automatic if gc.isenabled() else looks).append(info["generation"])

        monkeypatch.setattr(iterables, "PORTION", 5000)
        # Nothing is due that was made before.
        gc.collect()
        gc.callbacks.append(note)
        try:
            read += Row.objects.all()
        finally:
            gc.callbacks.remove(note)

        assert len(looks) > 5
        assert set(looks) == {1}
        assert 2 not in automatic

    def test_small_results(self, monkeypatch):
        """What few documents make is left to Python: it is gone before it is old."""
        looks = []
        gc.collect()
        gc.callbacks.append(lambda phase, info: gc.isenabled() or looks.append(phase))
        try:
            found = [len(list(Row.objects.filter(number__lt=300))) for _read in range(5)]
        finally:
            gc.callbacks.pop()

        assert found == [300] * 5
        assert looks == []

    def test_garbage(self, monkeypatch):
        """What is in a circle already when a large batch is read is gone afterwards."""

        class Node:
            pass

        node = Node()
        node.itself = node
        gone = weakref.ref(node)
        del node
        found = list(Row.objects.all())

        assert len(found) == COUNT
        assert gone() is None

    @pytest.mark.parametrize("before", [0, 3])
    def test_rounds(self, before):
        """However many looks there were, they count as one round, after ten of which comes all."""
        gc.collect()
        for _round in range(before):
            gc.collect(1)
        looks = []
        gc.callbacks.append(lambda phase, info: gc.isenabled() or looks.append(phase))
        try:
            found = list(Row.objects.all())
            rounds = gc.get_count()[2]
        finally:
            gc.callbacks.pop()

        assert len(found) == COUNT
        assert looks.count("start") > 15
        # Python's own rounds come to it, over what else is made here.
        assert before + 1 <= rounds <= before + 8

    def test_frozen(self):
        """Who set objects aside finds them there."""
        gc.freeze()
        try:
            frozen = gc.get_freeze_count()
            found = list(Row.objects.all())

            assert len(found) == COUNT
            assert frozen > 0.9 * gc.get_freeze_count() > 0
        finally:
            gc.unfreeze()


class TestCollectorPause:
    """The collector rests while a batch becomes instances, and then only."""

    @pytest.fixture
    def watched(self, rows, monkeypatch):
        """Note whether the collector is on while instances are made."""
        seen = []
        original = iterables.decode

        def decode(*args):
            seen.append(gc.isenabled())
            return original(*args)

        monkeypatch.setattr(iterables, "decode", decode)
        return seen

    def test_pause(self, watched):
        """It is off inside, and on for whoever reads."""
        outside = [gc.isenabled() for _row in Row.objects.all().iterator(chunk_size=1000)]

        assert set(watched) == {False}
        assert set(outside) == {True}

    def test_setting(self, watched):
        """`GC_PAUSE = False` leaves it alone."""
        with override_settings(DOCMODELS={"GC_PAUSE": False}):
            list(Row.objects.all())

        assert set(watched) == {True}

    def test_was_off(self, watched):
        """What a program switched off stays off."""
        gc.disable()
        try:
            list(Row.objects.all())

            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_hooks(self, rows):
        """Hooks of documents that are loaded run with the collector on."""
        seen = {document.collector_was_on for document in Hooked.objects.all()}

        assert seen == {True}

    def test_error(self, watched, monkeypatch):
        """An error inside switches it on again."""

        def fail(*args):
            raise ValueError("broken")

        monkeypatch.setattr(iterables, "decode", fail)

        with pytest.raises(ValueError, match=r"^broken$"):
            list(Row.objects.all())
        assert gc.isenabled()

    def test_threads(self):
        """Of several threads inside, the last one out switches it on."""
        inside, leave = threading.Barrier(3), threading.Event()

        def wait():
            with collector_pause:
                inside.wait(10)
                leave.wait(10)

        threads = [threading.Thread(target=wait) for _number in range(2)]
        for thread in threads:
            thread.start()
        with collector_pause:
            inside.wait(10)
        still_off = not gc.isenabled()
        leave.set()
        for thread in threads:
            thread.join(10)

        assert still_off
        assert gc.isenabled()


class TestThreads:
    """However threads come and go, the collector is as it was before the first of them."""

    @pytest.fixture
    def run(self):
        """Give a function that runs others in threads at once, and returns their errors."""

        def run(*functions):
            errors = []

            def catch(function):
                try:
                    function()
                except Exception as error:
                    errors.append(str(error))

            threads = [threading.Thread(target=catch, args=(f,)) for f in functions]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            return errors

        return run

    def test_readers(self, rows, run):
        """Many readers at once: all is read, and the collector is on at the end."""
        found = []

        def read():
            for size in (None, DICT_BATCH + 1, SMALL_RESULT):
                found.append(len(list(Row.objects.all()[:size])))

        errors = run(*[read] * 8)

        assert not errors
        assert sorted(found) == sorted([COUNT, DICT_BATCH + 1, SMALL_RESULT] * 8)
        assert gc.isenabled()

    @pytest.mark.parametrize("was_on", [True, False])
    def test_in_and_out(self, run, was_on):
        """Thousands of short pauses that overlap leave what they found."""
        seen = []

        def pause_often():
            for _number in range(2000):
                with collector_pause:
                    if gc.isenabled():
                        seen.append("on")

        if not was_on:
            gc.disable()
        try:
            errors = run(*[pause_often] * 6)

            assert not errors
            assert not seen
            assert gc.isenabled() is was_on
        finally:
            gc.enable()

    def test_error_in_one(self, run):
        """An error in one thread does not wake the collector for the others."""
        both, failed = threading.Barrier(2), threading.Event()
        seen = []

        def fail():
            try:
                with collector_pause:
                    both.wait(10)
                    raise ValueError("broken")
            finally:
                failed.set()

        def stay():
            with collector_pause:
                both.wait(10)
                failed.wait(10)
                seen.append(gc.isenabled())

        assert run(fail, stay) == ["broken"]
        assert seen == [False]
        assert gc.isenabled()

    def test_garbage_is_found_meanwhile(self, run):
        """A program that asks for a collection gets one, whoever pauses it."""

        class Node:
            pass

        inside, leave = threading.Event(), threading.Event()

        def stay():
            with collector_pause:
                inside.set()
                leave.wait(10)

        def collect():
            inside.wait(10)
            node = Node()
            node.itself = node
            gone.append(weakref.ref(node))
            del node
            gc.collect()
            leave.set()

        gone = []

        assert run(stay, collect) == []
        assert gone[0]() is None
