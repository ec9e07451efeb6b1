"""Cells that lead elsewhere: web and mail addresses, documents that are referred to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.safestring import SafeString

from docmodels.admin.cells.base import Cell
from docmodels.admin.tree.values import display, visible
from docmodels.fields import EmailField

#: Schemes that may become links; `javascript:` and its kin are shown as text.
SAFE_SCHEMES = frozenset({"http", "https", "ftp", "ftps"})


class LinkCell(Cell):
    """A web or mail address that can be followed safely."""

    template_name = "link.html"
    __slots__ = ()

    def plain(self) -> SafeString:
        """Return the text alone."""
        return self.text

    @property
    def text(self) -> SafeString:
        """Return the address, cut where it is long."""
        return visible(str(self.value), 60)

    @property
    def url(self) -> str:
        """Return the target, empty where following it would not be safe."""
        text = str(self.value).strip()
        if isinstance(self.field, EmailField):
            return f"mailto:{text}" if "@" in text and not set(text) & set(" ?&\"'<>") else ""
        try:
            scheme = urlsplit(text).scheme.lower()
        except ValueError:
            return ""
        return text if scheme in SAFE_SCHEMES else ""


class ReferenceCell(Cell):
    """The document that a key leads to; `extra` is (label, address) where it is known."""

    template_name = "reference.html"
    __slots__ = ()

    def plain(self) -> SafeString:
        """Return the name alone."""
        return self.label

    @property
    def label(self) -> SafeString:
        """Return the name of the document, the key where it was not found."""
        return visible(self.extra[0], 60) if self.extra else display(self.value, 30)

    @property
    def url(self) -> str:
        """Return the page of the document, empty where it may not be opened."""
        return self.extra[1] if self.extra else ""

    @property
    def found(self) -> bool:
        """Return whether the document exists."""
        return self.extra is not None
