"""Stored files on the pages of a document: what is said of them, and what a browser may show."""

from __future__ import annotations

from typing import Any, NamedTuple

from bson import ObjectId
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from docmodels.admin.tree.values import inert

#: Images that a browser draws and never runs; everything else is a download.
SHOWN_TYPES = frozenset(
    {"image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"}
)
#: The largest image that a page draws, in bytes.
MAX_PREVIEW = 5_000_000


class FileLink(NamedTuple):
    """A stored file as a page shows it."""

    name: str
    size: str
    url: str
    is_image: bool
    #: Why there is nothing to open.
    error: str = ""

    @classmethod
    def of(cls, obj: Any, field: Any, url: str) -> FileLink:
        """Return what is shown of the file of a field."""
        stored = field.value_from_object(obj)
        if not isinstance(getattr(stored, "value", None), ObjectId):
            return cls("", "", "", False, _("There is no file under this key."))
        try:
            name, size, kind = stored.name, stored.size, stored.content_type
        except FileNotFoundError:
            return cls("", "", "", False, _("There is no file under this key."))
        finally:
            stored.close()
        shows = kind in SHOWN_TYPES and size <= MAX_PREVIEW
        return cls(inert(name or _("a file"), 80), filesizeformat(size), url, shows)
