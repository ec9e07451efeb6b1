"""
Read a result batch by batch and turn each batch into what was asked for.

The driver hands over undecoded batches, so that waiting for the network and
making objects are apart: the garbage collector can rest while one batch is
decoded and turned into instances, which takes half of the time away, and it
never rests while anybody waits or runs code of a user. A batch is up to 16 MB;
it is worked on in portions that the processor's caches hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pymongo
from django.core.exceptions import FieldError

from docmodels import codecs, signals
from docmodels.conf import docmodels_settings
from docmodels.connections.finding import all_of, find_few
from docmodels.exceptions import OperationFailed
from docmodels.query.projections import mark_incomplete
from docmodels.queryset.atlas import send_stages
from docmodels.queryset.crossing import settled
from docmodels.queryset.few import read_whole
from docmodels.queryset.lazy import can_wait, make_untouched
from docmodels.queryset.options import collection_for, options_of
from docmodels.queryset.pausing import collector_pause, make_pause
from docmodels.queryset.peers import note_peers
from docmodels.queryset.refusals import explained
from docmodels.queryset.rows import document_maker, instance_maker, row_maker, tuple_maker
from docmodels.tracking import Source
from docmodels.transaction import current_session

#: Results of at most so many documents are decoded by the driver's own cursor: to prepare undecoded
#: batches costs more than the pause saves.
SMALL_RESULT = 2000
#: How many dicts are turned into instances at a time.
DICT_BATCH = 1000
#: How many bytes are decoded at a time: the dicts of so many, and what is made of them, are still
#: in the processor's caches when they are used again, and their memory is taken by the next ones.
PORTION = 50_000


def _runs_code_of_users(meta: Any) -> bool:
    """Tell whether hooks or upgrades run while objects are made."""
    classes = (meta, *(child._meta for child in meta.children.values()))
    return any("init" in found.hooks or found.schema_version is not None for found in classes)


def batches(queryset: Any) -> Iterator[list[Any]]:
    """Yield lists of instances, or of what `values()` asked for."""
    if queryset.query.empty:
        return
    connection = queryset._connection
    convert = converter(queryset, connection)
    pause = nullcontext() if _runs_code_of_users(queryset.model._meta) else make_pause()
    for raws in raw_batches(queryset, connection):
        with pause:
            made = convert(raws)
        announce(queryset, made)
        yield made


def read_all(queryset: Any) -> list[Any]:
    """Return the whole result."""
    query = queryset.query
    whole = None if query.empty else read_whole(queryset)
    if whole is not None:
        return whole
    if query.high is None or query.high - query.low > SMALL_RESULT or query.empty:
        result: list[Any] = []
        for batch in batches(queryset):
            result += batch
        return result
    # A few objects are no reason to pause the collector, or to fetch and make them in turns.
    connection = queryset._connection
    convert = converter(queryset, connection)
    try:
        if "max_time_ms" in query.options:
            with deadline(query), connection.wrap_errors:
                raws = _read_few(queryset, connection)
        else:
            with connection.wrap_errors:
                raws = _read_few(queryset, connection)
    except OperationFailed as error:
        raise explained(error, queryset) from error.__cause__
    made = convert(raws)
    announce(queryset, made)
    return made


def _read_few(queryset: Any, connection: Any) -> list[Any]:
    """Return the dicts of a small result."""
    query = queryset.query
    if query.is_pipeline or query.options or query.crosses:
        return all_of(open_cursor(queryset, connection, undecoded=False))
    return find_few(
        connection,
        connection.ready(queryset.model._meta, queryset._for_write),
        query.compile_filter(),
        query.high - query.low,
        skip=query.low,
        sort=query.sort(),
        projection=query.projection(),
        session=current_session(connection.alias),
    )


def announce(queryset: Any, made: list[Any]) -> None:
    """Send `post_init` of the objects that were made, to who listens."""
    listened = signals.post_init.receivers and queryset.query.shape is None
    if listened and signals.post_init.has_listeners(queryset.model):
        for instance in made:
            signals.post_init.send(sender=type(instance), instance=instance)


def deadline(query: Any) -> AbstractContextManager[Any]:
    """Return what ends a command after the query's `max_time_ms`, if it has one."""
    # The driver puts the deadline of the client in place of a command's own `maxTimeMS`.
    limit = query.options.get("max_time_ms")
    return nullcontext() if limit is None else pymongo.timeout(limit / 1000)


