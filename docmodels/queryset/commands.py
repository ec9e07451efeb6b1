"""What a queryset sends besides `find`: options by command, and aggregations."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from bson.codec_options import DatetimeConversion

from docmodels.connections.rows import Rows
from docmodels.queryset import iterables
from docmodels.queryset.atlas import send_stages
from docmodels.queryset.options import collection_for, options_of
from docmodels.transaction import current_session


def options_for(query: Any, *names: str) -> dict[str, Any]:
    """Return the named ones of the query's options."""
    return {name: query.options[name] for name in names if name in query.options}


def aggregate(
    queryset: Any, stages: list[dict[str, Any]], connection: Any, *, decoded: bool = False
) -> Iterator[Any]:
    """
    Yield the rows of a pipeline; a value out of range never ends the others.

    `decoded` lets the driver decode them, which saves few rows a command.
    """
    return Rows(_batches(queryset, stages, connection, decoded=decoded))


def _batches(
    queryset: Any, stages: list[dict[str, Any]], connection: Any, *, decoded: bool
) -> Generator[list[Any], None, None]:
    query = queryset.query
    collection = collection_for(queryset, connection)
    options = options_of(query, "aggregate")
    raw = connection.supports_raw_batches and not decoded
    if decoded and connection.supports_raw_batches:
        collection = tolerant(collection)
    method = collection.aggregate_raw_batches if raw else collection.aggregate
    with iterables.deadline(query), connection.wrap_errors:
        session = current_session(connection.alias)
        cursor = send_stages(queryset, connection, method, stages, session=session, **options)
    with cursor:
        while True:
            with iterables.deadline(query), connection.wrap_errors:
                batch = next(cursor, None)
            if batch is None:
                return
            yield from iterables.decode(batch, connection.codec_options) if raw else ([batch],)


def tolerant(collection: Any) -> Any:
    """Return the collection with dates out of Python's range kept as `DatetimeMS`."""
    return collection.with_options(
        codec_options=collection.codec_options.with_options(
            datetime_conversion=DatetimeConversion.DATETIME_AUTO,
            unicode_decode_error_handler="replace",
        )
    )
