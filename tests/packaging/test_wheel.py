"""The wheel alone, in an empty environment, makes a working app."""

import zipfile

from tests.packaging.installing import ROOT, run, write

PROJECT = {
    "notes/__init__.py": "",
    "notes/models.py": """
        from docmodels import documents

        class Note(documents.Document):
            text = documents.CharField(max_length=100)
    """,
    "notes/admin.py": """
        from docmodels import admin
        from notes.models import Note

        @admin.register(Note)
        class NoteAdmin(admin.DocumentAdmin):
            list_display = ["text"]
    """,
    "site_settings.py": """
        import os

        SECRET_KEY = "only for this test"
        DEBUG = False
        ALLOWED_HOSTS = ["testserver"]
        USE_TZ = True
        ROOT_URLCONF = "site_urls"
        STATIC_URL = "static/"
        INSTALLED_APPS = [
            "docmodels", "docmodels.admin", "notes", "rest_framework",
            "django.contrib.admin.apps.SimpleAdminConfig", "django.contrib.auth",
            "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
            "django.contrib.staticfiles",
        ]
        MIDDLEWARE = [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ]
        TEMPLATES = [{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]},
        }]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        MONGO_DATABASES = {
            "default": {"HOST": os.environ["MONGODB_URI"], "NAME": os.environ["MONGODB_NAME"]},
        }
    """,
    "site_urls.py": """
        from django.urls import include, path
        from rest_framework.routers import SimpleRouter

        from docmodels import admin, rest
        from notes.models import Note

        class NoteViewSet(rest.DocumentViewSet):
            queryset = Note.objects.all()
            permission_classes = []

        router = SimpleRouter()
        router.register("notes", NoteViewSet, basename="note")
        urlpatterns = [path("admin/", admin.site.urls), path("api/", include(router.urls))]
    """,
    "try_it.py": """
        import os
        import re

        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
        django.setup()

        from django.contrib.auth import get_user_model
        from django.contrib.staticfiles import finders
        from django.core.management import call_command
        from django.test import Client

        import docmodels
        from docmodels.connections import connections

        assert "site-packages" in docmodels.__file__, docmodels.__file__
        call_command("check")
        call_command("migrate", verbosity=0)
        call_command("syncindexes", verbosity=0)
        try:
            client = Client()
            login = client.get("/admin/login/")
            assert login.status_code == 200, login.status_code
            for name in re.findall(r'(?:href|src)="/static/([^"]+)"', login.text):
                assert finders.find(name), name
            created = client.post("/api/notes/", {"text": "hello"}, "application/json")
            assert created.status_code == 201, created.content
            listed = client.get("/api/notes/").json()
            assert [note["text"] for note in listed["results"]] == ["hello"], listed
            client.force_login(get_user_model().objects.create_superuser("a", password="a"))
            for url in ("/admin/", "/admin/notes/note/", "/admin/notes/note/add/"):
                assert client.get(url).status_code == 200, url
        finally:
            connection = connections["default"]
            connection.client.drop_database(connection.name)
        print("works")
    """,
}


class TestWheel:
    def test_ships_every_file_of_the_package(self, wheel):
        """Templates, static files and the typing marker are in the wheel."""
        package = ROOT / "docmodels"
        expected = {
            str(path.relative_to(ROOT))
            for path in package.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

        with zipfile.ZipFile(wheel) as archive:
            shipped = {name for name in archive.namelist() if name.startswith("docmodels/")}

        assert shipped == expected
        assert "docmodels/py.typed" in shipped

    def test_works_in_an_empty_environment(self, environment, tmp_path, mongo):
        """Admin and API of a small project answer with nothing but the wheel installed."""
        write(tmp_path, PROJECT)
        host, port = mongo.client.address

        output = run(
            environment,
            "try_it.py",
            cwd=tmp_path,
            MONGODB_URI=f"mongodb://{host}:{port}/?directConnection=true",
            MONGODB_NAME=f"{mongo.name}_wheel",
        )

        assert output.endswith("works\n")
