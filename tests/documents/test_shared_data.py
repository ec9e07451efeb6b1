"""Real collections, loaded, shown, edited and saved; skipped where they are not."""

import gzip
from collections import Counter
from pathlib import Path

import pytest
from bson import decode, encode, json_util
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from docmodels import documents
from docmodels.tracking import TrackedDict, TrackedList
from tests.documents import samples

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"
RAW = CodecOptions(document_class=RawBSONDocument)

#: The stored types that are not as declared: how often, by path without indexes.
MESSY = {
    samples.Restaurant: {"rating": 63, "address": 4},
    samples.Book: {},
    samples.Country: {},
    samples.Customer: {},
    samples.Account: {},
    samples.Theater: {},
    samples.Zip: {},
}

#: Values of the right type that are not valid: Spain has no Galician name.
INVALID = {samples.Country: {"name": 1}}

#: One edit for each, with the path that it changes and the value that is then stored.
EDITS = {
    samples.Restaurant: (lambda d: setattr(d, "city", "Ely"), "address line 2", "Ely"),
    samples.Book: (lambda d: setattr(d, "pages", 7), "pageCount", 7),
    samples.Country: (
        lambda d: setattr(d.name, "common", "Land"),
        "name.common",
        "Land",
    ),
    samples.Customer: (lambda d: d.accounts.append(5), "accounts", None),
    samples.Account: (lambda d: d.products.append("Gold"), "products", None),
    samples.Theater: (
        lambda d: setattr(d.location, "geo", documents.Point(1.5, 2.5)),
        "location.geo.coordinates",
        [1.5, 2.5],
    ),
    samples.Zip: (lambda d: setattr(d.loc, "x", 1.5), "loc.x", 1.5),
}

EVERY = {samples.Zip: 40, samples.Account: 4, samples.Restaurant: 4, samples.Theater: 4}


def read(name):
    """Return the documents of a file, with the BSON types that it names."""
    for path in (FOLDER / f"{name}.json", FOLDER / f"{name}.json.gz"):
        if path.exists():
            opener = gzip.open if path.suffix == ".gz" else open
            with opener(path, "rt", encoding="utf-8") as lines:
                return [json_util.loads(line) for line in lines if line.strip()]
    pytest.skip(f"{name} is not there")


@pytest.fixture(params=MESSY, ids=lambda model: model._meta.collection)
def model(request, mongo):
    """Give each class, its collection filled from its file."""
    model = request.param
    mongo.collection(model._meta.collection).insert_many(read(model._meta.collection))
    return model


def stored(mongo, model):
    """Return all documents of the class as the server has them, by the bytes of their key."""
    found = mongo.collection(model._meta.collection).with_options(RAW).find()
    return {encode({"": document["_id"]}): document.raw for document in found}


def key_of(document):
    """Return the bytes of a document's key."""
    return encode({"": document.to_mongo()["_id"]})


def touch(document):
    """Read everything, deeply, and assign it again."""
    repr(document), document.to_dict(), document.read_errors, dict(document.undeclared)
    for field in document._meta.fields:
        if document.is_set(field.name) and field.name not in document.read_errors:
            value = getattr(document, field.attname)
            setattr(document, field.attname, value)
            if isinstance(value, (TrackedList, TrackedDict)):
                plain = list(value) if isinstance(value, list) else dict(value)
                setattr(document, field.attname, plain)


def differences(before, after, path=""):
    """Yield the paths where two stored documents differ, lists taken as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            inner = f"{path}.{key}" if path else key
            if key not in before or key not in after:
                yield inner
            else:
                yield from differences(before[key], after[key], inner)
    elif encode({"": before}) != encode({"": after}):
        yield path


class TestSharedData:
    """Collections that another program owns and keeps writing to."""

    def test_every_document_loads_and_shows(self, model, mongo):
        """All load, show, and encode to the values that are stored."""
        counted = Counter()
        number = 0

        for document in model.objects.iterator():
            number += 1
            assert repr(document)
            assert document.to_dict()
            counted.update(document.read_errors.keys())
            assert document.to_mongo() == model.from_mongo(document.to_mongo()).to_mongo()

        assert number == mongo.collection(model._meta.collection).count_documents({})
        assert counted == MESSY[model]

    def test_untouched_bytes(self, model, mongo):
        """Documents that were only read and reassigned are saved byte for byte."""
        before = stored(mongo, model)

        for document in list(model.objects.all())[:: EVERY.get(model, 1)]:
            touch(document)
            assert document.pending_update()[1] == {}
            document.save(validate="changed")

        assert stored(mongo, model) == before

    def test_one_changed_path(self, model, mongo):
        """One edit changes one path, and no other byte of any document."""
        edit, path, value = EDITS[model]
        before = stored(mongo, model)
        chosen = list(model.objects.all())[:: EVERY.get(model, 1)]

        for document in chosen:
            touch(document)
            edit(document)
            document.save(validate=False)

        after = stored(mongo, model)
        edited = {key_of(document) for document in chosen}
        assert all(after[key] == raw for key, raw in before.items() if key not in edited)
        for key in edited:
            old, new = (decode(found[key]) for found in (before, after))
            changed = set(differences(old, new)) - {"__v"}
            assert changed <= {path}
            if value is not None:
                assert value_at(new, path) == value
            else:
                assert value_at(new, path)[:-1] == value_at(old, path)

    def test_valid_documents(self, model):
        """What has no wrong types is valid as it is declared, or says why not."""
        invalid = Counter()

        for document in model.objects.iterator():
            invalid.update(path.partition(".")[0] for path in document.collect_errors())

        assert invalid == INVALID.get(model, {}) | MESSY[model]


def value_at(document, path):
    """Return what a stored document has at a path of keys."""
    for part in path.split("."):
        document = document[part]
    return document
