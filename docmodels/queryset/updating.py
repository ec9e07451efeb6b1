"""Updates by operators: of all that matches, of the first, and of what may not be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from bson import ObjectId
from pymongo import ReturnDocument

from docmodels.query.updates import Pipeline, Update, make_update
from docmodels.query.upserts import equalities, insertable, refuse_computed_names
from docmodels.queryset import iterables
from docmodels.queryset.collections import collection_of, collection_to_insert
from docmodels.queryset.crossing import settled
from docmodels.queryset.guarded import GuardedMixin, narrowed
from docmodels.queryset.hooking import hooked
from docmodels.transaction import current_session

D = TypeVar("D")

#: What an update is given: values by path, or a pipeline.
Values = Mapping[str, Any] | Pipeline | None


class UpdatingMixin(GuardedMixin[D]):
    """`update`, `update_one`, `upsert`."""

    @hooked("update")
    @narrowed(combine=sum)
    def update(
        self,
        values: Values = None,
        /,
        *,
        allow_all: bool = False,
        validate: bool = True,
        timestamps: bool = True,
        upsert: bool = False,
        array_filters: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> int:
        """
        Update what matches, in one command; return the number of matches.

        A value is stored, `F("stock") - 1` computes, operators are in
        `documents.ops`. Paths that are no Python names, as `"lines.$[].price"`,
        are given in a dict; `array_filters` has a Q for each name in brackets.
        Values are cast and, unless `validate` is false, judged; the time of
        change is stored unless `timestamps` is false. With `upsert=True` a
        document is inserted where none matches, and counts as one.

        Without any filter `allow_all=True` is needed. Raise ValidationError by
        path for values and for duplicate keys, FieldError for paths.
        """
        self._refuse_cut("update")
        self._refuse_all("update", allow_all)
        update = self._make_update(
            values, more, validate=validate, timestamps=timestamps, upsert=upsert,
            array_filters=array_filters,
        )  # fmt: skip
        if not update or self.query.empty:
            return 0
        connection = self._writing_connection("update")
        return self._send_update("update_many", connection, update, upsert=upsert)

    @hooked("update")
    @narrowed()
    def update_one(
        self,
        values: Values = None,
        /,
        *,
        allow_all: bool = False,
        validate: bool = True,
        timestamps: bool = True,
        upsert: bool = False,
        array_filters: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> int:
        """
        Update the first match in the order of the queryset; return 1, or 0 for none.

        Arguments are those of `update()`. Without a filter an `order_by()` or
        `allow_all=True` is needed.
        """
        self._refuse_cut("update_one")
        self._refuse_any("update_one", allow_all)
        update = self._make_update(
            values, more, validate=validate, timestamps=timestamps, upsert=upsert,
            array_filters=array_filters,
        )  # fmt: skip
        if not update or self.query.empty:
            return 0
        connection = self._writing_connection("update_one")
        if sort := self.query.sort():
            # `update` knows no order before server 8.0, `findAndModify` does.
            found = self._find_and_update(
                connection, update, upsert=upsert, sort=sort, projection={"_id": 1}
            )
            return int(found is not None or upsert)
        return self._send_update("update_one", connection, update, upsert=upsert)

    def _send_update(self, method: str, connection: Any, update: Any, *, upsert: bool) -> int:
        """Let the driver's method send `update`; return how many it found or inserted."""
        collection = self._collection_to_update(connection, upsert)
        where = self._where_to_send(upsert)
        follow = self.model._prepare_update(where, update, connection.alias)
        result = self._write(
            connection,
            lambda: getattr(collection, method)(
                where,
                update.document,
                session=current_session(connection.alias),
                **_upsert(upsert),
                **update.options,
                **self._write_options(),
            ),
            upsert=upsert,
        )
        if follow is not None:
            follow()
        return int(result.matched_count + (result.upserted_id is not None))

    @hooked("find_one_and_update")
    def upsert(
        self,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        *,
        validate: bool = True,
        timestamps: bool = True,
        **conditions: Any,
    ) -> tuple[D, bool]:
        """
        Update the match of `conditions`, or insert a document, in one atomic command.

        It is `update_or_create()` without the moment between the two, and
        without the hooks and signals of a save: `defaults` are stored in either
        case and may be operators, `create_defaults` only where it inserts.
        `validate` and `timestamps` are those of `update()`. Return the document
        and whether it is new.
        """
        queryset: Any = self.filter(**conditions) if conditions else self._clone()
        if queryset.query.is_pipeline and not queryset.query.is_sliced:
            refuse_computed_names(queryset.query)
            plain = queryset._without_stages("upsert", any_order=False)
            queryset = queryset if plain is None else plain
        queryset = settled(queryset, joins=False)
        queryset._refuse_cut("upsert")
        queryset._refuse_all("upsert", False)
        values = {name: _called(value) for name, value in (defaults or {}).items()}
        made = {name: _called(value) for name, value in (create_defaults or {}).items()}
        update = queryset._make_update(
            values, None, validate=validate, timestamps=timestamps, upsert=True, only_insert=made
        )
        connection = queryset._writing_connection("upsert")
        keys = equalities(queryset.query.compile_filter())
        if "_id" in keys:
            collection = queryset._collection_to_update(connection, True)
            where = queryset._where_to_send(True)
            follow = queryset.model._prepare_update(where, update, connection.alias)
            result = queryset._write(
                connection,
                lambda: collection.update_one(
                    where,
                    update.document,
                    upsert=True,
                    session=current_session(connection.alias),
                    **queryset._write_options(),
                ),
                upsert=True,
            )
            if follow is not None:
                follow()
            return queryset.without_hooks().get(), result.upserted_id is not None
        # A key made here tells afterwards whether the document is new.
        key = update.document.setdefault("$setOnInsert", {}).setdefault("_id", ObjectId())
        raw = queryset._find_and_update(
            connection, update, upsert=True, sort=queryset.query.sort() or None,
            projection=queryset.query.projection(), return_document=ReturnDocument.AFTER,
        )  # fmt: skip
        created = raw["_id"] == key
        return queryset._made(raw, connection), created

    def _make_update(
        self,
        values: Values,
        more: Mapping[str, Any] | None,
        *,
        validate: bool,
        timestamps: bool,
        upsert: bool,
        array_filters: Mapping[str, Any] | None = None,
        only_insert: Mapping[str, Any] | None = None,
    ) -> Update:
        return make_update(
            self.model._meta,
            values,
            more,
            validate=validate,
            timestamps=timestamps,
            upsert=upsert,
            conditions=self.query.compile_filter(),
            array_filters=array_filters,
            only_insert=only_insert,
        )

    def _where_to_send(self, upsert: bool) -> dict[str, Any]:
        where = self.query.compile_filter()
        return insertable(self.model._meta, where) if upsert else where

    def _collection_to_update(self, connection: Any, upsert: bool) -> Any:
        make = collection_to_insert if upsert else collection_of
        return make(self.model._meta, connection)

    def _find_and_update(
        self, connection: Any, update: Update, *, upsert: bool = False, **options: Any
    ) -> Any:
        """Update the first match; return it raw, before unless said otherwise, or None."""
        collection = self._collection_to_update(connection, upsert)
        where = self._where_to_send(upsert)
        follow = self.model._prepare_update(where, update, connection.alias)
        found = self._write(
            connection,
            lambda: collection.find_one_and_update(
                where,
                update.document,
                session=current_session(connection.alias),
                **_upsert(upsert),
                **options,
                **update.options,
                **self._write_options(),
            ),
            upsert=upsert,
        )
        if follow is not None:
            follow()
        return found

    def _made(self, raw: Any, connection: Any) -> Any:
        """Return what the queryset makes of one stored dict; None for none."""
        if raw is None:
            return None
        source = self._clone()
        source.query.lazy = False
        made = iterables.converter(source, connection)([raw])
        iterables.announce(source, made)
        source._complete(made)
        return made[0]


def _upsert(upsert: bool) -> dict[str, Any]:
    return {"upsert": True} if upsert else {}


def _called(value: Any) -> Any:
    return value() if callable(value) else value
