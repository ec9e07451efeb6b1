"""What is loaded is an object of its class in every respect, however its slots are filled."""

import copy
import pickle
import weakref
from decimal import Decimal
from functools import cached_property

import pytest
from bson import Decimal128

from docmodels import documents


class Priced(documents.Document):
    """A field of which reads are converted, and one that may be missing."""

    price = documents.DecimalField()
    name = documents.CharField()
    note = documents.CharField(blank=True)

    @cached_property
    def doubled(self):
        """Return what is computed once."""
        return self.price * 2

    class Meta:
        collection = "test_loading"


class Discounted(Priced):
    """A child, which inherits slots that its parent has put attributes in front of."""

    rate = documents.IntegerField()


RAW = {"_id": 1, "price": Decimal128("2.50"), "name": "pin"}
RAWS = {
    "whole": RAW,
    "optional": RAW | {"note": "x"},
    "sparse": {"_id": 1, "name": "pin"},
    "empty": {},
    "undeclared": RAW | {"other": [1]},
    "sparse and undeclared": {"name": "pin", "other": [1]},
}


def loaders(cls):
    """Return the two loaders of a class: for many objects, and for one."""
    return [cls._meta.load, cls._meta.load_alone]


def source():
    return Priced.from_mongo({})._source


class TestObjects:
    """Of the document class, with nothing of the class that filled them."""

    @pytest.mark.parametrize("raw", RAWS.values(), ids=RAWS)
    @pytest.mark.parametrize("cls", [Priced, Discounted])
    @pytest.mark.parametrize("kind", [0, 1], ids=["many", "alone"])
    def test_class_and_values(self, cls, kind, raw):
        # The child's own field, so that its generated lines are used.
        own = {"rate": 5} if cls is Discounted else {}
        found = loaders(cls)[kind](raw | own, source())
        assert type(found) is cls
        assert found.__class__ is cls
        assert vars(found) == {}
        assert found.name == raw.get("name")
        assert found.note == raw.get("note")
        assert found.price == (Decimal("2.50") if "price" in raw else None)
        assert found.undeclared == {k: v for k, v in raw.items() if k == "other"}
        assert [getattr(found, name) for name in own] == list(own.values())
        assert not found.is_modified()

    def test_attributes_of_a_project(self):
        found = Priced.from_mongo(dict(RAW))
        assert found.doubled == 5
        assert vars(found) == {"doubled": 5}

    def test_assigned_and_deleted(self):
        found = Priced.from_mongo(dict(RAW))
        found.price = "3"
        assert found.modified_paths() == ["price"]
        assert found.previous("price") == Decimal("2.50")

    def test_copied(self):
        found = Priced.from_mongo(dict(RAW))
        weak = weakref.ref(found)
        for other in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
            assert type(other) is Priced
            assert other.price == Decimal("2.50")
        assert weak() is found

    def test_embedded(self):
        class Inner(documents.EmbeddedDocument):
            name = documents.CharField()

        class Outer(documents.Document):
            inner = documents.EmbeddedField(Inner)
            many = documents.ListField(documents.EmbeddedField(Inner))

            class Meta:
                collection = "test_loading_outer"

        found = Outer.from_mongo({"inner": {"name": "a"}, "many": [{"name": "b"}, {"x": 1}]})
        assert [type(one) for one in (found.inner, *found.many)] == [Inner] * 3
        assert (found.inner.parent, found.many[0].name) == (found, "b")


class TestClasses:
    """What classes show, and which are filled by setters."""

    def test_subclasses(self):
        assert Priced.__subclasses__() == [Discounted]
        assert Discounted.__subclasses__() == []
        assert documents.Document.__subclasses__().count(Priced) == 1

    def test_bases_that_count_their_subclasses(self):
        told = []

        class Counting(documents.Document):
            class Meta:
                abstract = True

            def __init_subclass__(cls, **options):
                super().__init_subclass__(**options)
                told.append(cls)

        class Counted(Counting):
            name = documents.CharField()

            class Meta:
                collection = "test_loading_counted"

        assert Counted._meta.bare is None
        assert told == [Counted]
        assert Counted.from_mongo({"_id": 1, "name": "x"}).name == "x"

    def test_names_of_python(self):
        cls = type(
            "Named",
            (documents.Document,),
            {
                "__module__": __name__,
                "class": documents.CharField(),
                "cls": documents.CharField(),
                "self": documents.CharField(),
                "raw": documents.CharField(),
                # Python would read it as another name.
                "\ufb01n": documents.CharField(),
                "Meta": type("Meta", (), {"collection": "test_loading_named"}),
            },
        )
        # With the key, so that nothing is missing and the generated lines are used.
        raw = {"id": 1, "class": "a", "cls": "b", "self": "c", "raw": "d", "\ufb01n": "e"}
        found = cls.from_mongo({("_id" if name == "id" else name): raw[name] for name in raw})
        assert type(found) is cls
        assert {name: getattr(found, name) for name in raw} == raw
        assert vars(found) == {}

    def test_hooks_of_init_see_the_document(self):
        seen = []

        class Hooked(documents.Document):
            name = documents.CharField()

            class Meta:
                collection = "test_loading_hooked"

            @documents.pre("init")
            def look(self, raw):
                seen.append((type(self), dict(raw)))
                raw["name"] = "changed"

        found = Hooked.from_mongo({"_id": 1, "name": "x"})
        assert seen == [(Hooked, {"_id": 1, "name": "x"})]
        assert found.name == "changed"

    def test_deleters_and_setters_of_a_project(self):
        told = []

        class Watched(documents.Document):
            name = documents.CharField()

            class Meta:
                collection = "test_loading_watched"

            def __setattr__(self, name, value):
                told.append(name)
                super().__setattr__(name, value)

            def __delattr__(self, name):
                told.append(f"-{name}")
                super().__delattr__(name)

        found = Watched.from_mongo({"_id": 1, "name": "x"})
        assert told == []
        found.name = "y"
        assert told == ["name"]