def raw_batches(queryset: Any, connection: Any) -> Iterator[Any]:
    """Yield batches: bytes where that is faster and possible, else lists of dicts."""
    undecoded = connection.supports_raw_batches and _pays_undecoded(queryset.query)
    try:
        with deadline(queryset.query), connection.wrap_errors:
            cursor = open_cursor(queryset, connection, undecoded=undecoded)
        with cursor:
            while (batch := _next_batch(queryset, connection, cursor, undecoded)) is not None:
                # Told now: whoever is given the batch takes it over, and may empty it.
                is_last = not undecoded and len(batch) < DICT_BATCH
                if batch:
                    yield batch
                if is_last:
                    return
    except OperationFailed as error:
        raise explained(error, queryset) from error.__cause__


def _next_batch(queryset: Any, connection: Any, cursor: Any, undecoded: bool) -> Any:
    with deadline(queryset.query), connection.wrap_errors:
        return next(cursor, None) if undecoded else list(itertools.islice(cursor, DICT_BATCH))


def _pays_undecoded(query: Any) -> bool:
    # The driver prepares an undecoded batch at a cost that the pause gets back, if it is large.
    is_small = query.high is not None and query.high - query.low <= SMALL_RESULT
    return query.lazy or (docmodels_settings.GC_PAUSE and not is_small)


def open_cursor(queryset: Any, connection: Any, *, undecoded: bool) -> Any:
    """Send the query; return a cursor of undecoded batches or of dicts."""
    if queryset.query.crosses:
        queryset = settled(queryset)
    query = queryset.query
    collection = collection_for(queryset, connection)
    session = current_session(connection.alias)
    if query.is_pipeline:
        _refuse_portions(query)
        method = collection.aggregate_raw_batches if undecoded else collection.aggregate
        stages, options = query.sent_pipeline(), options_of(query, "aggregate")
        return send_stages(queryset, connection, method, stages, session=session, **options)
    options = options_of(query, "find")
    if query.low:
        options["skip"] = query.low
    if query.high is not None:
        options["limit"] = query.high - query.low
    sort = query.sort()
    if sort:
        options["sort"] = sort
    method = collection.find_raw_batches if undecoded else collection.find
    return method(query.compile_filter(), query.projection(), session=session, **options)


def _refuse_portions(query: Any) -> None:
    if query.portions and query.shape is None:
        names = ", ".join(".".join(portion.names) for portion in query.portions)
        raise FieldError(
            f"{query.meta.object_name}: a part of {names!r} beside annotate(), unwind() or "
            f"union(), expected one of them."
        )


def decode(batch: Any, codec_options: Any) -> Iterable[list[dict[str, Any]]]:
    """Return the documents of a batch in lists, each to be worked on before the next is taken."""
    return _decode_portions(batch, codec_options) if isinstance(batch, bytes) else (batch,)


def _decode_portions(batch: bytes, codec_options: Any) -> Iterator[list[dict[str, Any]]]:
    for portion in codecs.portions_of(batch, PORTION):
        yield codecs.decode_batch(portion, codec_options)
        collector_pause.look_through()


def converter(queryset: Any, connection: Any) -> Callable[[Any], list[Any]]:
    """Return the function that turns a batch, which it takes over, into results."""
    codec_options = connection.codec_options
    shape = queryset.query.shape
    if shape is None:
        return _instances(queryset, connection.alias, codec_options)
    row = row_maker(queryset.query, connection.alias)
    if shape.kind == "tuple":
        row = tuple_maker(shape, row)
    elif shape.row_class is not None:
        row = instance_maker(shape.row_class, row)
    return lambda batch: [row(raw) for raws in decode(batch, codec_options) for raw in raws]


def _instances(queryset: Any, alias: str, codec_options: Any) -> Callable[[Any], list[Any]]:
    load = queryset.model._meta.load
    query = queryset.query
    loaded, mode = query.loaded(), query.fetch_mode
    if not query.annotations:
        note = note_peers(queryset.model, mode, is_partial=loaded is not None)

        def instances(batch: Any) -> list[Any]:
            # What the documents of one batch share.
            source = Source(alias, loaded, mode=mode)
            made: list[Any] = []
            for raws in decode(batch, codec_options):
                if note:
                    source.peers = note(raws, source.peers)
                raws.reverse()
                take = raws.pop
                # Each dict is freed when its instance is there; the next one takes its memory.
                made += [load(take(), source) for _number in range(len(raws))]
            if source.peers is not None:
                source.peers.meet(made)
            return made

        if query.portions:
            return _marking(query.portions, instances)
        if query.lazy and can_wait(queryset.model):
            source = Source(alias, loaded, mode=mode)
            return make_untouched(queryset.model, source, codec_options, instances)
        return instances
    make = document_maker(queryset.model, query, alias)
    return lambda batch: [make(raw) for raws in decode(batch, codec_options) for raw in raws]


def _marking(portions: Any, instances: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    def marked(batch: Any) -> list[Any]:
        made = instances(batch)
        for portion in portions:
            for document in made:
                mark_incomplete(document, portion.names)
        return made

    return marked
