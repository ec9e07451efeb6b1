"""Settings of a process of its own, on the server that the environment names."""

import os

SECRET_KEY = "only for tests"
USE_TZ = True
INSTALLED_APPS = ["docmodels", "tests.integrity.shelf"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
MONGO_DATABASES = {
    "default": {"HOST": os.environ["SHELF_HOST"], "NAME": os.environ["SHELF_NAME"]},
}
