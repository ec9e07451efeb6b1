"""What must never break a list: bad values, many threads, the collector's pause."""

import datetime
import gc
import threading

import pytest
from bson import DatetimeMS

from docmodels.documents import Max
from docmodels.queryset import iterables, pausing
from tests.queryset.models import Author, Book

FAR = DatetimeMS(253402300800000 + 5)

#: Every way to read the one document that Python cannot hold.
READS = {
    "iteration": lambda qs: [book.written_at for book in qs],
    "slice": lambda qs: [book.written_at for book in qs[:3]],
    "first": lambda qs: [qs.first().written_at],
    "get": lambda qs: [qs.get(title="far").written_at],
    "iterator": lambda qs: [book.written_at for book in qs.iterator(chunk_size=1)],
    "values": lambda qs: list(qs.values_list("written_at", flat=True)),
    "raw": lambda qs: [raw["written_at"] for raw in qs.raw()],
    "distinct": lambda qs: qs.distinct("written_at"),
    "aggregate": lambda qs: [qs.aggregate(n=Max("written_at"))["n"]],
    "pipeline": lambda qs: [row["written_at"] for row in qs.pipeline([{"$match": {}}])],
    "group": lambda qs: list(qs.order_by().values_list("written_at", flat=True).distinct()),
    "page": lambda qs: [book.written_at for book in qs.page(size=5)],
    "in_bulk": lambda qs: [book.written_at for book in qs.in_bulk().values()],
    "deferred": lambda qs: [book.written_at for book in qs.only("title")],
}


class TestUndecodable:
    """A date beyond year 9999 is shown raw; the list goes on."""

    @pytest.mark.parametrize("way", READS)
    def test_read(self, books, way):
        """Every read gives the other documents, and the bad value as it is stored."""
        queryset = books(
            {"title": "far", "written_at": FAR},
            {"title": "near", "written_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)},
        )

        found = READS[way](queryset)

        assert FAR in found

    def test_error(self, books):
        """The value is noted as one of the wrong type."""
        books({"title": "far", "written_at": FAR})

        assert Book.objects.get().read_errors == {
            "written_at": "Stored as DatetimeMS, expected a date and time."
        }


class TestCollector:
    """The garbage collector rests while a batch is decoded, and never longer."""

    @pytest.fixture(autouse=True)
    def collector(self):
        """Leave the collector as it was."""
        was_on = gc.isenabled()
        gc.enable()
        yield
        (gc.enable if was_on else gc.disable)()

    def test_pause(self, books, monkeypatch):
        """It is off while instances are made, on while code of a user runs."""
        books(*({"title": str(n)} for n in range(5)))
        seen = []
        decode = iterables.decode
        monkeypatch.setattr(
            iterables, "decode", lambda *args: seen.append(gc.isenabled()) or decode(*args)
        )

        for _book in Book.objects.all().iterator(chunk_size=2):
            assert gc.isenabled()

        assert seen
        assert not any(seen)

    def test_off(self, books, settings, monkeypatch):
        """A setting leaves it alone; a collector that was off stays off."""
        books({"title": "a"})
        seen = []
        decode = iterables.decode
        monkeypatch.setattr(
            iterables, "decode", lambda *args: seen.append(gc.isenabled()) or decode(*args)
        )

        settings.DOCMODELS = {"GC_PAUSE": False}
        list(Book.objects.all())
        settings.DOCMODELS = {}
        gc.disable()
        list(Book.objects.all())

        assert seen == [True, False]
        assert not gc.isenabled()

    def test_error(self, books, monkeypatch):
        """An error in the middle switches it on again."""
        books({"title": "a"})

        def fail(*args):
            raise RuntimeError("decode")

        monkeypatch.setattr(iterables, "decode", fail)
        with pytest.raises(RuntimeError):
            list(Book.objects.all())

        assert gc.isenabled()

    def test_threads(self, books):
        """Many readers at once: it is on when the last of them is done."""
        Author.objects.bulk_create([Author(name=str(n)) for n in range(300)])
        barrier, counts = threading.Barrier(6), []

        def read():
            barrier.wait()
            for _ in range(10):
                counts.append(len([author.name for author in Author.objects.all()]))

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert counts == [300] * 60
        assert pausing.collector_pause._inside == 0
        assert gc.isenabled()


class TestThreads:
    """One queryset may be shared by threads that chain on it."""

    def test_chaining(self, books):
        """Copies are independent."""
        queryset = books(*({"title": str(n), "n": n} for n in range(20)))
        results = {}

        def read(number):
            results[number] = [book.pages for book in queryset.filter(pages=number)]

        threads = [threading.Thread(target=read, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert results == {n: [n] for n in range(20)}
