"""Find the systems by name; the peers are imported only when they are measured."""

from __future__ import annotations

from django.utils.module_loading import import_string

from bench.systems.base import System

_CLASSES = {
    "pymongo": "bench.systems.raw.RawSystem",
    "docmodels": "bench.systems.docmodels.DocmodelsSystem",
    "docmodels-unpaused": "bench.systems.docmodels.UnpausedSystem",
    "pymongo-async": "bench.systems.raw_async.AsyncRawSystem",
    "pymongo-async-deadline": "bench.systems.raw_async.AsyncDeadlineSystem",
    "docmodels-async": "bench.systems.docmodels.AsyncSystem",
    "mongoengine": "bench.systems.mongoengine.MongoEngineSystem",
    "beanie": "bench.systems.beanie.BeanieSystem",
    "odmantic": "bench.systems.odmantic.OdmanticSystem",
    "django-mongodb-backend": "bench.systems.django_mongodb_backend.DjangoBackendSystem",
}

#: The names in the order of the report; the first is always measured.
NAMES = tuple(_CLASSES)


class NotInstalledError(Exception):
    """A peer is not installed."""


def load_system(name: str) -> type[System]:
    """Return the class of a system; raise NotInstalledError."""
    try:
        found: type[System] = import_string(_CLASSES[name])
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing in {"bench", "docmodels"}:
            raise
        raise NotInstalledError(f"{name} is left out: {missing} is not installed.") from error
    return found
