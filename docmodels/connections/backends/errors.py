"""Turn the driver's errors into `docmodels.exceptions`."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any

from bson import errors as bson_errors
from pymongo import errors as driver_errors
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from docmodels.exceptions import (
    ConnectionUnavailable,
    DeadlineExceeded,
    DocmodelsError,
    DocumentTooLarge,
    DuplicateKey,
    InvalidDocument,
    NotSupportedError,
    OperationFailed,
)

# What encoding raises for integers beyond 64 bits, lone surrogates and endless nesting.
_ENCODING_ERRORS = (
    bson_errors.InvalidDocument,
    OverflowError,
    RecursionError,
    UnicodeEncodeError,
)

#: What `translate` handles.
DRIVER_ERRORS = (PyMongoError, *_ENCODING_ERRORS)

# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
_DUPLICATE_KEY_CODES = frozenset({11000, 11001, 12582})
# MaxTimeMSExpired, ExceededTimeLimit, WriteConcernFailed by timeout (64).
_TIMEOUT_CODES = frozenset({50, 262, 64})
# BSONObjectTooLarge, and what an update that makes a document too large answers. An insert
# answers BadValue, which its text alone tells from others.
_TOO_LARGE_CODES = frozenset({10334, 17419, 17420})
# CommandNotFound, CommandNotSupported; of pipelines an unknown operator, accumulator or stage,
# and a search where there is no search engine. IllegalOperation is not: it has many causes.
_NOT_SUPPORTED_CODES = frozenset({59, 115, 168, 15952, 31082, 40324})
# https://www.mongodb.com/docs/manual/core/transactions/ and /core/retryable-writes/
_LABELS = (
    "NoWritesPerformed",
    "RetryableWriteError",
    "TransientTransactionError",
    "UnknownTransactionCommitResult",
)
_ADDRESS = re.compile(
    r"mongodb(?:\+srv)?://\S+|\b(?:\d{1,3}(?:\.\d{1,3}){3}|[\w-]+(?:\.[\w-]+)*):\d{2,5}\b"
)
_UNKNOWN = " Whether it was applied is unknown."


def translate(exc: Exception, alias: str, *, writing: bool = False) -> DocmodelsError:
    """Give our error for the driver's one; the caller raises it ``from exc``."""
    error = _translate(exc, alias, writing=writing)
    if isinstance(exc, PyMongoError):
        error.error_labels = frozenset(label for label in _LABELS if exc.has_error_label(label))
    return error


def _translate(exc: Exception, alias: str, *, writing: bool) -> DocmodelsError:
    if isinstance(exc, BulkWriteError):
        return _from_bulk(exc, alias)
    if isinstance(exc, ConnectionFailure):
        return _from_connection_failure(exc, alias, writing=writing)
    if isinstance(exc, OperationFailure):
        return _from_operation_failure(exc, alias, writing=writing)
    if isinstance(exc, driver_errors.DocumentTooLarge):
        return DocumentTooLarge(
            f"The document is too large for '{alias}': expected at most 16 MB of BSON.",
            alias=alias,
            code=10334,
        )
    if isinstance(exc, _ENCODING_ERRORS):
        return InvalidDocument(str(exc), alias=alias)
    if isinstance(exc, PyMongoError) and exc.timeout:
        return _deadline(alias, unknown=writing)
    return OperationFailed(_scrub(str(exc)), alias=alias)


def _from_connection_failure(
    exc: ConnectionFailure, alias: str, *, writing: bool
) -> DocmodelsError:
    if isinstance(exc, WaitQueueTimeoutError):
        return ConnectionUnavailable(
            f"All connections of '{alias}' are busy. Try again, or raise maxPoolSize in its "
            "OPTIONS.",
            alias=alias,
        )
    if isinstance(exc, ServerSelectionTimeoutError):
        return ConnectionUnavailable(
            f"The server of '{alias}' cannot be reached. Is it running, and is HOST right?",
            alias=alias,
        )
    # The driver puts this label on a write that it sent and got no answer to.
    unknown = writing or exc.has_error_label("RetryableWriteError")
    if exc.timeout:
        return _deadline(alias, unknown=unknown)
    return ConnectionUnavailable(
        f"The connection to the server of '{alias}' was lost." + (_UNKNOWN if unknown else ""),
        alias=alias,
        outcome_unknown=unknown,
    )


def _from_operation_failure(exc: OperationFailure, alias: str, *, writing: bool) -> DocmodelsError:
    details = dict(exc.details or {})
    if isinstance(exc, DuplicateKeyError) or exc.code in _DUPLICATE_KEY_CODES:
        return DuplicateKey(
            _duplicate_text(alias, details),
            alias=alias,
            code=exc.code,
            details=details,
            key_pattern=details.get("keyPattern"),
            key_value=details.get("keyValue"),
        )
    if exc.timeout or exc.code in _TIMEOUT_CODES:
        return _deadline(alias, unknown=writing)
    text = _scrub(str(details.get("errmsg") or exc))
    if exc.code in _NOT_SUPPORTED_CODES:
        return NotSupportedError(f"The server of '{alias}' cannot do this: {text}")
    if exc.code in _TOO_LARGE_CODES or "object to insert too large" in text:
        return DocumentTooLarge(text, alias=alias, code=exc.code, details=details)
    return OperationFailed(text, alias=alias, code=exc.code, details=details)


def _from_bulk(exc: BulkWriteError, alias: str) -> DocmodelsError:
    details = dict(exc.details or {})
    errors: list[dict[str, Any]] = details.get("writeErrors") or []
    if errors:
        first = errors[0]
        if first.get("code") in _DUPLICATE_KEY_CODES:
            return DuplicateKey(
                f"Operation {first['index']} of the bulk write: {_duplicate_text(alias, first)}",
                alias=alias,
                code=first["code"],
                details=details,
                write_errors=errors,
                key_pattern=first.get("keyPattern"),
                key_value=first.get("keyValue"),
                index=first["index"],
            )
        return OperationFailed(
            f"Operation {first.get('index')} of the bulk write: {_scrub(str(first.get('errmsg')))}",
            alias=alias,
            code=first.get("code"),
            details=details,
            write_errors=errors,
        )
    if exc.timeout:
        return _deadline(alias, unknown=True)
    concern = (details.get("writeConcernErrors") or [{}])[0]
    return OperationFailed(
        _scrub(str(concern.get("errmsg") or exc)),
        alias=alias,
        code=concern.get("code", exc.code),
        details=details,
    )


def _deadline(alias: str, *, unknown: bool) -> DeadlineExceeded:
    return DeadlineExceeded(
        f"The operation on '{alias}' took longer than its deadline."
        + (_UNKNOWN if unknown else ""),
        alias=alias,
        outcome_unknown=unknown,
    )


def _duplicate_text(alias: str, details: dict[str, Any]) -> str:
    fields = ", ".join(details.get("keyPattern") or {})
    where = f" for {fields}" if fields else ""
    return f"The value{where} is taken by another document on '{alias}'."


def _scrub(text: str) -> str:
    """Take addresses out of a server's text."""
    return _ADDRESS.sub("<server>", text)


class ErrorBlock(ABC):
    """A block whose errors become ours, of `with` and of `async with`."""

    __slots__ = ()

    @abstractmethod
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def __aexit__(self, *error: Any) -> None:
        self.__exit__(*error)
