"""Document classes: names, options, inheritance, and mistakes in them."""

import pytest
from django.core.exceptions import FieldDoesNotExist, FieldError, ImproperlyConfigured

from docmodels import documents
from docmodels.registry import registry


class Address(documents.EmbeddedDocument):
    city = documents.CharField(db_field="c")


class Person(documents.Document):
    name = documents.CharField(max_length=20, help_text="In full")
    address = documents.EmbeddedField(Address, blank=True, db_field="addr")
    friends = documents.EmbeddedListField(Address)
    notes = documents.MapField(documents.CharField(), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"

    def __str__(self):
        return self.name


class Coded(documents.Document):
    code = documents.CharField(primary_key=True)


class TestOptions:
    """`_meta`."""

    def test_names(self):
        """Names are derived as Django derives them."""
        meta = Person._meta

        assert meta.label == "test_declaration.Person"
        assert meta.label_lower == "test_declaration.person"
        assert (meta.app_label, meta.model_name, meta.object_name) == (
            "test_declaration",
            "person",
            "Person",
        )
        assert meta.collection == "test_declaration_person"
        assert str(meta.verbose_name) == meta.verbose_name_raw == "person"
        assert str(meta.verbose_name_plural) == "people"
        assert str(Coded._meta.verbose_name_plural) == "codeds"
        assert str(meta) == "test_declaration.person"
        assert repr(meta) == "<Options for Person>"

    def test_defaults(self):
        """MongoDB's own options have their documented defaults."""
        meta = Person._meta

        assert (meta.strict, meta.minimize, meta.version_key, meta.abstract) == (
            "raise",
            True,
            "__v",
            False,
        )
        assert meta.default_permissions == ("add", "change", "delete", "view")

    def test_automatic_key(self):
        """An ObjectId `id`, stored as `_id`, comes first where no key is declared."""
        assert [field.name for field in Person._meta.fields] == [
            "id",
            "name",
            "address",
            "friends",
            "notes",
        ]
        assert Person._meta.pk.db_field == "_id"
        assert Person._meta.pk.get_internal_type() == "ObjectIdField"

    def test_own_key(self):
        """A declared key is the only one, and is stored as `_id`."""
        assert [field.name for field in Coded._meta.fields] == ["code"]
        assert Coded._meta.pk.db_field == "_id"
        assert Coded(code="x").pk == "x"

    def test_get_field(self):
        """`get_field` takes a name; another one gets the nearest as a hint."""
        assert Person._meta.get_field("name").help_text == "In full"
        with pytest.raises(FieldDoesNotExist) as caught:
            Person._meta.get_field("nam")

        assert str(caught.value) == "Person has no field named 'nam'. Did you mean 'name'?"

    def test_registered(self):
        """Concrete documents are in the registry, embedded ones are not."""
        assert registry.get("test_declaration.Person") is Person
        assert Address not in registry.documents()

    def test_unknown_label(self):
        """A label that nobody declared raises, with the nearest one."""
        with pytest.raises(LookupError) as caught:
            registry.get("test_declaration.Persn")

        assert str(caught.value) == (
            "No document 'test_declaration.Persn' is declared. Did you mean "
            "'test_declaration.Person'?"
        )


class TestResolve:
    """`_meta.resolve`."""

    @pytest.mark.parametrize(
        ("path", "db_path", "in_list"),
        [
            ("name", "name", False),
            ("pk", "_id", False),
            ("id", "_id", False),
            ("address__city", "addr.c", False),
            ("address.city", "addr.c", False),
            ("friends__city", "friends.c", True),
            ("friends.2.city", "friends.2.c", True),
            ("notes__some_key", "notes.some_key", False),
        ],
    )
    def test_path(self, path, db_path, in_list):
        """Names become keys, also through lists and maps."""
        resolved = Person._meta.resolve(path)

        assert (resolved.db_path, resolved.in_list) == (db_path, in_list)

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("nam", "Person.nam: Person has no field 'nam'. Did you mean 'name'?"),
            (
                "address__town",
                "Person.address__town: Address has no field 'town'. Choices are: city.",
            ),
            ("$where", "Person.$where: Person has no field '$where'."),
        ],
    )
    def test_unknown_path(self, path, message):
        """A path that leads nowhere raises, and says what would have worked."""
        with pytest.raises(FieldError) as caught:
            Person._meta.resolve(path)

        assert str(caught.value).startswith(message)


class TestMistakes:
    """Declarations that cannot be made."""

    @pytest.mark.parametrize("name", ["_x", "x_", "a__b", "pk"])
    def test_names_of_fields(self, name):
        """Names that paths or Django need otherwise are refused."""
        with pytest.raises(TypeError) as caught:
            type(documents.Document)("Bad", (documents.Document,), {name: documents.CharField()})

        assert str(caught.value) == (
            f"Bad.{name}: not a name of a field, expected one without a leading or trailing "
            "underscore, without '__', and other than 'pk'. Give the stored key as db_field."
        )

    def test_unknown_option(self):
        """A misspelt option of Meta raises, with the nearest one."""
        with pytest.raises(TypeError) as caught:

            class Bad(documents.Document):
                class Meta:
                    orderin = ["name"]

        assert str(caught.value) == "Bad.Meta.orderin: unknown option. Did you mean 'ordering'?"

    def test_strict(self):
        """`strict` has three values."""
        with pytest.raises(TypeError) as caught:

            class Bad(documents.Document):
                class Meta:
                    strict = "always"

        assert str(caught.value) == "Bad.Meta.strict: 'always', expected 'raise', True or False."

    def test_one_key_for_two_fields(self):
        """Two fields cannot share a key."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Bad(documents.Document):
                a = documents.CharField(db_field="x")
                b = documents.CharField(db_field="x")

        assert str(caught.value) == (
            "Bad.b: db_field 'x' is taken by Bad.a, expected one of its own."
        )

    def test_collections_of_the_server(self):
        """Collections that the server keeps for itself are refused."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Bad(documents.Document):
                class Meta:
                    collection = "system.users"

        assert str(caught.value) == (
            "Bad.Meta.collection: 'system.users', expected a collection of your own; the server "
            "keeps system.* for itself."
        )


class TestExceptions:
    """`DoesNotExist` and `MultipleObjectsReturned`."""

    def test_are_made_per_class(self):
        """Each class has its own, named after it."""
        assert Person.DoesNotExist.__qualname__ == "Person.DoesNotExist"
        assert not issubclass(Person.DoesNotExist, Coded.DoesNotExist)
        assert issubclass(Person.MultipleObjectsReturned, Exception)
