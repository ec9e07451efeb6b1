"""The app of countries and cities."""

from django.apps import AppConfig


class GeoConfig(AppConfig):
    name = "project.geo"
    verbose_name = "Geography"
