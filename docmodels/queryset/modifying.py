"""Find one document and update, replace or delete it, atomically."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import FieldError
from pymongo import ReturnDocument

from docmodels.fields.companions import with_companions
from docmodels.query.updates import Update
from docmodels.queryset.collections import collection_of
from docmodels.queryset.guarded import narrowed
from docmodels.queryset.hooking import hooked
from docmodels.queryset.replacing import make_replacement, narrow, replace_stages
from docmodels.queryset.updating import UpdatingMixin, Values
from docmodels.transaction import current_session

D = TypeVar("D")

#: How often another document is tried where somebody else was faster to delete one.
ATTEMPTS = 100


class FindAndModifyMixin(UpdatingMixin[D]):
    """`find_one_and_update`, `find_one_and_replace`, `find_one_and_delete`, `delete_one`."""

    @hooked("find_one_and_update")
    @narrowed()
    def find_one_and_update(
        self,
        values: Values = None,
        /,
        *,
        return_new: bool = False,
        upsert: bool = False,
        allow_all: bool = False,
        validate: bool = True,
        timestamps: bool = True,
        array_filters: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> D | None:
        """
        Update the first match in the order of the queryset; return the document.

        It is as it was before, with `return_new=True` as it is after; None
        where nothing matches, or nothing was there before an upsert. `only()`,
        `select()` and `values()` shape what is returned. The other arguments
        are those of `update()`; without a filter an `order_by()` or
        `allow_all=True` is needed.
        """
        self._refuse_cut("find_one_and_update")
        self._refuse_any("find_one_and_update", allow_all)
        update = self._make_update(
            values, more, validate=validate, timestamps=timestamps, upsert=upsert,
            array_filters=array_filters,
        )  # fmt: skip
        if self.query.empty:
            return None
        if not update:
            raise ValueError(
                f"{self._name}.find_one_and_update(): nothing to update, expected values by path."
            )
        connection = self._writing_connection("find_one_and_update")
        return self._made(self._modify(connection, update, return_new, upsert), connection)

    @hooked("find_one_and_replace")
    @narrowed()
    def find_one_and_replace(
        self,
        replacement: Any,
        /,
        *,
        return_new: bool = False,
        upsert: bool = False,
        allow_all: bool = False,
        validate: bool = True,
        timestamps: bool = True,
    ) -> D | None:
        """
        Store `replacement` in place of the first match; return the document.

        It is an object of the class, or a dict by field names; its key is
        ignored. The stored key and immutable fields stay, the version goes on,
        undeclared data goes. A time of change that the replacement has is kept.
        The document is as it was before, with `return_new=True` as it is after,
        None for none. `upsert` inserts it where nothing matches; `validate=False`
        does not judge it, `timestamps=False` sets no times; without a filter an
        `order_by()` or `allow_all=True` is needed. Raise ValidationError by path.
        """
        self._refuse_cut("find_one_and_replace")
        self._refuse_any("find_one_and_replace", allow_all)
        document = make_replacement(
            self.model,
            replacement,
            "find_one_and_replace",
            validate=validate,
            timestamps=timestamps,
        )
        if self.query.empty:
            return None
        connection = self._writing_connection("find_one_and_replace")
        queryset = self._clone()
        queryset.query.where = narrow(self.query.compile_filter(), document, upsert=upsert)
        with with_companions([document], connection.alias):
            update = Update(replace_stages(document), [])
            raw = queryset._modify(connection, update, return_new, upsert)
        self._result_cache = None
        return self._made(raw, connection)

    @hooked("find_one_and_delete")
    @narrowed()
    def find_one_and_delete(self, *, allow_all: bool = False) -> D | None:
        """
        Delete the first match in the order of the queryset; return it, or None.

        Without rules of references, hooks and signals it is one command. With
        them the document is read and deleted as its own `delete()` does; of
        several who try at once each gets another one. Without a filter an
        `order_by()` or `allow_all=True` is needed.
        """
        self._refuse_cut("find_one_and_delete")
        self._refuse_any("find_one_and_delete", allow_all)
        if self.query.empty:
            return None
        connection = self._writing_connection("find_one_and_delete")
        if not self.model._deletes_plainly():
            return self._delete_by_rules("find_one_and_delete")
        return self._made(self._find_and_delete(connection, self.query.projection()), connection)

    @hooked("delete")
    @narrowed()
    def delete_one(self, *, allow_all: bool = False) -> tuple[int, dict[str, int]]:
        """
        Delete the first match in the order of the queryset, with its rules.

        Return the number, 1 or 0, also by label: what the rules deleted beside
        it is not counted. Without a filter an `order_by()` or `allow_all=True`
        is needed.
        """
        self._refuse_cut("delete_one")
        self._refuse_any("delete_one", allow_all)
        if self.query.empty:
            return 0, {}
        connection = self._writing_connection("delete_one")
        if self.model._deletes_plainly():
            found = self._find_and_delete(connection, {"_id": 1})
        else:
            found = self._delete_by_rules("delete_one")
        return (0, {}) if found is None else (1, {self.model._meta.label: 1})

    # Parts

    def _modify(self, connection: Any, update: Update, return_new: bool, upsert: bool) -> Any:
        return self._find_and_update(
            connection,
            update,
            upsert=upsert,
            sort=self.query.sort() or None,
            projection=self.query.projection(),
            return_document=ReturnDocument.AFTER if return_new else ReturnDocument.BEFORE,
        )

    def _find_and_delete(self, connection: Any, projection: Any) -> Any:
        collection = collection_of(self.model._meta, connection)
        return self._write(
            connection,
            lambda: collection.find_one_and_delete(
                self.query.compile_filter(),
                projection=projection,
                sort=self.query.sort() or None,
                session=current_session(connection.alias),
                **self._write_options(),
            ),
        )

    def _delete_by_rules(self, action: str) -> Any:
        if self.query.shape is not None:
            raise FieldError(
                f"Cannot {action}() after values(): {self._name} is deleted with "
                f"hooks or rules of references."
            )
        alias = self.db
        for _attempt in range(ATTEMPTS):
            document: Any = next(iter(self.without_hooks()[:1]), None)
            if document is not None:
                counts = copy.copy(document).delete(using=alias)[1]
                if not counts.get(document._meta.label):
                    continue
            self._result_cache = None
            return document
        return None
