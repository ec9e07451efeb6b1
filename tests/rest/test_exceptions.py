"""Specify what a client is told when the database is at fault."""

import copy

import pytest
from rest_framework import status, views
from rest_framework.test import APIRequestFactory

from docmodels import exceptions, rest
from docmodels.rest.exceptions import exception_handler, translate
from tests.rest.shop.models import Order

pytestmark = pytest.mark.django_db


def raising(error):
    """Return the answer of a viewset whose queryset raises `error`."""

    class View(rest.DocumentViewSet):
        queryset = Order.objects.all()

        def get_queryset(self):
            raise error

    response = View.as_view({"get": "list"})(APIRequestFactory().get("/"))
    response.render()
    return response


class TestTranslate:
    """One status and one body for each error."""

    @pytest.mark.parametrize(
        ("error", "code", "detail"),
        [
            (
                exceptions.ConnectionUnavailable("mongodb://secret@host"),
                503,
                "The database is unavailable at the moment. Please try again.",
            ),
            (
                exceptions.ConnectionUnavailable(outcome_unknown=True),
                503,
                "The database did not answer in time; whether the change was stored is unknown. "
                "Read the document before you try again.",
            ),
            (
                exceptions.DeadlineExceeded("find at host"),
                504,
                "The database took too long to answer. Ask for less, or try again.",
            ),
            (
                exceptions.ReadOnlyConnection("slow"),
                405,
                "These documents can only be read here.",
            ),
            (
                exceptions.VersionConflict("x"),
                409,
                "The document was changed in the meantime. Read it again.",
            ),
            (
                exceptions.DocumentTooLarge("x"),
                413,
                "The document is larger than the 16 MB that can be stored.",
            ),
            (
                exceptions.DuplicateKey("E11000 secret"),
                409,
                "A document with these values already exists.",
            ),
            (exceptions.InvalidPageToken("x"), 400, "The page token is not valid here."),
            (
                exceptions.InvalidDocument("x"),
                400,
                "The document holds a value that cannot be stored.",
            ),
            (
                exceptions.OperationFailed("x", code=51091),
                400,
                "The regular expression is not valid.",
            ),
            (Order.DoesNotExist(), 404, "Not found."),
        ],
        ids=lambda value: f"{type(value).__name__}{getattr(value, 'outcome_unknown', '')}",
    )
    def test_answer(self, error, code, detail):
        """The detail is ours; nothing of the error's own text is shown."""
        response = raising(error)

        assert response.status_code == code
        assert response.data == {"detail": detail}
        assert ("Retry-After" in response) == (code in {503, 504})

    def test_other_failures_stay_failures(self):
        """What is nobody's fault but ours is a 500 of Django."""
        error = exceptions.OperationFailed("x", code=1)

        assert translate(error) is error
        with pytest.raises(exceptions.OperationFailed):
            raising(error)

    def test_handler_for_other_views(self, settings):
        """The handler serves views that are not of this package."""
        settings.REST_FRAMEWORK = {
            "EXCEPTION_HANDLER": "docmodels.rest.exceptions.exception_handler"
        }

        class View(views.APIView):
            def get(self, request):
                raise exceptions.ConnectionUnavailable

        assert View.as_view()(APIRequestFactory().get("/")).status_code == 503
        assert exception_handler(ValueError(), {}) is None


class TestServer:
    """A real connection that fails."""

    @pytest.fixture
    def dead_alias(self, settings):
        """Name a server that does not exist."""
        databases = copy.deepcopy(settings.MONGO_DATABASES)
        databases["dead"] = {
            "HOST": "mongodb://127.0.0.1:9/",
            "NAME": "shop",
            "OPTIONS": {"timeoutMS": 300, "serverSelectionTimeoutMS": 300},
        }
        settings.MONGO_DATABASES = databases
        return "dead"

    def test_unavailable(self, dead_alias):
        """503 with Retry-After, and no address."""

        class View(rest.DocumentViewSet):
            queryset = Order.objects.using("dead")

        response = View.as_view({"get": "list"})(APIRequestFactory().get("/"))
        response.render()

        assert response.status_code == status.HTTP_503_SERVICE_UNAVAILABLE
        assert response["Retry-After"] == "5"
        assert b"127.0.0.1" not in response.content

    def test_deadline(self, fail, order):
        """An operation that takes too long is a 504."""

        class View(rest.DocumentViewSet):
            queryset = Order.objects.all()

        fail("alwaysOn", failCommands=["find"], errorCode=50)

        response = View.as_view({"get": "list"})(APIRequestFactory().get("/"))

        assert response.status_code == status.HTTP_504_GATEWAY_TIMEOUT

    def test_read_only_alias(self, order):
        """A write of a document that came from the slow alias is refused."""

        class View(rest.DocumentViewSet):
            queryset = Order.objects.using("slow")

        factory = APIRequestFactory()
        view = View.as_view({"patch": "partial_update", "delete": "destroy"})

        for method, data in (("patch", {"note": "x"}), ("delete", None)):
            response = view(getattr(factory, method)("/", data, format="json"), pk=order.pk)
            assert response.status_code == status.HTTP_405_METHOD_NOT_ALLOWED
            assert response.data == {"detail": "These documents can only be read here."}
