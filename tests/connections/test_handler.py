"""Connections: one client per alias and process."""

import os
import subprocess
import sys
import threading
import warnings

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test.utils import override_settings
from django.utils.connection import ConnectionDoesNotExist
from pymongo import MongoClient
from pymongo.collection import Collection

from docmodels.connections import DEFAULT_ALIAS, SLOW_ALIAS, connections
from docmodels.exceptions import NotSupportedError, OperationFailed


class TestHandler:
    """`connections`."""

    def test_aliases(self):
        """The derived slow alias is one of them."""
        assert connections.aliases == tuple(connections) == ("default", "slow")
        assert "slow" in connections
        assert "other" not in connections

    def test_unknown_alias(self):
        """The error names the choices."""
        with pytest.raises(ConnectionDoesNotExist) as excinfo:
            connections["other"]

        assert str(excinfo.value) == (
            "The connection 'other' doesn't exist in settings.MONGO_DATABASES. "
            "Choices are: default, slow."
        )

    def test_raw_driver_objects(self, mongo):
        """Client, name and collection are the driver's own, tz-aware and with standard UUIDs."""
        assert isinstance(mongo.client, MongoClient)
        assert isinstance(mongo.collection("a"), Collection)
        assert mongo.collection("a").full_name == f"{mongo.name}.a"
        assert mongo.collection("a").codec_options == mongo.codec_options
        assert mongo.codec_options.tz_aware

    def test_one_client_for_all_threads(self):
        """Threads that ask at the same time get the same client."""
        connections[DEFAULT_ALIAS].close()
        barrier = threading.Barrier(8)
        clients = []

        def ask():
            barrier.wait()
            clients.append(connections[DEFAULT_ALIAS].client)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(clients) == 8
        assert len(set(map(id, clients))) == 1

    def test_the_slow_alias_has_a_client_of_its_own(self):
        """Its pool is small and its deadline long."""
        slow, fast = connections[SLOW_ALIAS].client, connections[DEFAULT_ALIAS].client

        assert slow is not fast
        assert slow.options.pool_options.max_pool_size == 4
        assert (slow.options.timeout, fast.options.timeout) == (600, 10)

    def test_close_is_undone_by_the_next_use(self, mongo):
        """A closed connection opens again."""
        mongo.collection("a").insert_one({"_id": 1})

        connections.close_all()

        assert mongo.collection("a").find_one() == {"_id": 1}

    def test_a_changed_setting_closes_what_changed(self, mongo):
        """Unchanged aliases keep their client."""
        before = connections.settings
        changed = {
            "default": before["default"],
            "slow": before["slow"],
            "other": before["default"] | {"NAME": "other"},
        }

        with override_settings(MONGO_DATABASES=changed):
            kept = connections["default"]
            other = connections["other"]
            changed_again = changed | {"other": changed["other"] | {"NAME": "renamed"}}
            with override_settings(MONGO_DATABASES=changed_again):
                renamed = connections["other"]

        assert kept is mongo
        assert (other.name, renamed.name) == ("other", "renamed")
        assert "other" not in connections

    def test_bad_options_do_not_show_the_address(self):
        """The driver's own text could hold a password."""
        databases = {"default": {"HOST": "mongodb://me:secret@db:x/", "NAME": "a"}}

        with (
            override_settings(MONGO_DATABASES=databases),
            pytest.raises(ImproperlyConfigured) as excinfo,
        ):
            connections["default"].client

        assert str(excinfo.value) == (
            "settings.MONGO_DATABASES['default']: HOST or OPTIONS are not accepted by the driver "
            "(ValueError)."
        )

    def test_user_and_password(self):
        """They reach the server without being part of HOST."""
        changed = connections.settings["default"] | {"USER": "nobody", "PASSWORD": "p@ss/word"}

        with (
            override_settings(MONGO_DATABASES={"default": changed}),
            pytest.raises(OperationFailed) as excinfo,
            connections["default"].wrap_errors,
        ):
            connections["default"].collection("a").find_one()

        assert (str(excinfo.value), excinfo.value.code) == ("Authentication failed.", 18)

    def test_the_servers_own_collections_are_refused(self, mongo):
        """The server would let anyone write to them."""
        with pytest.raises(NotSupportedError) as excinfo:
            mongo.collection("system.views")

        assert str(excinfo.value) == (
            "The collection 'system.views' belongs to the server: it cannot be used here."
        )

    def test_collections_are_made_once_for_each_client(self, mongo):
        """A closed client's collection is not handed out again."""
        first = mongo.collection("a")
        assert mongo.collection("a") is first

        mongo.close()

        assert mongo.collection("a") is not first
        assert mongo.collection("a").find_one() is None

    def test_repr(self, mongo):
        """It names alias and database, no address."""
        assert repr(mongo) == f"<{type(mongo).__name__} 'default' to {mongo.name!r}>"


class TestFork:
    """A fork after connecting."""

    def test_the_child_makes_its_own_client_without_a_warning(self, mongo):
        """Parent and child go on side by side."""
        mongo.collection("a").insert_one({"_id": "parent"})
        parent_client = mongo.client
        read, write = os.pipe()
        with warnings.catch_warnings():
            # pytest and the driver have threads; what matters is what the driver says.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            code = 1
            try:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    mongo.collection("a").insert_one({"_id": "child"})
                    made_anew = mongo.client is not parent_client
                os.write(write, f"{made_anew} {[str(w.message) for w in caught]}".encode())
                code = 0
            finally:
                os._exit(code)
        os.close(write)
        _pid, status = os.waitpid(child, 0)
        told = os.read(read, 10_000).decode()
        os.close(read)

        assert (status, told) == (0, "True []")
        assert {found["_id"] for found in mongo.collection("a").find()} == {"parent", "child"}
        assert mongo.client is parent_client


class TestImport:
    """What importing costs."""

    def test_importing_makes_no_client_and_reads_no_settings(self):
        """Neither forms, admin nor REST framework come along."""
        code = (
            "import sys, docmodels.connections, docmodels.transaction, docmodels.apps\n"
            "print([n for n in ('rest_framework', 'django.contrib.admin', 'docmodels.admin', "
            "'docmodels.forms', 'docmodels.rest', 'mongomock') if n in sys.modules])"
        )

        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
        )

        assert (done.stdout, done.stderr) == ("[]\n", "")
