"""The home page."""

from typing import Any

from django.views.generic import TemplateView

from docmodels.exceptions import DocmodelsError
from project.films.models import Film, Person
from project.geo.models import City, Country

COLLECTIONS = [Country, City, Film, Person]


class HomeView(TemplateView):
    """Lead to the admin, the API and the dashboard."""

    template_name = "project/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what there is to see, with MongoDB's own cheap count."""
        context = super().get_context_data(**kwargs)
        try:
            context["collections"] = [
                (document._meta, document.objects.estimated_count()) for document in COLLECTIONS
            ]
        except DocmodelsError:
            context["unavailable"] = True
        return context
