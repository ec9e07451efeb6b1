"""
The browsing UI: `admin.site`, `admin.register`, `admin.DocumentAdmin`.

Names are loaded when they are first used: importing this package does nothing,
so that it may stand in INSTALLED_APPS and be found by Django's autodiscovery.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docmodels.admin.decorators import action, display, register
    from docmodels.admin.filters import ListFilter, SimpleListFilter
    from docmodels.admin.inlines import EmbeddedInline
    from docmodels.admin.options import DocumentAdmin
    from docmodels.admin.sites import AdminSite, site

_MODULES = {
    "AdminSite": "docmodels.admin.sites",
    "DocumentAdmin": "docmodels.admin.options",
    "EmbeddedInline": "docmodels.admin.inlines",
    "ListFilter": "docmodels.admin.filters",
    "SimpleListFilter": "docmodels.admin.filters",
    "action": "docmodels.admin.decorators",
    "display": "docmodels.admin.decorators",
    "register": "docmodels.admin.decorators",
    "site": "docmodels.admin.sites",
}

__all__ = [
    "AdminSite",
    "DocumentAdmin",
    "EmbeddedInline",
    "ListFilter",
    "SimpleListFilter",
    "action",
    "display",
    "register",
    "site",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
