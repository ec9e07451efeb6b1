"""What holds for every page: no script or style in it, no foreign host, landmarks, headings."""

import re

import pytest

PAGES = [
    "/admin/",
    "/admin/library/",
    "/admin/library/author/",
    "/admin/library/book/",
    "/admin/library/book/?genre=novel&pages__gte=10&q=book&_count=1&_facet=language",
    "/admin/library/book/?bogus=1",
    "/admin/library/book/65a1b2c3d4e5f60718293a4b/",
]


@pytest.mark.parametrize("path", PAGES)
class TestPage:
    """Each page of the list and around it."""

    def test_nothing_is_inline(self, visitor, books, path):
        """A strict content security policy holds."""
        html = visitor.get(path).html

        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == []
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == []

    def test_no_foreign_host(self, visitor, books, path):
        """Everything comes from the site itself, in few requests."""
        html = visitor.get(path).html
        loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', html)

        assert all(address.startswith("/static/docmodels/") for address in loaded)
        assert len(loaded) + 2 <= 8

    def test_landmarks(self, visitor, books, path):
        """One main heading, landmarks, a way to skip to the content."""
        html = visitor.get(path).html

        assert html.count("<h1") == html.count("<main") == html.count("<header") == 1
        assert html.count("<nav") >= 2
        assert 'href="#content"' in html
        assert '<html lang="en' in html

    def test_every_control_has_a_name(self, visitor, books, path):
        """Inputs have a label, an aria-label or a hidden type."""
        html = visitor.get(path).html
        labelled = set(re.findall(r'<label[^>]*for="([^"]+)"', html))

        for control in re.findall(r"<(?:input|select)\b[^>]*>", html):
            identifier = re.search(r'\bid="([^"]+)"', control)
            inside_label = re.search(r"<label[^>]*>[^§]{0,200}?" + re.escape(control), html)
            assert (
                'type="hidden"' in control
                or "aria-label=" in control
                or (identifier and identifier[1] in labelled)
                or inside_label
            ), control
