"""The admin site: documents, and Django's own models beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.admin.exceptions import AlreadyRegistered
from django.contrib.admin.sites import AdminSite as DjangoAdminSite
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import autodiscover_modules
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from docmodels.admin.options import DocumentAdmin
from docmodels.admin.views.index import add_counts, recent_actions


class AdminSite(DjangoAdminSite):
    """
    An admin site that takes documents as well as models.

    What is registered with Django's default site is shown too, so that one
    address, one login and one sidebar serve both.
    """

    site_title = _("Administration")
    site_header = _("Administration")
    index_title = _("Overview")
    index_template = "docmodels/admin/index.html"
    app_index_template = "docmodels/admin/index.html"
    login_template = "docmodels/admin/login.html"

    #: Whether models registered with Django's own site are shown (default: True).
    show_django_models = True

    def __init__(self, name: str = "docmodels") -> None:
        super().__init__(name)
        self._discovered = False

    # Registration

    def register(
        self,
        model_or_iterable: type[Any] | Iterable[type[Any]],
        admin_class: type[Any] | None = None,
        **options: Any,
    ) -> None:
        """
        Register documents with `admin_class`, DocumentAdmin unless given.

        `options` become attributes of the admin class. Django's models are
        registered as Django does it.
        """
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        for model in models:
            if _is_document(model):
                self._register_document(model, admin_class or DocumentAdmin, options)
            else:
                super().register(model, admin_class, **options)

    def _register_document(
        self, model: type[Any], admin_class: type[Any], options: dict[str, Any]
    ) -> None:
        if model._meta.abstract:
            raise ImproperlyConfigured(
                f"The document {model.__name__} is abstract, so it cannot be registered with admin."
            )
        if model._meta.embedded:
            raise ImproperlyConfigured(
                f"{model.__name__} is an embedded document, it has no collection. Register the "
                f"document that holds it; EmbeddedInline says how it is shown there."
            )
        if not issubclass(admin_class, DocumentAdmin):
            raise ImproperlyConfigured(
                f"{admin_class.__name__} cannot be used for the document {model.__name__}, "
                f"expected a subclass of docmodels.admin.DocumentAdmin."
            )
        for known, known_admin in self._registry.items():
            if known is model or (
                _is_document(known) and known._meta.label_lower == model._meta.label_lower
            ):
                raise AlreadyRegistered(
                    f"The document {model.__name__} is already registered with {known_admin}."
                )
        if options:
            options["__module__"] = __name__
            admin_class = type(f"{model.__name__}Admin", (admin_class,), options)
        self._registry[model] = admin_class(model, self)

    def discover(self) -> None:
        """Import the `admin` module of every app, once, and take Django's models."""
        if not self._discovered:
            self._discovered = True
            autodiscover_modules("admin", register_to=self)
        if self.show_django_models:
            for model, model_admin in django_admin.site._registry.items():
                if not self.is_registered(model):
                    self._registry[model] = type(model_admin)(model, self)

    def check(self, app_configs: Any) -> list[Any]:
        """Run the system checks of what is registered, in any `admin` module."""
        self.discover()
        return super().check(app_configs)

    # Pages

    def get_urls(self) -> list[Any]:
        """Return the addresses of everything that is registered."""
        self.discover()
        return super().get_urls()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page needs; Django's own pages take our frame."""
        context = super().each_context(request)
        context["docmodels_frame"] = "docmodels/admin/django.html"
        context["current_path"] = request.path
        return context

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show all collections and tables, and what the user did last."""
        context = {
            "app_list": self._counted_apps(request),
            "counts": "counts" in request.GET,
            "recent": recent_actions(request, self.name),
        }
        return super().index(request, context | (extra_context or {}))

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Show the collections and tables of one app."""
        context = {
            "app_list": self._counted_apps(request, app_label),
            "counts": "counts" in request.GET,
        }
        return super().app_index(request, app_label, context | (extra_context or {}))

    def _counted_apps(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        app_list = self.get_app_list(request, app_label)
        # The names do not wait for the database; the page asks again with ?counts.
        if "counts" in request.GET:
            add_counts(app_list)
        return app_list

    def _build_app_dict(self, request: HttpRequest, label: Any = None) -> dict[str, dict[str, Any]]:
        # Django's own asks apps.get_app_config(), which knows no label of
        # documents that were declared outside of an app.
        found: dict[str, dict[str, Any]] = {}
        for model, model_admin in self._registry.items():
            app_label = model._meta.app_label
            if label is not None and app_label != label:
                continue
            if not model_admin.has_module_permission(request):
                continue
            perms = model_admin.get_model_perms(request)
            if True not in perms.values():
                continue
            app = found.setdefault(app_label, self._app_entry(app_label))
            app["models"].append(self._model_entry(model, perms))
        return found

    def _app_entry(self, app_label: str) -> dict[str, Any]:
        config = apps.app_configs.get(app_label)
        return {
            "name": config.verbose_name if config else capfirst(app_label.replace("_", " ")),
            "app_label": app_label,
            "app_url": reverse(
                "admin:app_list", kwargs={"app_label": app_label}, current_app=self.name
            ),
            "has_module_perms": True,
            "models": [],
        }

    def _model_entry(self, model: type[Any], perms: dict[str, bool]) -> dict[str, Any]:
        meta = model._meta
        visible = perms.get("change") or perms.get("view")
        return {
            "model": model,
            "name": capfirst(meta.verbose_name_plural),
            "object_name": meta.object_name,
            "perms": perms,
            "view_only": not perms.get("change"),
            "admin_url": self._url(meta, "changelist") if visible else None,
            "add_url": self._url(meta, "add") if perms.get("add") else None,
            "is_document": _is_document(model),
        }

    def _url(self, meta: Any, page: str) -> str | None:
        try:
            return reverse(
                f"admin:{meta.app_label}_{meta.model_name}_{page}", current_app=self.name
            )
        except NoReverseMatch:
            return None


def _is_document(model: Any) -> bool:
    # Embedded ones too: they get a message of their own.
    return hasattr(getattr(model, "_meta", None), "collection")


#: The admin site: `path("admin/", admin.site.urls)`.
site: AdminSite = AdminSite()
