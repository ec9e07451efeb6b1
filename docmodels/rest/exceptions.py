"""From what docmodels raises to what an HTTP client should be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models.deletion import ProtectedError, RestrictedError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status, views
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.settings import api_settings

from docmodels import exceptions as errors

#: Seconds after which a client may try again when the server is unavailable.
RETRY_AFTER = 5

#: Codes of the server for a regular expression that it cannot compile.
BAD_REGEX_CODES = frozenset({51091, 51108})


class ServiceUnavailable(exceptions.APIException):
    """The MongoDB server cannot be reached, or its pool has no free connection."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("The database is unavailable at the moment. Please try again.")
    default_code = "unavailable"
    wait = RETRY_AFTER


class DeadlineExceeded(exceptions.APIException):
    """An operation took longer than its deadline."""

    status_code = status.HTTP_504_GATEWAY_TIMEOUT
    default_detail = _("The database took too long to answer. Ask for less, or try again.")
    default_code = "deadline_exceeded"
    wait = RETRY_AFTER


class Conflict(exceptions.APIException):
    """The request contradicts what is stored."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("The document was changed in the meantime. Read it again.")
    default_code = "conflict"


class PreconditionFailed(exceptions.APIException):
    """The document is not the one that `If-Match` names."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = _("The document was changed since you read it. Read it again.")
    default_code = "precondition_failed"


class PayloadTooLarge(exceptions.APIException):
    """A body, or the document that it makes, is larger than MongoDB stores."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The document is larger than the 16 MB that can be stored.")
    default_code = "too_large"


class ReadOnly(exceptions.APIException):
    """A write to documents that are read through a read-only connection."""

    status_code = status.HTTP_405_METHOD_NOT_ALLOWED
    default_detail = _("These documents can only be read here.")
    default_code = "read_only"


UNKNOWN_OUTCOME = _(
    "The database did not answer in time; whether the change was stored is unknown. "
    "Read the document before you try again."
)


def translate(exc: BaseException, request: Any = None) -> BaseException:
    """Return the APIException that stands for `exc`, or `exc` itself."""
    for cls, convert in TRANSLATIONS.items():
        if isinstance(exc, cls):
            return convert(exc, request) or exc
    return exc


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """
    Answer as DRF's own handler does, knowing the errors of docmodels too.

    Views of this package do so by themselves; set it as EXCEPTION_HANDLER in
    REST_FRAMEWORK for views of your own that use documents.
    """
    return views.exception_handler(translate(exc, context.get("request")), context)  # type: ignore[arg-type]


def sanitize(detail: Any) -> Any:
    """Return an error's body without what UTF-8 cannot carry (lone surrogates)."""
    if isinstance(detail, dict):
        return {_clean(str(key)): sanitize(item) for key, item in detail.items()}
    if isinstance(detail, (list, tuple)):
        return [sanitize(item) for item in detail]
    if isinstance(detail, str) and not detail.isascii():
        clean = _clean(detail)
        return detail if clean == detail else clean
    return detail


def _clean(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _unavailable(exc: Any, request: Any) -> Exception:
    return ServiceUnavailable(UNKNOWN_OUTCOME if exc.outcome_unknown else None)


def _deadline(exc: Any, request: Any) -> Exception:
    return DeadlineExceeded(UNKNOWN_OUTCOME if exc.outcome_unknown else None)


def _conflict(exc: Any, request: Any) -> Exception:
    if request is not None and "If-Match" in request.headers:
        return PreconditionFailed()
    return Conflict()


def _invalid(exc: Any, request: Any) -> Exception:
    detail = get_error_detail(exc)
    if isinstance(detail, dict) and NON_FIELD_ERRORS in detail:
        detail[api_settings.NON_FIELD_ERRORS_KEY] = detail.pop(NON_FIELD_ERRORS)
    return exceptions.ValidationError(detail)


def _bad_filter(exc: Any, request: Any) -> Exception:
    return exceptions.ValidationError({exc.path or api_settings.NON_FIELD_ERRORS_KEY: [str(exc)]})


def _too_big(exc: Any, request: Any) -> Exception:
    return PayloadTooLarge(
        _("The body is larger than the %(limit)s bytes that are accepted here.")
        % {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    )


def _refused(exc: Any, request: Any) -> Exception | None:
    if exc.code in BAD_REGEX_CODES:
        return exceptions.ParseError(_("The regular expression is not valid."))
    return None


#: Converters by class of error; the first that fits answers, None leaves it as it is.
TRANSLATIONS: dict[type[BaseException], Callable[[Any, Any], Exception | None]] = {
    errors.ConnectionUnavailable: _unavailable,
    errors.DeadlineExceeded: _deadline,
    errors.ReadOnlyConnection: lambda exc, request: ReadOnly(),
    errors.VersionConflict: _conflict,
    errors.DocumentTooLarge: lambda exc, request: PayloadTooLarge(),
    errors.DuplicateKey: lambda exc, request: Conflict(
        _("A document with these values already exists."), code="unique"
    ),
    errors.InvalidPageToken: lambda exc, request: exceptions.ParseError(
        _("The page token is not valid here."), code="invalid_token"
    ),
    errors.FilterValueError: _bad_filter,
    errors.InvalidDocument: lambda exc, request: exceptions.ParseError(
        _("The document holds a value that cannot be stored.")
    ),
    errors.OperationFailed: _refused,
    RequestDataTooBig: _too_big,
    DjangoValidationError: _invalid,
    ObjectDoesNotExist: lambda exc, request: Http404(),
    ProtectedError: lambda exc, request: Conflict(
        _("Other documents refer to this one."), code="protected"
    ),
    RestrictedError: lambda exc, request: Conflict(
        _("Other documents refer to this one."), code="protected"
    ),
}
