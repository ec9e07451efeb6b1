"""The app of the dashboard."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "project.dashboard"
    verbose_name = "Dashboard"
