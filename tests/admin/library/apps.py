"""The app whose documents the tests of the admin site browse."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "tests.admin.library"
    label = "library"
    verbose_name = "Library"
