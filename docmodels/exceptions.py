"""What goes wrong between a project and its MongoDB servers.

Driver errors are turned into these in one place, the backends of
``docmodels.connections``; the driver's own error is the ``__cause__``.
Messages never carry an address, a user name or a query.
"""

# ruff: noqa: N818 - the names say what happened, as Django's DoesNotExist does

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db.transaction import TransactionManagementError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class DocmodelsError(Exception):
    """Base of every error that docmodels itself defines."""

    #: The server's labels, such as ``"TransientTransactionError"``.
    error_labels: frozenset[str] = frozenset()

    def has_error_label(self, label: str) -> bool:
        """Tell whether the server attached `label` to the error."""
        return label in self.error_labels


class ReadOnlyConnection(DocmodelsError):
    """A write was tried through an alias whose setting is ``READ_ONLY``."""

    def __init__(self, message: str = "", *, alias: str = "", operation: str = "") -> None:
        super().__init__(message)
        self.alias = alias
        self.operation = operation


class AsynchronousOnlyOperation(DocmodelsError):
    """A coroutine function was to run in a synchronous call, where nothing awaits it."""


class ConnectionUnavailable(DocmodelsError):
    """The server cannot be reached, or no connection of the pool became free."""

    def __init__(
        self, message: str = "", *, alias: str = "", outcome_unknown: bool = False
    ) -> None:
        super().__init__(message)
        self.alias = alias
        #: Whether a write may have been applied although no answer came.
        self.outcome_unknown = outcome_unknown


class EmbeddedServerError(ConnectionUnavailable):
    """The embedded server cannot be started; the message says what to do."""


class DeadlineExceeded(DocmodelsError):
    """An operation took longer than its deadline."""

    def __init__(
        self, message: str = "", *, alias: str = "", outcome_unknown: bool = False
    ) -> None:
        super().__init__(message)
        self.alias = alias
        #: Whether a write may have been applied although no answer came.
        self.outcome_unknown = outcome_unknown


class OperationFailed(DocmodelsError):
    """The server refused an operation, or the driver refused to send it."""

    def __init__(
        self,
        message: str = "",
        *,
        alias: str = "",
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        write_errors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.alias = alias
        #: The server's error code, None when the driver refused.
        self.code = code
        #: The server's whole answer.
        self.details: Mapping[str, Any] = details or {}
        #: The failed operations of a bulk write, each with its ``index``.
        self.write_errors = write_errors


class DuplicateKey(OperationFailed):
    """A write would have stored a second document under a unique key."""

    def __init__(
        self,
        message: str = "",
        *,
        alias: str = "",
        code: int | None = 11000,
        details: Mapping[str, Any] | None = None,
        write_errors: Sequence[Mapping[str, Any]] = (),
        key_pattern: Mapping[str, Any] | None = None,
        key_value: Mapping[str, Any] | None = None,
        index: int | None = None,
    ) -> None:
        super().__init__(
            message, alias=alias, code=code, details=details, write_errors=write_errors
        )
        #: The fields of the violated index, such as ``{"number": 1}``.
        self.key_pattern: Mapping[str, Any] = key_pattern or {}
        #: The values that are taken, such as ``{"number": "A-1"}``.
        self.key_value: Mapping[str, Any] = key_value or {}
        #: The position of the (first) failing operation in a bulk write, else None.
        self.index = index


class TransactionAborted(OperationFailed, TransactionManagementError):
    """An error inside of `atomic()` was caught, and nothing more can be done in the block."""


class BulkError(DocmodelsError):
    """Some operations of a bulk failed; the others were done, or not begun where order counts."""

    def __init__(
        self,
        message: str = "",
        *,
        errors: Mapping[int, Exception] | None = None,
        result: Any = None,
    ) -> None:
        super().__init__(message)
        #: The error of each operation that failed, by its position: a ValidationError by field for
        #: a duplicate key, `VersionConflict`, `DoesNotExist`, `OperationFailed`.
        self.errors: Mapping[int, Exception] = errors or {}
        #: What was done nevertheless, a `BulkResult`.
        self.result = result


class DocumentTooLarge(OperationFailed):
    """A document is larger than the 16 MB that the server stores."""


class InvalidDocument(OperationFailed, ValueError):
    """A value cannot be written as BSON."""


class VersionConflict(DocmodelsError):
    """The stored document was changed by someone else since it was loaded."""

    def __init__(
        self,
        message: str = "",
        *,
        document: Any = None,
        paths: Iterable[str] = (),
        base: Mapping[str, Any] | None = None,
        mine: Mapping[str, Any] | None = None,
        theirs: Mapping[str, Any] | None = None,
        overlapping: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        #: The instance whose save was refused.
        self.document = document
        #: The dotted paths that the refused save would have changed.
        self.paths = tuple(paths)
        #: BSON values as they were loaded, by path; a path that was missing is not there.
        self.base: Mapping[str, Any] = base or {}
        #: What the refused save would have stored, by path.
        self.mine: Mapping[str, Any] = mine or {}
        #: What somebody else stored, by the paths that differ from what was loaded.
        self.theirs: Mapping[str, Any] = theirs or {}
        #: The paths of the refused save that somebody else changed as well.
        self.overlapping = tuple(overlapping)


class ParallelSave(DocmodelsError):
    """One object is saved twice at the same time."""


class IncompleteList(DocmodelsError):
    """A change depends on elements of a list that were not loaded."""


class NotSupportedError(DocmodelsError):
    """The server, or the backend, cannot do what was asked for."""


class InvalidPageToken(DocmodelsError, ValueError):
    """A page token was forged, damaged, or made for another query."""


class InvalidWatchToken(DocmodelsError, ValueError):
    """A token was not given by a watch, or by one of something else."""


class WatchTokenExpired(InvalidWatchToken):
    """The server keeps no changes from the token's time any more."""


class _OfDocument(DocmodelsError):
    """The base of errors that a document is named in once it is known."""

    #: What the message begins with in front of the path: the name of the class.
    document: str = ""

    def name_document(self, name: str) -> None:
        """Put the class in front of the path in the message, unless it is there."""
        if not self.document:
            self.document = name
            self.args = (f"{name}.{self.args[0]}",)

    def name_path(self, name: str, path: str) -> None:
        """Put `path`, which leads to a part of the class `name`, in the place of the class."""
        if self.document == name:
            self.document = ""
            self.args = (f"{path}.{self.args[0].removeprefix(f'{name}.')}",)


class FilterValueError(_OfDocument, ValueError):
    """A filter's value cannot be cast to the type of its field."""

    def __init__(
        self, message: str = "", *, path: str = "", value: Any = None, document: str = ""
    ) -> None:
        super().__init__(message)
        #: The path as it was given, such as ``"lines__price__gt"``.
        self.path = path
        #: The value that was refused.
        self.value = value
        self.document = document


class InvalidCondition(_OfDocument, FieldError):
    """A condition of a filter makes no sense, whatever its value."""


class UnknownField(DocmodelsError, FieldError, TypeError):
    """A name that the document does not declare was used in code."""


class FieldFetchBlocked(DocmodelsError):
    """Something that is not loaded was read, and the fetch mode forbids to load it."""

    def __init__(self, message: str = "", *, document: Any = None, path: str = "") -> None:
        super().__init__(message)
        #: The document, or embedded document, that was read.
        self.document = document
        #: The name of the reference, the relation or the field.
        self.path = path
