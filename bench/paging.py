"""Pages and counts in a large collection, where how far down a page is makes no difference."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from pymongo import MongoClient

from bench.data import COLLECTION, make_documents
from bench.documents import Order
from bench.systems.docmodels import DocmodelsSystem

#: How many documents are on a page, and up to which number is counted.
SIZE = 25
LIMIT = 100
#: How often each thing is done.
REPEATS = 200
#: How many different documents are stored over and over.
DIFFERENT = 10_000


def measure_paging(
    uri: str, database: str, documents: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Fill a database of its own, measure, drop it; return times in milliseconds."""
    system = DocmodelsSystem()
    with MongoClient[dict[str, Any]](uri) as client:
        try:
            _fill(client[database][COLLECTION], documents, tell)
            system.open(uri, database)
            try:
                return _measure(documents)
            finally:
                system.close()
        finally:
            client.drop_database(database)


def _fill(collection: Any, documents: int, tell: Callable[[str], None]) -> None:
    collection.drop()
    collection.create_index([("created", -1), ("_id", -1)])
    made = make_documents(min(DIFFERENT, documents))
    for start in range(0, documents, len(made)):
        batch = made[: documents - start]
        # The driver adds a key to what has none.
        collection.insert_many([{k: v for k, v in d.items() if k != "_id"} for d in batch])
        if start % 100_000 == 0:
            tell(f"{start + len(batch)} of {documents} documents")


def _measure(documents: int) -> dict[str, Any]:
    row = documents * 9 // 10
    report: dict[str, Any] = {"documents": documents, "row": row, "orders": {}}
    for name, order in {"by key": ("pk",), "by time": ("-created", "-pk")}.items():
        queryset = Order.objects.order_by(*order)
        # The row is skipped to, which takes long; its token then leads to it at once.
        stored = next(iter(queryset[row : row + 1].raw()))
        after = queryset.page_beside(stored, size=SIZE).previous
        first, far = _time_in_turns(
            partial(queryset.page, size=SIZE), partial(queryset.page, size=SIZE, after=after)
        )
        report["orders"][name] = {"first": first, "far": far, "ratio": round(far / first, 2)}
    (count,) = _time_in_turns(lambda: Order.objects.filter(active=True).count_up_to(LIMIT))
    return {**report, "count_up_to": count}


def _time_in_turns(*functions: Callable[[], Any]) -> list[float]:
    taken: list[list[float]] = [[] for _function in functions]
    for number in range(REPEATS + 1):
        for function, times in zip(functions, taken, strict=True):
            start = time.perf_counter()
            function()
            if number:
                times.append(time.perf_counter() - start)
    return [round(median(times) * 1e3, 3) for times in taken]


def format_paging(report: dict[str, Any]) -> str:
    """Return the report as a Markdown table, with what must be reached."""
    lines = [
        f"| of {report['documents']} documents | first page | page at row {report['row']} "
        f"| ratio | must |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, found in report["orders"].items():
        first, far = f"{found['first']:.2f} ms", f"{found['far']:.2f} ms"
        lines.append(f"| {name} | {first} | {far} | {found['ratio']:.2f} | 3.00 |")
    counted = f"count_up_to({LIMIT}): {report['count_up_to']:.2f} ms, must be within 2 ms"
    return "\n".join([*lines, "", counted])
