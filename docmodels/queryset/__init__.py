"""Querysets and managers."""

from docmodels.queryset.manager import BaseManager, Manager
from docmodels.queryset.paging import Page
from docmodels.queryset.queryset import QuerySet

__all__ = ["BaseManager", "Manager", "Page", "QuerySet"]
