"""What the likeliest mistakes in declarations and calls are told."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from docmodels import documents


class Gate(documents.Document):
    name = documents.CharField(blank=True)
    codes = documents.ListField(documents.IntegerField())

    class Meta:
        app_label = "mistakes"


class SideGate(Gate):
    side = documents.CharField(blank=True)


def declare(**options):
    """Declare a document with these options in its Meta."""
    meta = type("Meta", (), {"app_label": "mistakes", **options})
    body = {
        "__module__": __name__,
        "Meta": meta,
        "name": documents.CharField(blank=True),
        "place": documents.MapField(blank=True),
        "count": documents.IntegerField(db_field="rev", blank=True),
    }
    return type(documents.Document)("Hatch", (documents.Document,), body)


class TestMeta:
    """Options of Meta."""

    @pytest.mark.parametrize(
        ("option", "meant"),
        [
            ("db_table", "collection"),
            ("unique_together", "indexes"),
            ("constraints", "indexes"),
            ("max_size", "capped"),
        ],
    )
    def test_named_elsewhere(self, option, meant):
        """What Django and MongoEngine call otherwise is named as it is here."""
        with pytest.raises(TypeError) as caught:
            declare(**{option: "x"})

        assert str(caught.value) == f"Hatch.Meta.{option}: unknown option. Did you mean {meant!r}?"

    def test_nothing_near(self):
        """All options are listed where none is near."""
        with pytest.raises(TypeError) as caught:
            declare(zzz=1)

        assert str(caught.value).startswith(
            "Hatch.Meta.zzz: unknown option. Choices are: abstract, app_label, auto_index, "
        )

    @pytest.mark.parametrize(
        ("option", "value", "message"),
        [
            (
                "optimistic_concurrency",
                "name",
                "'name', expected True, False or a list of fields.",
            ),
            ("optimistic_concurrency", 3, "3, expected True, False or a list of fields."),
            (
                "optimistic_concurrency",
                ["nam"],
                "Hatch.nam: Hatch has no field 'nam'. Did you mean 'name'?",
            ),
            ("skip_versioning", "name", "'name', expected a list of paths."),
            (
                "skip_versioning",
                ["nam"],
                "Hatch.nam: Hatch has no field 'nam'. Did you mean 'name'?",
            ),
            (
                "version_key",
                "name",
                "'name', expected a key of its own, not that of the field 'name'.",
            ),
            ("version_key", "a.b", "'a.b', expected a key without dots, or None."),
        ],
    )
    def test_versions(self, option, value, message):
        """What is no path of the document fails when the class is made."""
        with pytest.raises(ImproperlyConfigured) as caught:
            declare(**{option: value})

        assert str(caught.value) == f"Hatch.Meta.{option}: {message}"

    def test_declared_version(self):
        """A number may be declared under the key of the version."""
        assert declare(version_key="rev")._meta.version_key == "rev"

    def test_optimistic_path(self, mongo):
        """A path inside of a field is one, too."""
        hatch = declare(optimistic_concurrency=["place__room"]).objects.create(
            place={"room": 1, "wall": 1}
        )

        hatch.place["wall"] = 2
        assert hatch.pending_update()[0] == {"_id": hatch.pk}
        hatch.place["room"] = 2
        assert hatch.pending_update()[0] == {"_id": hatch.pk, "__v": 0}


class TestAbstract:
    """Bases have no objects."""

    @pytest.mark.parametrize(
        "base", [documents.Document, documents.EmbeddedDocument, documents.DynamicDocument]
    )
    def test_of_the_library(self, base):
        """The public bases say so."""
        with pytest.raises(TypeError) as caught:
            base(name="x")

        assert str(caught.value) == (
            f"{base.__name__}: abstract, expected an object of a subclass of it."
        )

    def test_of_a_project(self):
        """So do those of a project."""

        class Base(documents.Document):
            name = documents.CharField()

            class Meta:
                abstract = True

        with pytest.raises(TypeError, match="Base: abstract, expected an object of a subclass"):
            Base()


class TestHooks:
    """Hooks."""

    def test_of_queries_on_an_embedded_document(self):
        """An embedded document has no queries to hook into."""
        with pytest.raises(TypeError) as caught:

            class Bolt(documents.EmbeddedDocument):
                @documents.pre("find")
                @classmethod
                def look(cls, queryset):
                    """Never run."""

        assert str(caught.value) == (
            "Bolt.look: a hook of queries, which an embedded document has not, expected it on a "
            "document."
        )


class TestSave:
    """Arguments of `save()`."""

    def test_validate(self, mongo):
        """Another value is no way to skip the validation."""
        gate = Gate.objects.create(name="a")

        with pytest.raises(ValueError) as caught:
            gate.save(validate="change")

        assert str(caught.value) == (
            "Gate.save(): validate='change', expected True, False or 'changed'."
        )

    def test_update_fields_as_text(self, mongo):
        """A name in place of a list of names is not taken apart."""
        gate = Gate.objects.create(name="a")

        with pytest.raises(TypeError) as caught:
            gate.save(update_fields="name")

        assert str(caught.value) == ("Gate.save(): update_fields='name', expected a list of names.")


def test_exceptions_of_children(mongo):
    """What catches the exceptions of a parent catches those of its children, as in Django."""
    with pytest.raises(Gate.DoesNotExist):
        SideGate.objects.get(name="nobody")

    assert issubclass(SideGate.MultipleObjectsReturned, Gate.MultipleObjectsReturned)
    assert not issubclass(Gate.DoesNotExist, SideGate.DoesNotExist)


def test_a_name_with_a_leading_underscore(mongo):
    """The message names what was given."""
    with pytest.raises(Exception, match=re.escape("Gate.__t: Gate has no field '__t'.")):
        Gate.objects.filter(name="a").update(**{"__t": "SideGate"})


class TestFields:
    """Fields of a class."""

    def make(self, **fields):
        """Declare a document with these attributes."""
        body = {"__module__": __name__, **fields}
        return type(documents.Document)("Bridge", (documents.Document,), body)

    def test_class(self):
        """A class in place of a field is told what it should be."""
        with pytest.raises(TypeError) as caught:
            self.make(name=documents.CharField)

        assert str(caught.value) == (
            "Bridge.name: the class CharField, expected a field. Did you mean CharField()?"
        )

    def test_id_that_is_not_the_key(self):
        """The name of the automatic key is for a key alone, as in Django."""
        with pytest.raises(TypeError) as caught:
            self.make(id=documents.CharField())

        assert str(caught.value) == (
            "Bridge.id: a field that is not the key, expected primary_key=True, or another name "
            "with db_field='id'."
        )

    def test_id_beside_another_key(self):
        """Beside another key it is a name like any other."""
        cls = self.make(code=documents.CharField(primary_key=True), id=documents.CharField())

        assert (cls._meta.pk.name, cls._meta.get_field("id").db_field) == ("code", "id")

    @pytest.mark.parametrize("key", ["a.b", "$a", "a\0"], ids=["dot", "dollar", "null"])
    def test_stored_key(self, key):
        """A key that no update can name is refused."""
        with pytest.raises(ImproperlyConfigured) as caught:
            self.make(name=documents.CharField(db_field=key))

        assert str(caught.value) == (
            f"Bridge.name: db_field {key!r}, expected a key that updates can name: text without "
            f"'.', NUL or leading '$'."
        )

    @pytest.mark.parametrize(
        "rule", ["cascade", models.CASCADE, True], ids=["text", "Django's", "flag"]
    )
    def test_rule_of_deletion(self, rule):
        """What is no rule would be ignored silently."""
        with pytest.raises(TypeError) as caught:
            documents.ReferenceField(Gate, on_delete=rule)

        assert str(caught.value) == (
            f"ReferenceField: on_delete={rule!r}, expected a rule of docmodels, such as "
            f"documents.PROTECT."
        )
