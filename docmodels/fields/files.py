"""
Fields that hold files: the content is in GridFS, the document has its key.

Nothing is deleted on its own, as in Django: a replaced file and the file of a
deleted document stay until `document.photo.delete()` or `delete_orphans()`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from bson import ObjectId
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from django.core.files.images import get_image_dimensions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from docmodels.connections import connections, router
from docmodels.connections.collections import collection_of, collection_options
from docmodels.connections.twins import rows_twin, twin
from docmodels.fields.companions import OfDocument
from docmodels.fields.gridfs import FileAttribute, PendingFile, StoredFile
from docmodels.transaction import in_transaction, on_rollback

if TYPE_CHECKING:
    from gridfs import GridFSBucket

    from docmodels.fields.typed import ListOptions

#: How many files are looked up at a time.
BATCH = 1000


class FileField(OfDocument[StoredFile, File | StoredFile | ObjectId | str | bool | None]):
    """
    A file in GridFS; the document stores the ObjectId of the file.

    Assign any `django.core.files.File`: it is streamed into GridFS when the
    document is saved, after the validation, and removed again if the save
    fails. The attribute is a `StoredFile`, with the methods of Django's
    `FieldFile`. `bucket` names the GridFS bucket, `max_size` bounds the bytes,
    `url` is a function of the StoredFile.
    """

    description: ClassVar[str] = "a file"
    bson_types: ClassVar[frozenset[str]] = frozenset({"objectId"})
    python_types: ClassVar[tuple[type, ...]] = (ObjectId, PendingFile, StoredFile)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_size": _("“%(name)s” has %(size)d bytes, at most %(limit)d are allowed."),
        "name": _("The file has no name."),
    }

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        bucket: str = "fs",
        max_size: int | None = None,
        url: Callable[[StoredFile], str] | None = None,
        **options: Unpack[ListOptions[object]],
    ) -> None:
        super().__init__(verbose_name, **options)
        self.bucket = bucket
        self.max_size = max_size
        self.url = url

    def make_attribute(self, slot: Any) -> Any:
        """Return the attribute that gives a StoredFile."""
        return FileAttribute(self, slot)

    # The value pipeline

    def to_python(self, value: Any) -> Any:
        """Take a file, or the key of a stored one."""
        if value is None or value == "" or value is False:
            return None
        if isinstance(value, StoredFile):
            return value.value
        if isinstance(value, (ObjectId, PendingFile)):
            return value
        if isinstance(value, File):
            return PendingFile(value)
        if isinstance(value, str) and ObjectId.is_valid(value):
            return ObjectId(value)
        raise self.invalid(value)

    def get_prep_value(self, value: Any) -> Any:
        """Return the key."""
        return value.id if isinstance(value, (PendingFile, StoredFile)) else value

    def run_validators(self, value: Any) -> None:
        """Judge a file that is not stored yet; a key has nothing to judge."""
        if isinstance(value, PendingFile):
            if not value.name:
                raise self.error("name")
            if self.max_size is not None and value.size > self.max_size:
                raise self.error("max_size", name=value.name, size=value.size, limit=self.max_size)
            super().run_validators(value)

    # GridFS

    def get_bucket(self, alias: str) -> GridFSBucket:
        """Return the driver's own bucket."""
        # The bucket's own options are not those of its writes.
        return connections[alias].bucket(self.bucket, **collection_options(self.model._meta))

    def _part(self, connection: Any, name: str) -> Any:
        # Of what is to be deleted, nothing but the newest state counts.
        meta = self.model._meta
        return collection_of(meta, connection, fresh=True, beside=f"{self.bucket}.{name}")

    def get_metadata(self, pending: PendingFile) -> dict[str, Any]:
        """Return what is noted beside the content."""
        found = {"document": self.model._meta.label, "field": self.name}
        if pending.content_type:
            found["contentType"] = pending.content_type
        return found

    def store_companions(self, documents: Sequence[Any], alias: str) -> Callable[[], None]:
        """Stream the new files into GridFS; return what removes them again."""
        stored: list[tuple[Any, PendingFile]] = []

        def undo() -> None:
            for document, pending in stored:
                self.remove(pending.id, alias)
                self.slot_set(document, pending)  # type: ignore[attr-defined]

        try:
            for document in documents:
                pending = document._slot_value(self)
                if isinstance(pending, PendingFile):
                    self._upload(pending, alias)
                    self.slot_set(document, pending.id)  # type: ignore[attr-defined]
                    stored.append((document, pending))
        except BaseException:
            undo()
            raise
        if stored and in_transaction(alias):
            # GridFS takes no part in transactions.
            on_rollback(undo, alias)
        return undo

    def _upload(self, pending: PendingFile, alias: str) -> None:
        with connections[alias].wrap_write_errors:
            stream = self.get_bucket(alias).open_upload_stream_with_id(
                pending.id, pending.name, metadata=self.get_metadata(pending)
            )
            # An error inside leaves no file behind.
            with stream:
                for chunk in pending.content.chunks():
                    stream.write(chunk)

    def remove(self, key: ObjectId, alias: str) -> None:
        """Delete a file from GridFS, which may be gone already."""
        connection = connections[alias]
        connection.require_writable(f"{self}.remove()")
        with connection.wrap_write_errors:
            self._part(connection, "files").delete_one({"_id": key})
            self._part(connection, "chunks").delete_many({"files_id": key})

    def orphans(
        self,
        using: str | None = None,
        older_than: datetime.timedelta = datetime.timedelta(hours=1),
    ) -> Iterator[ObjectId]:
        """Yield the keys of this field's files that no document has, young ones apart."""
        connection = connections[using or router.db_for_write(self.model)]
        meta = self.model._meta
        with connection.wrap_errors:
            cursor = self._part(connection, "files").find(
                {
                    "metadata.document": meta.label,
                    "metadata.field": self.name,
                    "uploadDate": {"$lt": timezone.now() - older_than},
                },
                {"_id": 1},
                batch_size=BATCH,
            )
            keys = [entry["_id"] for entry in cursor]
            for start in range(0, len(keys), BATCH):
                batch = keys[start : start + BATCH]
                held = collection_of(meta, connection, fresh=True).distinct(
                    self.db_field, {self.db_field: {"$in": batch}}
                )
                yield from (key for key in batch if key not in held)

    def delete_orphans(
        self,
        using: str | None = None,
        older_than: datetime.timedelta = datetime.timedelta(hours=1),
    ) -> int:
        """Delete the files that `orphans()` gives; return their number."""
        alias = using or router.db_for_write(self.model)
        keys = list(self.orphans(alias, older_than))
        for key in keys:
            self.remove(key, alias)
        return len(keys)

    aremove = twin(remove)
    aorphans = rows_twin(orphans)
    adelete_orphans = twin(delete_orphans)


class ImageField(FileField):
    """
    An image in GridFS, with its `width` and `height`; needs Pillow.

    What Pillow does not know as an image is refused.
    """

    description: ClassVar[str] = "an image"
    default_error_messages: ClassVar[dict[str, Any]] = {
        "image": _("“%(name)s” is not an image, or it is damaged."),
    }

    def run_validators(self, value: Any) -> None:
        """Demand an image."""
        if isinstance(value, PendingFile) and self._dimensions(value) == (None, None):
            raise self.error("image", name=value.name)
        super().run_validators(value)

    def get_metadata(self, pending: PendingFile) -> dict[str, Any]:
        """Note the dimensions as well."""
        width, height = self._dimensions(pending)
        return super().get_metadata(pending) | {"width": width, "height": height}

    def _dimensions(self, pending: PendingFile) -> tuple[int | None, int | None]:
        if pending.dimensions is None:
            try:
                pending.dimensions = get_image_dimensions(pending.content)
            except ImportError as error:
                raise ImproperlyConfigured(
                    f"{self}: Pillow is not installed, expected it for an ImageField. "
                    f"Install docmodels[images]."
                ) from error
        found: tuple[int | None, int | None] = pending.dimensions
        return found
