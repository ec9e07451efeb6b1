"""The app of films."""

from django.apps import AppConfig


class FilmsConfig(AppConfig):
    name = "project.films"
    verbose_name = "Films"
