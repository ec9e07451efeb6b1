"""The driver's read preferences and its read and write concerns, by the names that users write."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, TypeAlias

from pymongo.errors import ConfigurationError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference, _ServerMode
from pymongo.write_concern import WriteConcern

from docmodels.connections.deadlines import deadline
from docmodels.exceptions import NotSupportedError

AnyReadConcern: TypeAlias = str | ReadConcern
AnyWriteConcern: TypeAlias = str | int | Mapping[str, Any] | WriteConcern
AnyReadPreference: TypeAlias = str | _ServerMode

#: The driver's read preferences by their name in a connection string.
READ_PREFERENCES: Mapping[str, Any] = {
    "primary": ReadPreference.PRIMARY,
    "primaryPreferred": ReadPreference.PRIMARY_PREFERRED,
    "secondary": ReadPreference.SECONDARY,
    "secondaryPreferred": ReadPreference.SECONDARY_PREFERRED,
    "nearest": ReadPreference.NEAREST,
}
READ_CONCERNS = ("local", "available", "majority", "linearizable", "snapshot")
#: Those that the server takes at the start of a transaction.
TRANSACTION_READ_CONCERNS = ("local", "majority", "snapshot")


def read_preference_of(value: Any, given: str) -> Any:
    """Return the driver's read preference for a name or for one of its own."""
    if isinstance(value, _ServerMode):
        return value
    if not isinstance(value, str) or value not in READ_PREFERENCES:
        raise ValueError(
            f"{given}: {value!r}, expected a mode or a read preference of the driver. "
            f"Choices are: {', '.join(READ_PREFERENCES)}."
        )
    return READ_PREFERENCES[value]


def read_concern_of(value: Any, given: str, levels: tuple[str, ...] = READ_CONCERNS) -> ReadConcern:
    """Return the driver's read concern for one of `levels` or for one of its own."""
    level = value.level if isinstance(value, ReadConcern) else value
    if level not in levels and not (level is None and levels is READ_CONCERNS):
        raise ValueError(f"{given}: {value!r}, expected a level. Choices are: {', '.join(levels)}.")
    return value if isinstance(value, ReadConcern) else ReadConcern(level)


def write_concern_of(value: Any, given: str) -> WriteConcern:
    """Return the driver's write concern for a `w`, a dict of its parts, or one of its own."""
    if isinstance(value, WriteConcern):
        return value
    parts = {"w": value} if isinstance(value, str) or type(value) is int else value
    expected = "'majority', a number of members, or a dict with w, j and wtimeout"
    if not isinstance(parts, Mapping):
        raise ValueError(f"{given}: {value!r}, expected {expected}.")
    try:
        return WriteConcern(**parts)
    except (TypeError, ValueError, ConfigurationError) as error:
        raise ValueError(f"{given}: {value!r}, expected {expected}. {error}.") from error


class TransactionConcerns(NamedTuple):
    """What `atomic()` was told of a transaction; None is for what it was not told."""

    read_concern: ReadConcern | None = None
    write_concern: WriteConcern | None = None
    read_preference: Any = None
    max_commit_time_ms: int | None = None

    def complete(self) -> TransactionConcerns:
        """Return what the transaction has, where nothing was said: a snapshot, majority."""
        return TransactionConcerns(
            self.read_concern or ReadConcern("snapshot"),
            self.write_concern or WriteConcern("majority"),
            ReadPreference.PRIMARY,
            self.max_commit_time_ms,
        )

    def commit_deadline(self) -> AbstractContextManager[Any]:
        """Return what ends a commit, sent again or not, after `max_commit_time_ms`."""
        # The driver puts the deadline of the client in place of its own limit of a commit.
        limit = self.max_commit_time_ms
        return nullcontext() if limit is None else deadline(limit / 1000)

    def check_within(self, outer: TransactionConcerns, alias: str) -> None:
        """Raise ValueError unless a block may join a transaction that has `outer`."""
        for name, ours, theirs in zip(self._fields, self, outer, strict=True):
            if ours is not None and ours != theirs:
                raise ValueError(
                    f"atomic({name}) on '{alias}': {told(ours)} inside of a block with "
                    f"{told(theirs)}, expected the same or nothing: a nested block joins the "
                    f"transaction of the outer one."
                )


def transaction_concerns(
    read_concern: Any, write_concern: Any, read_preference: Any, max_commit_time_ms: Any
) -> TransactionConcerns:
    """Check what `atomic()` was given, and put it into the driver's terms."""
    if read_concern is not None:
        read_concern = read_concern_of(
            read_concern, "atomic(read_concern)", TRANSACTION_READ_CONCERNS
        )
    if write_concern is not None:
        write_concern = write_concern_of(write_concern, "atomic(write_concern)")
        if not write_concern.acknowledged:
            raise ValueError(
                f"atomic(write_concern): {told(write_concern)}, expected one that is "
                f"acknowledged: nobody would know whether the transaction was committed."
            )
    if read_preference is not None:
        read_preference = read_preference_of(read_preference, "atomic(read_preference)")
        if read_preference.mode != ReadPreference.PRIMARY.mode:
            raise NotSupportedError(
                f"atomic(read_preference): {told(read_preference)}, expected 'primary': a "
                f"transaction reads where it writes."
            )
    if max_commit_time_ms is not None and (
        type(max_commit_time_ms) is not int or max_commit_time_ms < 1
    ):
        raise ValueError(
            f"atomic(max_commit_time_ms): {max_commit_time_ms!r}, expected milliseconds, 1 or more."
        )
    return TransactionConcerns(read_concern, write_concern, read_preference, max_commit_time_ms)


def told(value: Any) -> str:
    """Return an option as a user would write it."""
    if isinstance(value, ReadConcern):
        return repr(value.level)
    if isinstance(value, WriteConcern):
        document = value.document
        return repr(document["w"] if document.keys() == {"w"} else document)
    return repr(value.mongos_mode if isinstance(value, _ServerMode) else value)
