"""The dashboard: every declared report, drawn on the server."""

from typing import Any

from django.views.generic import TemplateView

from docmodels.connections import deadline
from docmodels.exceptions import DeadlineExceeded, DocmodelsError
from project.dashboard import charts
from project.films.reports import best_reviewed_countries, box_office_by_genre, films_by_year
from project.geo.reports import cities_by_country, people_by_cell

#: A page does not wait for analytics as long as their alias would.
SECONDS = 10

REPORTS = [
    films_by_year,
    box_office_by_genre,
    people_by_cell,
    cities_by_country,
    best_reviewed_countries,
]


class DashboardView(TemplateView):
    """Run all reports on their alias and show them."""

    template_name = "dashboard/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a panel for each report; all of them together have `SECONDS`."""
        context = super().get_context_data(**kwargs)
        try:
            with deadline(SECONDS):
                context["panels"] = [self.get_panel(report) for report in REPORTS]
        except DocmodelsError:
            context["unavailable"] = True
        return context

    def get_panel(self, report: Any) -> dict[str, Any]:
        """Give one report's result, picture and table, or why there is none."""
        try:
            result = report.run()
        except DeadlineExceeded:
            return {"report": report, "late": True}
        heads, rows = charts.table(result)
        return {
            "report": report,
            "result": result,
            "chart": charts.draw(result),
            "heads": heads,
            "rows": rows,
            "more": len(result.rows) > len(rows),
        }
