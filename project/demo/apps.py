"""The app that sets up, loads and serves the demo."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "project.demo"
    verbose_name = "Demo"
