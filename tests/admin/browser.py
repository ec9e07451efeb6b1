"""A browser without JavaScript: it opens a page, fills its form, and sends what it shows."""

from __future__ import annotations

from html.parser import HTMLParser

from django.test import Client


class FormParser(HTMLParser):
    """Collect the controls of the page's own form, as a browser would send them."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id = form_id
        self.inside = False
        #: Name and value, in order; unticked boxes are left out.
        self.fields = []
        self.unticked = {}
        self._select = None
        self._options = []
        self._area = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("id") == self.form_id
        if not self.inside or "disabled" in attrs:
            return
        name = attrs.get("name")
        if tag == "input" and name and attrs.get("type") != "submit":
            if attrs.get("type") in {"checkbox", "radio"} and "checked" not in attrs:
                self.unticked[name] = attrs.get("value", "on")
                return
            self.fields.append((name, sent(attrs.get("value", ""), attrs.get("type"))))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append([attrs.get("value"), "selected" in attrs, ""])
        elif tag == "textarea":
            self._area = (name, [])

    def handle_data(self, data):
        if self._area is not None:
            self._area[1].append(data)
        elif self._select and self._options:
            self._options[-1][2] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self._area is not None:
            name, parts = self._area
            # The parser of a browser drops the first line break of a text area.
            self.fields.append((name, sent("".join(parts).removeprefix("\n"), "textarea")))
            self._area = None
        elif tag == "select" and self._select:
            values = [o[0] if o[0] is not None else o[2] for o in self._options]
            chosen = [i for i, option in enumerate(self._options) if option[1]] or [0]
            if values:
                self.fields.append((self._select, values[chosen[0]]))
            self._select = None


def sent(value, kind):
    """Return what a browser sends for a value: it rewrites line breaks."""
    if kind in {None, "text"}:
        return value.replace("\r", "").replace("\n", "")
    if kind == "textarea":
        return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    if kind == "datetime-local" and value.endswith(":00.000"):
        # Browsers leave out seconds that are zero.
        return value.removesuffix(":00.000")
    return value


class Page:
    """One answer, with its form."""

    def __init__(self, browser, url, response, form_id):
        self.browser = browser
        self.url = url
        self.response = response
        self.status = response.status_code
        self.text = response.content.decode()
        parser = FormParser(form_id)
        parser.feed(self.text)
        self.fields = parser.fields
        self.unticked = parser.unticked

    def __contains__(self, text):
        return text in self.text

    def value(self, path, kind=""):
        """Return what an input shows."""
        name = f"f:{path}{kind}"
        found = [value for known, value in self.fields if known == name]
        assert found, f"{name} is not on the page: {sorted(n for n, _v in self.fields)}"
        return found[0]

    def send(self, changes=None, *, button="_save", value="1", form_id="document-form", raw=None):
        """Send the form with some inputs changed; names without `f:` are paths."""
        data = {}
        for name, found in self.fields:
            data.setdefault(name, []).append(found)
        for path, new in (changes or {}).items():
            name = f"f:{path}"
            known = name in data or name in self.unticked
            assert known, f"{name} is not on the page: {sorted(data)}"
            data[name] = [new]
        data.update(raw or {})
        if button:
            data[button] = [value]
        response = self.browser.client.post(self.url, data)
        return Page(self.browser, self.url, response, form_id)


class Browser:
    """A logged-in person."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)

    def open(self, url, form_id="document-form"):
        """Open a page."""
        return Page(self, url, self.client.get(url), form_id)
