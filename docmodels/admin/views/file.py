"""The content of a stored file, for who may see its document."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from docmodels.admin.files import SHOWN_TYPES
from docmodels.admin.views.document import DocumentPage
from docmodels.fields import FileField

#: Whatever a file holds, nothing in it runs and nothing of it is fetched.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class FileView(DocumentPage):
    """
    Stream the file of a field.

    The type that an upload told of itself is not trusted: images of known
    kinds are shown, everything else is a download.
    """

    http_method_names = ["get", "head", "options"]

    def get(self, request: Any, *args: Any, **kwargs: Any) -> FileResponse:
        """Answer with the content; raise Http404 where there is none."""
        _stored, obj = self.load()
        field = self.opts.by_name.get(kwargs["field"])
        if not isinstance(field, FileField) or field.hidden:
            raise Http404(_("There is no file at this path."))
        file = field.value_from_object(obj)
        if not isinstance(getattr(file, "value", None), ObjectId):
            raise Http404(_("There is no file at this path."))
        try:
            content = file.open().file
        except FileNotFoundError as error:
            raise Http404(_("There is no file under this key.")) from error
        shown = file.content_type in SHOWN_TYPES
        return FileResponse(
            content,
            as_attachment=not shown or "download" in request.GET,
            filename=file.name or str(file.id),
            content_type=file.content_type if shown else "application/octet-stream",
            headers={
                "Content-Security-Policy": SANDBOX,
                "X-Content-Type-Options": "nosniff",
            },
        )
