"""Plugins: what is added to one document class or to all."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from docmodels import documents
from docmodels.registry import registry

SEEN = []


@pytest.fixture(autouse=True)
def own_classes(monkeypatch):
    """Forget what a test declares, and start with nothing seen."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    SEEN.clear()


class Tenant:
    """A plugin with all three methods."""

    def fields(self):
        return {"tenant": documents.CharField(default="t1")}

    def prepare(self, namespace, options):
        SEEN.append(("prepare", namespace["__qualname__"].rpartition(".")[2], options.embedded))
        namespace.setdefault("__str__", lambda self: f"of {self.tenant}")

    def contribute_to_class(self, cls, name):
        SEEN.append((name, cls.__name__, [field.name for field in cls._meta.fields]))

        @documents.pre("save")
        def note(document):
            SEEN.append(("save", cls.__name__))

        cls.note = note


class OnlyFields:
    """A plugin that says its fields and nothing else."""

    def __init__(self, name):
        self.name = name

    def fields(self):
        return {self.name: documents.IntegerField(default=1)}


class Labelled(documents.Document):
    label = documents.CharField(default="none")

    class Meta:
        abstract = True

    def shout(self):
        return self.label.upper()


class NoPlugin:
    pass


class NeedsMore:
    def __init__(self, thing):
        pass

    def fields(self):
        return {}


class TestMeta:
    """`Meta.plugins`."""

    def test_object(self):
        """Fields, the body of the class, and hooks come from the plugin."""

        class Plugged(documents.Document):
            name = documents.CharField(blank=True)

            class Meta:
                app_label = "plugged"
                plugins = [Tenant()]

        assert SEEN == [
            ("prepare", "Plugged", False),
            ("Tenant", "Plugged", ["id", "name", "tenant"]),
        ]
        plugged = Plugged.objects.create()
        assert SEEN[-1] == ("save", "Plugged")
        assert str(plugged) == "of t1"
        assert Plugged.objects.filter(tenant="t1").count() == 1

    @pytest.mark.parametrize("given", [Tenant, f"{__name__}.Tenant"], ids=["class", "path"])
    def test_class(self, given):
        """A class is called, a dotted path is imported."""

        class Plugged(documents.Document):
            class Meta:
                app_label = "plugged"
                plugins = [given]

        assert [field.name for field in Plugged._meta.fields] == ["id", "tenant"]

    def test_mixin(self):
        """An abstract document becomes a base."""

        class Plugged(documents.Document):
            class Meta:
                app_label = "plugged"
                plugins = [Labelled]

        assert issubclass(Plugged, Labelled)
        assert Plugged.objects.create(label="a").shout() == "A"

    def test_own_declaration_wins(self):
        """The class may declare a plugin's field itself, or take it away."""

        class Plugged(documents.Document):
            tenant = documents.CharField(default="mine")

            class Meta:
                app_label = "plugged"
                plugins = [Tenant]

        class Without(documents.Document):
            tenant = None

            class Meta:
                app_label = "plugged"
                plugins = [OnlyFields("tenant")]

        assert Plugged().tenant == "mine"
        assert [field.name for field in Without._meta.fields] == ["id"]

    def test_inherited(self):
        """Children of an abstract or a concrete class have its plugins, each once."""

        class Base(documents.Document):
            class Meta:
                abstract = True
                plugins = [Tenant()]

        class Plugged(Base):
            class Meta(Base.Meta):
                app_label = "plugged"

        class Child(Plugged):
            class Meta:
                app_label = "plugged"
                plugins = [OnlyFields("n")]

        assert [entry[:2] for entry in SEEN if entry[0] == "Tenant"] == [
            ("Tenant", "Plugged"),
            ("Tenant", "Child"),
        ]
        assert [field.name for field in Child._meta.fields] == ["id", "tenant", "n"]
        assert Child.objects.create().tenant == "t1"

    def test_embedded(self):
        """An embedded document may have plugins too."""

        class Inner(documents.EmbeddedDocument):
            class Meta:
                plugins = [Tenant]

        assert Inner().tenant == "t1"


class TestProject:
    """`DOCMODELS["PLUGINS"]`."""

    def test_all(self):
        """Every document class has them, embedded and abstract ones have not."""
        with override_settings(DOCMODELS={"PLUGINS": [f"{__name__}.Tenant", Labelled]}):

            class Plugged(documents.Document):
                class Meta:
                    app_label = "plugged"

            class Inner(documents.EmbeddedDocument):
                pass

        class Without(documents.Document):
            class Meta:
                app_label = "plugged"

        assert {field.name for field in Plugged._meta.fields} == {"id", "label", "tenant"}
        assert Inner._meta.fields == ()
        assert [field.name for field in Without._meta.fields] == ["id"]

    def test_both(self):
        """A plugin of the project and of the class is two; a mixin is one."""
        with override_settings(DOCMODELS={"PLUGINS": [Labelled]}):

            class Plugged(Labelled):
                class Meta:
                    app_label = "plugged"
                    plugins = [Labelled]

        assert Plugged.__mro__.count(Labelled) == 1


class TestMistakes:
    """Each mistake is told when the class is made."""

    def declare(self, given, **body):
        """Make a class with these plugins."""
        meta = type("Meta", (), {"app_label": "plugged", "plugins": given})
        return type(documents.Document)("Wrong", (documents.Document,), {"Meta": meta, **body})

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("a.b", "Wrong.Meta.plugins: 'a.b', expected a list of plugins."),
            (
                ["nowhere.Plugin"],
                "Wrong.Meta.plugins: 'nowhere.Plugin' cannot be imported: No module named "
                "'nowhere'",
            ),
            (
                [3],
                "Wrong.Meta.plugins: 3, expected an abstract document, or an object with "
                "fields(), prepare() or contribute_to_class().",
            ),
        ],
    )
    def test_given(self, given, message):
        """What is no plugin."""
        with pytest.raises(ImproperlyConfigured) as caught:
            self.declare(given)

        assert str(caught.value) == message

    @pytest.mark.parametrize("given", [NoPlugin, NoPlugin(), documents.Document])
    def test_without_methods(self, given):
        """A class or an object without any of the methods."""
        with pytest.raises(ImproperlyConfigured, match="expected an abstract document, or an"):
            self.declare([given])

    def test_arguments(self):
        """A class that cannot be called without arguments."""
        with pytest.raises(ImproperlyConfigured, match="cannot be made without arguments: "):
            self.declare([NeedsMore])

    def test_no_field(self):
        """Fields that are none."""

        class Odd:
            def fields(self):
                return {"n": 1}

        with pytest.raises(ImproperlyConfigured) as caught:
            self.declare([Odd])

        assert str(caught.value) == "Odd.fields(): n is 1, expected a field."

    def test_taken(self):
        """A field whose name the class uses for something else."""
        with pytest.raises(ImproperlyConfigured) as caught:
            self.declare([OnlyFields("n")], n=5)

        assert str(caught.value) == (
            "Wrong.n: 5, expected a field, which the plugin OnlyFields adds."
        )

    def test_project(self):
        """A mistake in the settings names the setting."""
        with (
            override_settings(DOCMODELS={"PLUGINS": ["nowhere.Plugin"]}),
            pytest.raises(ImproperlyConfigured) as caught,
        ):
            self.declare([])

        assert str(caught.value) == (
            "settings.DOCMODELS['PLUGINS']: 'nowhere.Plugin' cannot be imported: No module named "
            "'nowhere'"
        )
