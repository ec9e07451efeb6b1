"""A project that tests its documents as the guide says, with the installed wheel."""

import re

from tests.docs.examples import examples_of
from tests.packaging.installing import ROOT, run, write

GUIDE = ROOT / "docs" / "guides" / "testing.md"

PROJECT = {
    "shop/__init__.py": "",
    "manage.py": """
        import os
        import sys

        from django.core.management import execute_from_command_line

        os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
        execute_from_command_line(sys.argv)
    """,
    "pytest.ini": """
        [pytest]
        DJANGO_SETTINGS_MODULE = site_settings
        addopts = --strict-markers
        filterwarnings = error
    """,
    "site_settings.py": """
        SECRET_KEY = "only for this test"
        USE_TZ = True
        INSTALLED_APPS = ["docmodels", "shop"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        MONGO_DATABASES = {"default": {"HOST": "mongodb://nowhere.invalid/", "NAME": "shop"}}
    """,
}


def files_of_the_guide():
    """Give the blocks of the guide that name their file, as files of an app."""
    files = {}
    for example in examples_of(GUIDE):
        first, _newline, source = example.source.partition("\n")
        if name := re.fullmatch(r"# (\w+\.py)", first):
            header = "" if name[1] == "models.py" else "from shop.models import *\n"
            files.setdefault(f"shop/{name[1]}", header)
            files[f"shop/{name[1]}"] += source
    return files


def test_the_guide_is_a_project_that_passes(environment, tmp_path, mongo):
    """pytest finds the plugin, Django's runner the test cases; both leave nothing behind."""
    files = files_of_the_guide()
    assert set(files) == {"shop/models.py", "shop/test_orders.py", "shop/tests.py"}
    write(tmp_path, PROJECT | files)
    host, port = mongo.client.address
    server = {"DOCMODELS_TEST_URI": f"mongodb://{host}:{port}/?directConnection=true"}
    before = set(mongo.client.list_database_names())

    with_pytest = run(environment, "-m", "pytest", "shop/test_orders.py", cwd=tmp_path, **server)
    with_django = run(environment, "manage.py", "test", "--noinput", cwd=tmp_path, **server)

    count = files["shop/test_orders.py"].count("def test_")
    assert f"{count} passed" in with_pytest
    assert "Found 2 test(s)." in with_django
    left = {name for name in mongo.client.list_database_names() if name.startswith("test_shop")}
    assert left <= before
