"""Every Python example of the README and of the documentation runs."""

from pathlib import Path

import pytest

from docmodels import admin
from docmodels.registry import registry
from tests.docs.examples import app_of, examples_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if "_build" not in page.parts and examples_of(page)
]


@pytest.fixture
def own_registries(monkeypatch):
    """Forget after the test what the examples declared."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    monkeypatch.setattr(registry, "_embedded", dict(registry._embedded))
    monkeypatch.setattr(admin.site, "_registry", dict(admin.site._registry))


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo", "own_registries")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_of_the_page_run(page):
    """The blocks of a page run one after the other, as in one module of an app."""
    with app_of(page) as module:
        for example in examples_of(page):
            code = example.compile()
            if not example.is_settings:
                exec(code, vars(module))
