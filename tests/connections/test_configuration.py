"""The shape of ``MONGO_DATABASES``."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from docmodels.connections.configuration import client_options, derive_slow, normalise

SHOP = {"HOST": "mongodb://db/", "NAME": "shop"}


class TestNormalise:
    """`normalise`."""

    def test_fills_in_absent_keys(self):
        """Every alias has every key."""
        aliases = normalise({"default": SHOP})

        assert aliases["default"] == {
            "HOST": "mongodb://db/",
            "NAME": "shop",
            "USER": None,
            "PASSWORD": None,
            "OPTIONS": {},
            "READ_ONLY": False,
            "EMBEDDED": {},
            "TEST": {},
        }

    def test_leaves_the_setting_alone(self):
        """The project's dict is not changed."""
        options = {"timeoutMS": 5}
        databases = {"default": SHOP | {"OPTIONS": options}}

        normalise(databases)["default"]["OPTIONS"]["w"] = 1

        assert options == {"timeoutMS": 5}

    def test_a_configured_slow_alias_is_kept(self):
        """Nothing is derived when the project has its own."""
        aliases = normalise({"default": SHOP, "slow": SHOP | {"NAME": "other"}})

        assert (aliases["slow"]["NAME"], aliases["slow"]["READ_ONLY"]) == ("other", False)

    @pytest.mark.parametrize(
        ("databases", "message"),
        [
            (
                None,
                'settings.MONGO_DATABASES is missing. Set it to {"default": {"HOST": '
                '"mongodb://localhost/", "NAME": "<database>"}}.',
            ),
            (["default"], "settings.MONGO_DATABASES must be a dict of aliases, each a dict."),
            ({"other": SHOP}, "settings.MONGO_DATABASES must define the alias 'default'."),
            (
                {"default": {"HOST": "db:27017", "NAME": "a"}},
                "settings.MONGO_DATABASES['default']['HOST'] has no known scheme. Choices are: "
                "mongodb://, mongodb+srv://, embedded://, mongomock://.",
            ),
            (
                {"default": {"HOST": "mongodb://db"}},
                "settings.MONGO_DATABASES['default']['NAME'] is missing, expected a database's "
                "name.",
            ),
        ],
    )
    def test_mistakes(self, databases, message):
        """What cannot work is said before a client is made."""
        with pytest.raises(ImproperlyConfigured) as excinfo:
            normalise(databases)

        assert str(excinfo.value) == message


class TestDeriveSlow:
    """`derive_slow`."""

    def test_same_data_few_connections_long_deadline_no_writes(self):
        """Only what makes the alias slow differs."""
        slow = normalise({"default": SHOP | {"OPTIONS": {"compressors": "zlib"}}})["slow"]

        assert (slow["HOST"], slow["NAME"], slow["READ_ONLY"]) == ("mongodb://db/", "shop", True)
        assert slow["OPTIONS"] == {
            "compressors": "zlib",
            "timeoutMS": 600_000,
            "maxPoolSize": 4,
        }

    def test_replaces_the_fast_limits_in_any_spelling(self):
        """The deadline and pool of the default alias are not inherited."""
        options = {"TIMEOUTMS": 5, "maxpoolsize": 90, "minPoolSize": 50}

        slow = normalise({"default": SHOP | {"OPTIONS": options}})["slow"]

        assert slow["OPTIONS"] == {"timeoutMS": 600_000, "maxPoolSize": 4}

    @pytest.mark.parametrize(
        ("host", "preference"),
        [
            ("mongodb://db/", None),
            ("mongodb://db/?replicaSet=rs", "secondaryPreferred"),
            ("mongodb://a,b/", "secondaryPreferred"),
            ("mongodb+srv://cluster.example/", "secondaryPreferred"),
            ("mongodb://db/?replicaSet=rs&directConnection=true", None),
            ("mongodb://a,b/?readPreference=nearest", None),
            ("embedded://data", None),
            ("mongomock://", None),
        ],
    )
    def test_reads_from_secondaries_where_there_are_some(self, host, preference):
        """The primary is spared unless the project chose."""
        slow = derive_slow(normalise({"default": {"HOST": host, "NAME": "a"}})["default"])

        assert slow["OPTIONS"].get("readPreference") == preference


class TestClientOptions:
    """`client_options`."""

    def test_every_operation_has_a_deadline(self):
        """The defaults bound operations and waits."""
        options = client_options(normalise({"default": SHOP})["default"])

        assert options == {
            "timeoutMS": 10_000,
            "serverSelectionTimeoutMS": 1_200,
            "connectTimeoutMS": 5_000,
            "waitQueueTimeoutMS": 2_000,
            "w": "majority",
            "appName": "docmodels",
        }

    def test_the_projects_options_win(self):
        """Those of OPTIONS and those of the connection string, in any case."""
        settings = SHOP | {
            "HOST": "mongodb://db/?TIMEOUTMS=7&w=1",
            "OPTIONS": {"appname": "mine", "maxPoolSize": 3},
        }

        options = client_options(normalise({"default": settings})["default"])

        assert options == {
            "serverSelectionTimeoutMS": 1_200,
            "connectTimeoutMS": 5_000,
            "waitQueueTimeoutMS": 2_000,
            "appname": "mine",
            "maxPoolSize": 3,
        }
