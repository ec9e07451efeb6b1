"""`register`, `display` and `action`: the last two are Django's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.admin import ModelAdmin
from django.contrib.admin.decorators import action, display
from django.contrib.admin.sites import AdminSite as DjangoAdminSite

from docmodels.admin.options import DocumentAdmin
from docmodels.admin.sites import site as default_site

__all__ = ["action", "display", "register"]

A = TypeVar("A", bound=type[Any])


def register(*models: type[Any], site: DjangoAdminSite | None = None) -> Callable[[A], A]:
    """
    Register documents with the decorated DocumentAdmin.

    `site` is the admin site to use instead of `docmodels.admin.site`. Django's
    models can be registered too, with a ModelAdmin.
    """
    if not models:
        raise ValueError("At least one document must be passed to register.")
    admin_site = default_site if site is None else site
    if not isinstance(admin_site, DjangoAdminSite):
        raise ValueError(f"site: {site!r}, expected an instance of AdminSite.")

    def wrapper(admin_class: A) -> A:
        if not issubclass(admin_class, (DocumentAdmin, ModelAdmin)):
            raise ValueError(
                f"{admin_class.__qualname__}: expected a subclass of DocumentAdmin to register."
            )
        admin_site.register(models, admin_class=admin_class)  # type: ignore[arg-type]
        return admin_class

    return wrapper
