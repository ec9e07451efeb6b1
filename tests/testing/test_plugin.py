"""The pytest plugin in runs of its own."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import docmodels
from docmodels import testing
from docmodels.connections.embedded import server_for
from docmodels.testing.databases import OWN_VARIABLE, URI_VARIABLE

ROOT = Path(docmodels.__file__).resolve().parents[1]

SETTINGS = """
    SECRET_KEY = "x"
    USE_TZ = True
    INSTALLED_APPS = ["docmodels", "notes"]
    MONGO_DATABASES = {
        "default": {
            "HOST": "mongodb://nowhere.invalid/", "NAME": "notes",
            "TEST": {"HOST": "embedded://"},
        },
    }
"""
MODELS = """
    from docmodels import documents

    class Note(documents.Document):
        text = documents.CharField(max_length=100)
"""
TESTS = """
    import os

    import pytest

    from docmodels.connections import connections
    from notes.models import Note

    @pytest.mark.parametrize("turn", range(4))
    def test_clean(turn, mongo):
        assert Note.objects.count() == 0
        Note.objects.create(text="x")
        with open("seen", "a") as seen:
            host, port = mongo.client.address
            print(mongo.name, port, mongo.settings["HOST"], file=seen)
"""


@pytest.fixture
def run(tmp_path):
    """Give a function that runs pytest in a project of its own."""

    def run_pytest(files, *arguments, **variables):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(text))
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PYTEST", "DJANGO", "DOCMODELS"))
        }
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(tmp_path)])
        command = [sys.executable, "-m", "pytest", "-q", "-p", "docmodels.testing.pytest_plugin"]
        result = subprocess.run(
            [*command, "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return result.returncode, result.stdout + result.stderr

    return run_pytest


def test_own_server(run, tmp_path):
    """A run has a server of its own, each worker a database, and nothing is left behind."""
    files = {
        "site_settings.py": SETTINGS,
        "notes/__init__.py": "",
        "notes/models.py": MODELS,
        "test_notes.py": TESTS,
    }

    code, output = run(files, "--ds=site_settings", "-n", "2")

    assert code == 0, output
    assert "4 passed" in output
    seen = [line.split() for line in (tmp_path / "seen").read_text().splitlines()]
    assert len({port for _name, port, _host in seen}) == 1
    assert len({name for name, _port, _host in seen}) == 2
    assert all(name.startswith("test_notes_gw") for name, _port, _host in seen)
    (host,) = {host for _name, _port, host in seen}
    assert not Path(host.removeprefix("embedded://")).exists()


def test_no_cost_elsewhere(run):
    """A run that tests something else has no fixtures, no imports, no server."""
    files = {
        "test_other.py": """
            import sys

            def test_other(pytestconfig):
                assert "django.test" not in sys.modules
                assert "pymongo" not in sys.modules
                assert not pytestconfig.pluginmanager.has_plugin("docmodels.testing.fixtures")
        """
    }

    code, output = run(files, "-p", "no:django")

    assert code == 0, output
    assert "1 passed" in output


def test_without_databases(run):
    """A Django project without MONGO_DATABASES is left alone."""
    files = {
        "bare_settings.py": 'SECRET_KEY = "x"',
        "test_other.py": """
            def test_other(pytestconfig):
                assert not pytestconfig.pluginmanager.has_plugin("docmodels.testing.fixtures")
        """,
    }

    code, output = run(files, "--ds=bare_settings")

    assert code == 0, output


def test_named_by_a_conftest(run):
    """Naming the plugin in a conftest means the same plugin."""
    files = {
        "conftest.py": 'pytest_plugins = ["docmodels.testing.pytest_plugin"]',
        "test_other.py": "def test_other(): pass",
    }

    code, output = run(files, "-p", "no:django")

    assert code == 0, output


def test_names():
    """What the package offers is there, and nothing else."""
    assert all(getattr(testing, name) for name in testing.__all__)
    with pytest.raises(AttributeError) as caught:
        testing.assert_everything
    assert str(caught.value) == ("module 'docmodels.testing' has no attribute 'assert_everything'")


def test_variable_wins(settings, monkeypatch):
    """The variable names the server of all aliases, `TEST["HOST"]` that of one."""
    databases = testing.databases.test_databases
    settings.MONGO_DATABASES = {
        "default": {"HOST": "mongodb://a/", "NAME": "x", "TEST": {"HOST": "mongodb://b/"}},
        "other": {"HOST": "mongodb://a/", "NAME": "y", "TEST": {"NAME": "z"}},
        "fake": {"HOST": "mongomock://", "NAME": "w", "TEST": {"HOST": "mongodb://b/"}},
    }

    monkeypatch.delenv(URI_VARIABLE, raising=False)
    found = {alias: (given["HOST"], given["NAME"]) for alias, given in databases("1").items()}
    monkeypatch.setenv(URI_VARIABLE, "mongodb://c/")
    named = {alias: given["HOST"] for alias, given in databases("1").items()}

    assert found == {
        "default": ("mongodb://b/", "test_x_1"),
        "other": ("mongodb://a/", "z_1"),
        "fake": ("mongomock://", "test_w_1"),
    }
    assert named == {"default": "mongodb://c/", "other": "mongodb://c/", "fake": "mongomock://"}


def test_own_server_ends(settings, monkeypatch):
    """The folder of a run's own server is made once, and removed with the server."""
    shared = testing.databases
    settings.MONGO_DATABASES = {"default": {"HOST": "mongodb://a/", "NAME": "x"}}
    monkeypatch.delenv(OWN_VARIABLE, raising=False)
    monkeypatch.delenv(URI_VARIABLE, raising=False)
    assert shared.share_own_server() is None

    monkeypatch.setenv(URI_VARIABLE, "embedded://")
    address = shared.share_own_server()
    try:
        assert shared.share_own_server() == address
        assert shared.test_databases("1")["default"]["HOST"] == address
        assert server_for(address, {}).status()["running"] is False
    finally:
        shared.end_own_server()

    assert not Path(address.removeprefix("embedded://")).exists()
    assert OWN_VARIABLE not in os.environ
