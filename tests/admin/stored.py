"""Raw documents in and out of the database, and their pages."""

from __future__ import annotations

from bson import ObjectId

from docmodels.admin import site
from tests.admin.library.models import Book


def change_url(document, model=Book):
    """Return the address of the edit page."""
    return site._registry[model].get_url("change", document)


def insert(mongo, document, model=Book):
    """Store a raw document, and return its class's instance of it."""
    document.setdefault("_id", ObjectId())
    mongo.collection(model._meta.collection).insert_one(dict(document))
    return model.from_mongo(dict(document), using="default")


def stored(mongo, document, model=Book):
    """Return what is stored now."""
    return mongo.collection(model._meta.collection).find_one({"_id": document._stored_pk()})


def same(left, right):
    """Compare value, type and order of keys."""
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and list(left) == list(right)
            and all(same(left[key], right[key]) for key in left)
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right
