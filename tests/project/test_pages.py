"""The pages of the demo project: home, dashboard, API root."""

import re

import pytest
from django.test import override_settings

from project.dashboard.reports import Report
from project.dashboard.views import REPORTS
from project.films.models import Film

POLICY = "default-src 'self'"
UNREACHABLE = {
    "default": {
        "HOST": "mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=200",
        "NAME": "nowhere",
    }
}


SLEEP = "function() { sleep(5000); return true; }"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_demo")
class TestPages:
    def test_home_leads_on(self, client):
        """The home page links to admin, API and dashboard and counts what is there."""
        page = client.get("/").text

        assert {"/admin/", "/api/", "/dashboard/"} <= set(re.findall(r'href="([^"]+)"', page))
        assert "<strong>300</strong> films" in page

    def test_dashboard_draws_every_report(self, client):
        """Each report has a picture, a table, its alias and its time."""
        page = client.get("/dashboard/").text

        assert len(REPORTS) >= 3
        assert page.count('<svg class="chart"') == page.count("<table>") == len(REPORTS)
        assert len(re.findall(r'<span class="alias">slow</span> \d+ ms', page)) == len(REPORTS)

    @pytest.mark.parametrize("url", ["/", "/dashboard/", "/api/"])
    def test_strict_policy_holds(self, client, url):
        """Pages carry the policy, and neither inline code nor foreign hosts."""
        response = client.get(url, headers={"accept": "text/html"})

        assert response.headers["Content-Security-Policy"].startswith(POLICY)
        assert not re.search(r'<script>|<style|\sstyle="|\son\w+="', response.text)
        assert not re.search(r'(?:src|<link[^>]+href)="(?:https?:)?//', response.text)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/dashboard/"])
def test_says_so_when_the_database_is_away(client, mongo, url):
    """The page is served and offers to try again."""
    with override_settings(MONGO_DATABASES=UNREACHABLE):
        response = client.get(url)

    assert response.status_code == 200
    assert "The database does not answer just now." in response.text


@pytest.mark.django_db
def test_late_report_does_not_hold_up_the_page(client, monkeypatch):
    """A report that the deadline ends is replaced by a line, the others are drawn."""
    late = Report(
        query=lambda alias: Film.objects.using(alias).pipeline(
            [{"$match": {"$expr": {"$function": {"body": SLEEP, "args": [], "lang": "js"}}}}]
        ),
        title="Late",
        label="x",
        value="y",
    )
    Film.objects.bulk_create([Film(imdb_id="tt1", title="One", year=2000)])
    monkeypatch.setattr("project.dashboard.views.SECONDS", 1)
    monkeypatch.setattr("project.dashboard.views.REPORTS", [*REPORTS, late])

    page = client.get("/dashboard/").text

    assert page.count("did not come in time") == 1
    assert page.count("<table>") == len(REPORTS)
