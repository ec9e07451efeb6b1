"""No call that reaches the database is without an asynchronous twin."""

import inspect

import pytest

from docmodels import documents
from docmodels.connections.backends.mongodb import MongoDBConnection
from docmodels.connections.watching import AsyncWatch, Watch
from docmodels.contrib.history import Historic
from docmodels.contrib.soft_delete import SoftDelete, SoftDeleteQuerySet
from docmodels.fields import FileField, SequenceField, StoredFile
from tests.docs.public import members

#: What sends nothing, by class: it makes a queryset, or works on what is loaded.
SILENT = {
    documents.QuerySet: {
        "alias", "all", "allow_disk_use", "annotate", "as_manager", "atlas_search",
        "batch_size", "bucket", "bucket_auto", "collation", "comment", "complex_filter",
        "dates", "datetimes", "db", "defer", "difference", "exclude", "fetch_mode",
        "filter", "geo_near", "graph_lookup", "hint", "intersection", "lazy", "lookup",
        "max_time_ms", "none", "only", "order_by", "ordered", "populate",
        "prefetch_related", "raw_filter", "read_concern", "read_preference", "reverse",
        "sample", "search", "select", "select_related", "sort_by_count", "stage", "union",
        "union_with", "unwind", "using", "values", "values_as", "values_list",
        "vector_search", "without_hooks",
    },
    documents.Document: {
        "clean", "clean_fields", "collect_errors", "from_dict", "from_json", "from_mongo",
        "full_clean", "get_path", "increment", "is_modified", "is_set", "modified_paths",
        "pending_update", "pk", "previous", "read_errors", "rollback", "serializable_value",
        "set_path", "to_dict", "to_json", "to_mongo", "undeclared", "unset_path",
    },
    StoredFile: {
        "closed", "content_type", "file", "height", "id", "metadata", "name", "size",
        "uploaded_at", "url", "width",
    },
    Watch: {"alive", "token"},
    MongoDBConnection: {
        "after_fork", "async_client", "async_collection", "async_database", "attach",
        "attaches_in_place", "backend", "bucket", "client", "collection", "database", "detach",
        "ensure_reachable", "ensure_side_reachable", "explain", "known", "ready", "require_server",
        "require_writable",
        "selection_seconds", "sends_bytes", "supports_transactions", "uri",
    },
}  # fmt: skip
#: Classes whose silent members are those of another, with their own.
SILENT[SoftDeleteQuerySet] = SILENT[documents.QuerySet]
SILENT[SoftDelete] = SILENT[documents.Document] | {"is_deleted", "objects"}
SILENT[Historic] = SILENT[documents.Document] | {"history"}


def twin_of(cls, name):
    """Return the asynchronous member for a name, None without one."""
    return getattr(AsyncWatch if cls is Watch else cls, f"a{name}", None)


@pytest.mark.parametrize("cls", SILENT, ids=lambda cls: cls.__name__)
def test_every_call_has_a_twin(cls):
    """Each public member is silent, asynchronous itself, or has a twin."""
    named = {name for name in members(cls) if not is_asynchronous(cls, name)}

    assert sorted(n for n in named if n not in SILENT[cls] and twin_of(cls, n) is None) == []
    assert sorted(n for n in SILENT[cls] if n not in named) == []
    assert sorted(n for n in SILENT[cls] if twin_of(cls, n) is not None) == []


def is_asynchronous(cls, name):
    """Tell whether a member is a twin, or is one of coroutines by its nature."""
    return name in {"afetch"} or (name[0] == "a" and name[1:] in members(cls)) or name in EXTRA


#: Members of coroutines whose plain form is one of Python's or Django's own.
EXTRA = {"achunks", "aread"}


@pytest.mark.parametrize("cls", [FileField, SequenceField])
def test_fields(cls):
    """What fields do in the database has a twin, too."""
    expected = (
        {"remove", "orphans", "delete_orphans"} if cls is FileField else {"reserve", "catch_up"}
    )

    assert all(callable(getattr(cls, f"a{name}")) for name in expected)


@pytest.mark.parametrize("cls", [documents.QuerySet, documents.Document, StoredFile])
def test_signatures(cls):
    """A twin has the arguments of its method, at run time as well."""
    twins = [name for name in members(cls) if callable(twin_of(cls, name))]
    parameters = {name: inspect.signature(getattr(cls, name)).parameters for name in twins}
    theirs = {name: inspect.signature(twin_of(cls, name)).parameters for name in twins}

    # Two have fewer: without an argument their methods send nothing.
    for name in {"distinct", "pipeline"} & set(twins):
        assert list(parameters.pop(name)) == list(theirs.pop(name))
    assert theirs == parameters


def test_managers_have_them():
    """A manager passes the twins on, as coroutine functions."""
    names = [name for name in members(documents.QuerySet) if twin_of(documents.QuerySet, name)]

    for name in names:
        own, passed_on = (
            getattr(cls, f"a{name}") for cls in (documents.QuerySet, documents.Manager)
        )
        assert inspect.iscoroutinefunction(own) == inspect.iscoroutinefunction(passed_on)


def test_an_overridden_method():
    """A twin is one of the method that a subclass has."""
    import asyncio

    class Books(documents.QuerySet):
        def count(self):
            return -1

    class Shelf(documents.Document):
        objects = Books.as_manager()

        class Meta:
            app_label = "aio"

    assert asyncio.run(Shelf.objects.acount()) == -1
