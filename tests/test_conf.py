"""The ``DOCMODELS`` setting and the system checks of settings."""

import pytest
from django.core.checks import Error
from django.core.checks.registry import registry
from django.test.utils import override_settings

from docmodels.checks.settings import check_databases, check_docmodels
from docmodels.conf import DEFAULTS, docmodels_settings


class TestDocmodelsSettings:
    """`docmodels_settings`."""

    def test_defaults_stand_in(self):
        """A key that the project did not choose has its default."""
        assert docmodels_settings.GC_PAUSE is DEFAULTS["GC_PAUSE"] is True

    def test_override_settings_is_seen_and_undone(self):
        """The cache is dropped when the setting changes."""
        before = docmodels_settings.STRICT

        with override_settings(DOCMODELS={"STRICT": False}):
            within = docmodels_settings.STRICT

        assert (before, within, docmodels_settings.STRICT) == ("raise", False, "raise")

    def test_unknown_key(self):
        """Code that asks for a key that is not there gets the choices."""
        with pytest.raises(AttributeError) as excinfo:
            docmodels_settings.NOPE

        assert str(excinfo.value) == (
            f"DOCMODELS has no key 'NOPE'. Choices are: {', '.join(DEFAULTS)}."
        )


class TestCheckDatabases:
    """`check_databases`."""

    def test_good_settings(self, settings):
        """Every key, every scheme and a client option in any case are accepted."""
        settings.MONGO_DATABASES = {
            "default": {"HOST": "mongodb://db/", "NAME": "shop", "OPTIONS": {"maxPoolSize": 3}},
            "cloud": {"HOST": "mongodb+srv://db.example/", "NAME": "a", "USER": "u"},
            "own": {"HOST": "embedded://data", "NAME": "a", "EMBEDDED": {"cache_size_gb": 1}},
            "fake": {"HOST": "mongomock://", "NAME": "a", "READ_ONLY": True},
        }

        assert check_databases() == []

    def test_missing(self, settings):
        """Without the setting nothing can work."""
        settings.MONGO_DATABASES = {}

        assert check_databases() == [
            Error(
                "settings.MONGO_DATABASES is missing.",
                hint='Set it to {"default": {"HOST": "mongodb://localhost/", "NAME": "…"}}.',
                id="docmodels.E001",
            )
        ]

    def test_registered(self):
        """``manage.py check`` runs both."""
        assert {check_databases, check_docmodels} <= set(registry.get_checks())

    @pytest.mark.parametrize(
        ("databases", "message", "hint", "number"),
        [
            (
                ["default"],
                "settings.MONGO_DATABASES: list, expected a dict of aliases.",
                None,
                2,
            ),
            (
                {"other": {"HOST": "mongodb://db", "NAME": "a"}},
                "settings.MONGO_DATABASES has no alias 'default'.",
                "Choices are: other.",
                3,
            ),
            (
                {"default": "mongodb://db/a"},
                "settings.MONGO_DATABASES['default']: str, expected a dict.",
                "Choices are: HOST, NAME, USER, PASSWORD, OPTIONS, READ_ONLY, EMBEDDED, TEST.",
                4,
            ),
            (
                {"default": {"HOST": "mongodb://db", "NAME": "a", "OPTION": {}}},
                "settings.MONGO_DATABASES['default'] has no key 'OPTION'.",
                "Did you mean 'OPTIONS'?",
                5,
            ),
            (
                {"default": {"HOST": "mysql://db", "NAME": "a"}},
                "settings.MONGO_DATABASES['default']['HOST'] has no known scheme.",
                "Choices are: mongodb://, mongodb+srv://, embedded://, mongomock://.",
                6,
            ),
            (
                {"default": {"HOST": "mongodb://db"}},
                "settings.MONGO_DATABASES['default']['NAME'] is missing.",
                "Give the database's name.",
                7,
            ),
            (
                {"default": {"HOST": "mongodb://db", "NAME": "a.b"}},
                "settings.MONGO_DATABASES['default']['NAME']: 'a.b' is no name of a database.",
                'MongoDB refuses blanks and any of / \\ . " $ * < > : | ? in it.',
                7,
            ),
            (
                {"default": {"HOST": "mongodb://db", "NAME": "a", "OPTIONS": {"timeoutMs2": 1}}},
                "settings.MONGO_DATABASES['default']['OPTIONS']: 'timeoutMs2' is no option of "
                "MongoClient.",
                "Did you mean 'timeoutMS'?",
                8,
            ),
            (
                {"default": {"HOST": "mongodb://db", "NAME": "a", "OPTIONS": {"maxPoolSize": "x"}}},
                "settings.MONGO_DATABASES['default']['OPTIONS']: The value of maxPoolSize must be "
                "an integer.",
                None,
                9,
            ),
            (
                {"default": {"HOST": "embedded://x", "NAME": "a", "EMBEDDED": {"cache_gb": 1}}},
                "settings.MONGO_DATABASES['default']['EMBEDDED'] has no key 'cache_gb'.",
                "Did you mean 'cache_size_gb'?",
                13,
            ),
        ],
    )
    def test_mistakes(self, settings, databases, message, hint, number):
        """Each mistake has its own id, and says what would have been right."""
        settings.MONGO_DATABASES = databases

        assert check_databases() == [Error(message, hint=hint, id=f"docmodels.E{number:03}")]


class TestCheckDocmodels:
    """`check_docmodels`."""

    def test_absent_is_fine(self, settings):
        """The setting is optional."""
        del settings.DOCMODELS

        assert check_docmodels() == []

    def test_unknown_key(self, settings):
        """A misspelt key is an error with a suggestion."""
        settings.DOCMODELS = {"ROUTER": []}

        assert check_docmodels() == [
            Error(
                "settings.DOCMODELS has no key 'ROUTER'.",
                hint="Did you mean 'ROUTERS'?",
                id="docmodels.E011",
            )
        ]

    def test_not_a_choice(self, settings):
        """A value outside the choices is an error."""
        settings.DOCMODELS = {"STRICT": "throw"}

        assert check_docmodels() == [
            Error(
                "settings.DOCMODELS['STRICT']: 'throw' is not a choice.",
                hint="Choices are: 'raise', True, False.",
                id="docmodels.E012",
            )
        ]

    def test_not_a_dict(self, settings):
        """The setting is a dict."""
        settings.DOCMODELS = ["STRICT"]

        assert check_docmodels() == [
            Error("settings.DOCMODELS: list, expected a dict.", id="docmodels.E010")
        ]
