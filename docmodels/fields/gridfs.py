"""Files of documents: what a FileField's attribute is, with Django's `File` API."""

from __future__ import annotations

import os
from typing import Any

from bson import ObjectId
from django.core.files.base import File
from django.utils.module_loading import import_string

from docmodels.connections import connections, router
from docmodels.connections.bridging import arun
from docmodels.connections.rows import AsyncRows
from docmodels.connections.twins import twin
from docmodels.transaction import on_commit


class PendingFile:
    """A file that was assigned, and is stored by the next save, under `id`."""

    __slots__ = ("content", "dimensions", "id", "name")

    def __init__(self, content: File, name: str | None = None) -> None:
        self.content = content
        self.id = ObjectId()
        # A browser or the file system may give a path.
        given = name or content.name or ""
        self.name = os.path.basename(given.replace("\\", "/"))
        self.dimensions: Any = None

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return int(self.content.size)

    @property
    def content_type(self) -> str | None:
        """Return the MIME type that the browser told."""
        return getattr(self.content, "content_type", None)

    def __repr__(self) -> str:
        return f"<PendingFile: {self.name}>"


class StoredFile(File):
    """
    The file of a document's field, false where it has none.

    It is read lazily and in pieces: nothing is asked before the first use of
    its name, size or content. `save()` and `delete()` change the document.
    """

    #: As GridFS stores it.
    DEFAULT_CHUNK_SIZE = 255 * 1024

    def __init__(self, instance: Any, field: Any, value: Any) -> None:
        super().__init__(None)
        self.instance = instance
        self.field = field
        #: The key of the stored file, a PendingFile, or None.
        self.value = value
        self._file: Any = None

    @property
    def id(self) -> ObjectId | None:
        """Return the key of the file in GridFS, also before it is stored."""
        return getattr(self.value, "id", self.value)

    @property
    def _alias(self) -> str:
        return self.instance._state.db or router.db_for_read(
            type(self.instance), instance=self.instance
        )

    def _require(self) -> None:
        if self.value is None:
            raise ValueError(f"{self.field}: there is no file.")

    # Content

    def _get_file(self) -> Any:
        self._require()
        if self._file is None:
            if isinstance(self.value, PendingFile):
                self._file = self.value.content
            else:
                alias = self._alias
                # Imported here, as most projects store no files.
                no_file = import_string("gridfs.errors.NoFile")
                with connections[alias].wrap_errors:
                    try:
                        self._file = self.field.get_bucket(alias).open_download_stream(self.value)
                    except no_file as error:
                        raise FileNotFoundError(
                            f"{self.field}: no file {self.value} in GridFS."
                        ) from error
        return self._file

    def _set_file(self, file: Any) -> None:
        self._file = file

    file = property(_get_file, _set_file, doc="The open file, of GridFS or as it was assigned.")

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """
        Go to the start of the content, for reading; usable in `with`.

        `mode` is None or "rb"; raise ValueError for another one, and where there
        is no file, FileNotFoundError where GridFS has lost it.
        """
        if mode not in {None, "rb"}:
            raise ValueError(f"{self.field}: mode {mode!r}, expected 'rb'; save() writes.")
        self.file.seek(0)
        return self

    @property
    def closed(self) -> bool:
        """Return whether nothing is open."""
        return self._file is None

    def close(self) -> None:
        """Forget the open file; the next use opens it again."""
        file, self._file = self._file, None
        if file is not None and not isinstance(self.value, PendingFile):
            file.close()

    # What is known of it

    @property
    def name(self) -> Any:
        """Return the name that it was given, None where there is no file."""
        if self.value is None:
            return None
        return self.value.name if isinstance(self.value, PendingFile) else self.file.filename

    @name.setter
    def name(self, value: Any) -> None:
        """Take no name: Django's constructor gives one."""

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        self._require()
        if isinstance(self.value, PendingFile):
            return self.value.size
        return int(self.file.length)

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what is stored beside the content."""
        self._require()
        if isinstance(self.value, PendingFile):
            return dict(self.field.get_metadata(self.value))
        return dict(self.file.metadata or {})

    @property
    def content_type(self) -> str | None:
        """Return the MIME type that was told, if any."""
        return self.metadata.get("contentType")

    @property
    def uploaded_at(self) -> Any:
        """Return the moment when it was stored, None before."""
        self._require()
        return None if isinstance(self.value, PendingFile) else self.file.upload_date

    @property
    def width(self) -> int | None:
        """Return the width of an image, in pixels."""
        return self.metadata.get("width")

    @property
    def height(self) -> int | None:
        """Return the height of an image, in pixels."""
        return self.metadata.get("height")

    @property
    def url(self) -> str:
        """Return the address that the field's `url` gives."""
        self._require()
        if self.field.url is None:
            raise AttributeError(f"{self.field}: no url, expected FileField(url=function).")
        return str(self.field.url(self))

    # Changes

    def save(self, name: str, content: File, save: bool = True) -> None:
        """
        Put `content` in the place of the file, called `name`.

        Save the document, too, unless `save` is false.
        """
        setattr(self.instance, self.field.attname, PendingFile(content, name))
        self.value = self.instance._slot_value(self.field)
        self._file = None
        if save:
            self.instance.save()
            self.value = self.instance._slot_value(self.field)

    def delete(self, save: bool = True) -> None:
        """Take the file from the document, save it, and delete the content."""
        if self.value is None:
            return
        key, alias = self.value, self._alias
        self.close()
        if self.field.null:
            setattr(self.instance, self.field.attname, None)
        else:
            delattr(self.instance, self.field.attname)
        self.value = None
        if save:
            self.instance.save()
        if isinstance(key, ObjectId):
            on_commit(lambda: self.field.remove(key, alias), alias)

    # For coroutines; after `aopen()` everything that is known of the file can be read

    aopen = twin(open)
    aclose = twin(close)
    asave = twin(save)
    adelete = twin(delete)

    def achunks(self, chunk_size: int | None = None) -> AsyncRows[bytes]:
        """Read the content from its start, `chunk_size` bytes at a time."""
        return AsyncRows(lambda: self.chunks(chunk_size))

    async def aread(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, all that are left where it is negative."""
        content: bytes = await arun(lambda: self.read(size))
        return content

    def __bool__(self) -> bool:
        return self.value is not None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StoredFile):
            return self.id == other.id
        return bool(self.id == other)

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.name or ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.id}>"

    def __reduce__(self) -> Any:
        # A copy of the document makes its own.
        return (_nothing, ())


def _nothing() -> None:
    """Return None, what a copied or pickled StoredFile is."""


class FileAttribute(property):
    """Give the StoredFile of a slot; the same one until the slot changes."""

    def __init__(self, field: Any, slot: Any) -> None:
        key = f"_{field.name}_file"

        def read(instance: Any) -> Any:
            if not instance._is_loaded(field):
                instance._load_deferred(field)
            try:
                value = slot.__get__(instance)
            except AttributeError:
                value = None
            if not (value is None or isinstance(value, (ObjectId, PendingFile))):
                # Stored by somebody else, and no key of a file.
                return value
            known: StoredFile | None = instance.__dict__.get(key)
            if known is None or known.instance is not instance or known.value is not value:
                known = StoredFile(instance, field, value)
                instance.__dict__[key] = known
            return known

        super().__init__(read)
        self.field = field
