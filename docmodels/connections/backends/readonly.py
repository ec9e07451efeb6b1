"""The driver's classes for read-only aliases: what writes raises instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.collection import Collection
from pymongo.database import Database

from docmodels.exceptions import ReadOnlyConnection

if TYPE_CHECKING:
    from collections.abc import Callable

#: The methods of a collection that write.
COLLECTION_WRITES = (
    "bulk_write",
    "create_index",
    "create_indexes",
    "create_search_index",
    "create_search_indexes",
    "delete_many",
    "delete_one",
    "drop",
    "drop_index",
    "drop_indexes",
    "drop_search_index",
    "find_one_and_delete",
    "find_one_and_replace",
    "find_one_and_update",
    "insert_many",
    "insert_one",
    "rename",
    "replace_one",
    "update_many",
    "update_one",
    "update_search_index",
)
_DATABASE_WRITES = ("create_collection", "drop_collection")
_CLIENT_WRITES = ("bulk_write", "drop_database")
_WRITE_STAGES = frozenset({"$out", "$merge"})

#: The commands that ``Database.command`` lets through on a read-only alias.
READ_COMMANDS = frozenset(
    {
        "aggregate",
        "buildinfo",
        "collstats",
        "connectionstatus",
        "count",
        "currentop",
        "datasize",
        "dbhash",
        "dbstats",
        "distinct",
        "explain",
        "find",
        "getmore",
        "getparameter",
        "hello",
        "hostinfo",
        "ismaster",
        "killcursors",
        "listcollections",
        "listcommands",
        "listdatabases",
        "listindexes",
        "ping",
        "replsetgetstatus",
        "serverstatus",
        "sleep",
        "top",
        "usersinfo",
        "validate",
    }
)


def read_only_error(alias: str, operation: str) -> ReadOnlyConnection:
    """Give the error of a write through a read-only alias."""
    return ReadOnlyConnection(
        f"The connection '{alias}' is read-only: {operation} needs an alias without READ_ONLY.",
        alias=alias,
        operation=operation,
    )


def _refusing(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise read_only_error(self.read_only_alias, name)

    method.__name__ = name
    method.__doc__ = "Raise `ReadOnlyConnection`."
    return method


def _check_pipeline(alias: str, pipeline: Any) -> None:
    for stage in pipeline if isinstance(pipeline, list | tuple) else ():
        for name in _WRITE_STAGES.intersection(stage):
            raise read_only_error(alias, f"aggregate with {name}")


# Each class is once for the synchronous and once for the asynchronous driver: what they inherit
# from the driver either answers or gives a coroutine, and both are passed on.


class _ReadsOneCollection:
    """A collection whose write methods raise `ReadOnlyConnection`."""

    database: Any
    name: Any
    codec_options: Any
    read_preference: Any
    write_concern: Any
    read_concern: Any

    @property
    def read_only_alias(self) -> str:
        """The alias that errors name."""
        alias: str = self.database.read_only_alias
        return alias

    def aggregate(self, pipeline: Any, *args: Any, **kwargs: Any) -> Any:
        """Aggregate as the driver does, without ``$out`` and ``$merge``."""
        _check_pipeline(self.read_only_alias, pipeline)
        return super().aggregate(pipeline, *args, **kwargs)  # type: ignore[misc]

    def aggregate_raw_batches(self, pipeline: Any, *args: Any, **kwargs: Any) -> Any:
        """Aggregate as the driver does, without ``$out`` and ``$merge``."""
        _check_pipeline(self.read_only_alias, pipeline)
        return super().aggregate_raw_batches(pipeline, *args, **kwargs)  # type: ignore[misc]

    def with_options(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Any:
        """Give a copy with other options, read-only too."""
        make: Any = type(self)
        return make(
            self.database,
            self.name,
            codec_options=codec_options or self.codec_options,
            read_preference=read_preference or self.read_preference,
            write_concern=write_concern or self.write_concern,
            read_concern=read_concern or self.read_concern,
        )

    def __getitem__(self, name: str) -> Any:
        """Give a sub-collection, read-only too."""
        return self.database[f"{self.name}.{name}"].with_options(
            self.codec_options, self.read_preference, self.write_concern, self.read_concern
        )


class _ReadsOneDatabase:
    """A database whose collections and commands only read."""

    client: Any
    name: Any
    collection_class: ClassVar[Any]

    @property
    def read_only_alias(self) -> str:
        """The alias that errors name."""
        alias: str = self.client.read_only_alias
        return alias

    def __getitem__(self, name: str) -> Any:
        """Give a collection that refuses writes."""
        return self.collection_class(self, name)

    def get_collection(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Give a collection that refuses writes."""
        return self[name].with_options(*args, **kwargs)

    def with_options(self, *args: Any, **kwargs: Any) -> Any:
        """Give a copy with other options, read-only too."""
        other = super().with_options(*args, **kwargs)  # type: ignore[misc]
        make: Any = type(self)
        return make(
            self.client,
            self.name,
            other.codec_options,
            other.read_preference,
            other.write_concern,
            other.read_concern,
        )

    def aggregate(self, pipeline: Any, *args: Any, **kwargs: Any) -> Any:
        """Aggregate as the driver does, without ``$out`` and ``$merge``."""
        _check_pipeline(self.read_only_alias, pipeline)
        return super().aggregate(pipeline, *args, **kwargs)  # type: ignore[misc]

    def command(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a command that only reads."""
        self._check_command(command, kwargs)
        return super().command(command, *args, **kwargs)  # type: ignore[misc]

    def cursor_command(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a command that only reads."""
        self._check_command(command, kwargs)
        return super().cursor_command(command, *args, **kwargs)  # type: ignore[misc]

    def _check_command(self, command: Any, options: dict[str, Any]) -> None:
        name = command if isinstance(command, str) else next(iter(command), "")
        if name.lower() not in READ_COMMANDS:
            raise read_only_error(self.read_only_alias, f"command {name}")
        if not isinstance(command, str):
            options = {**command, **options}
        _check_pipeline(self.read_only_alias, options.get("pipeline"))


class _ReadsOneServer:
    """A client whose databases only read."""

    #: The alias that errors name, set by the connection.
    read_only_alias = ""
    database_class: ClassVar[Any]

    def __getitem__(self, name: str) -> Any:
        """Give a database that refuses writes."""
        return self.database_class(self, name)

    def get_database(self, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Give a database that refuses writes."""
        if name is None:
            name = super().get_default_database().name  # type: ignore[misc]
        return self[name].with_options(*args, **kwargs)

    def get_default_database(self, *args: Any, **kwargs: Any) -> Any:
        """Give the URI's database, refusing writes."""
        found = super().get_default_database(*args, **kwargs)  # type: ignore[misc]
        return self[found.name]


for _owner, _names in (
    (_ReadsOneCollection, COLLECTION_WRITES),
    (_ReadsOneDatabase, _DATABASE_WRITES),
    (_ReadsOneServer, _CLIENT_WRITES),
):
    for _name in _names:
        setattr(_owner, _name, _refusing(_name))


class ReadOnlyCollection(_ReadsOneCollection, Collection[dict[str, Any]]):
    """A collection whose write methods raise `ReadOnlyConnection`."""


class ReadOnlyDatabase(_ReadsOneDatabase, Database[dict[str, Any]]):
    """A database whose collections and commands only read."""

    collection_class = ReadOnlyCollection


class ReadOnlyClient(_ReadsOneServer, MongoClient[dict[str, Any]]):
    """A client whose databases only read."""

    database_class = ReadOnlyDatabase


class AsyncReadOnlyCollection(_ReadsOneCollection, AsyncCollection[dict[str, Any]]):
    """An asynchronous collection whose write methods raise `ReadOnlyConnection`."""


class AsyncReadOnlyDatabase(_ReadsOneDatabase, AsyncDatabase[dict[str, Any]]):
    """An asynchronous database whose collections and commands only read."""

    collection_class = AsyncReadOnlyCollection


class AsyncReadOnlyClient(_ReadsOneServer, AsyncMongoClient[dict[str, Any]]):
    """An asynchronous client whose databases only read."""

    database_class = AsyncReadOnlyDatabase
