"""Any declared document with any values comes back from the server exactly as it was."""

import os
import pickle

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from hypothesis import HealthCheck, given, settings

from docmodels.codecs import CODEC_OPTIONS
from docmodels.documents.base import BaseDocument
from docmodels.testing import record_commands
from tests.documents.random_classes import random_documents

#: More of them find rarer things: `DOCMODELS_EXAMPLES=5000 pytest …`.
EXAMPLES = int(os.environ.get("DOCMODELS_EXAMPLES", "60"))
RAW = CodecOptions(document_class=RawBSONDocument)


def encoded(raw):
    """Return a dict of BSON values as the bytes that the driver sends."""
    return bson.encode(raw, codec_options=CODEC_OPTIONS)


def assert_alike(left, right, path=""):
    """Assert equal values of the same class at any depth; NaN is NaN."""
    assert type(left) is type(right), path
    if isinstance(left, BaseDocument):
        assert left._meta is right._meta, path
        for field in left._meta.fields:
            assert left.is_set(field.name) is right.is_set(field.name), f"{path}.{field.name}"
            inner = f"{path}.{field.name}"
            assert_alike(getattr(left, field.attname), getattr(right, field.attname), inner)
    elif isinstance(left, dict):
        assert list(left) == list(right), path
        for key, value in left.items():
            assert_alike(value, right[key], f"{path}.{key}")
    elif isinstance(left, list):
        assert len(left) == len(right), path
        for index, value in enumerate(left):
            assert_alike(value, right[index], f"{path}.{index}")
    else:
        assert left == right or left != left, path


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large,
    ],
)  # fmt: skip
@given(document=random_documents())
def test_round_trip(mongo, document):
    """Values, their types and their bytes come back, and every other shape says the same."""
    cls = type(document)
    document.save()
    every = [f"+{name}" for name in cls._meta.hidden_names]
    loaded = cls.objects.select(*every).get(pk=document.pk)
    stored = mongo.collection("random").with_options(RAW).find_one({"_id": document.pk}).raw

    assert loaded.read_errors == {}
    assert encoded(loaded.to_mongo()) == stored
    assert encoded(document.to_mongo()) == stored

    copies = {
        "pickle": pickle.loads(pickle.dumps(loaded)),
        "dict": cls.from_dict(loaded.to_dict(hidden=True)),
        "json": cls.from_json(loaded.to_json(extended=True, hidden=True), extended=True),
        "mongo": cls.from_mongo(bson.decode(stored, CODEC_OPTIONS)),
    }
    for name, copy in copies.items():
        version = {} if name != "dict" else {"__v": 0}
        assert encoded(copy.to_mongo() | version) == stored, name
        assert_alike(copy, loaded, name)

    for one in (document, loaded):
        for field in cls._meta.fields[1:]:
            if one.is_set(field.name):
                setattr(one, field.attname, getattr(one, field.attname))
        with record_commands() as commands:
            one.save()
        assert [command.name for command in commands] == ["find"]
