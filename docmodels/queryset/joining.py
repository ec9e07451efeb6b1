"""What a join or a union takes: a class, its label, or a queryset."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError

from docmodels.query.across import refuse_keys
from docmodels.query.joins import JoinedField
from docmodels.queryset.base import BaseQuerySet
from docmodels.queryset.collections import are_together
from docmodels.registry import registry


class Target:
    """The documents of another collection, as stages of a sub-pipeline."""

    def __init__(self, target: Any, by: Any) -> None:
        if isinstance(target, str):
            target = registry.get(target)
        if not isinstance(target, BaseQuerySet):
            manager = getattr(target, "_default_manager", None)
            if manager is None:
                raise TypeError(
                    f"{by._name}: {target!r}, expected a document class, its label or a queryset."
                )
            target = manager.all()
        elif target._db is not None and target.db != by.db:
            raise ValueError(
                f"{by._name}: a queryset of {target.db!r}, expected one of {by.db!r}: a join is "
                "inside of one database."
            )
        if target._db is None and not are_together(target.db, by.db):
            raise ValueError(
                f"{by._name}: {target.model._meta.label} is stored in the database of "
                f"{target.db!r}, expected that of {by.db!r}: a join is inside of one database."
            )
        self.queryset: Any = target
        self.meta: Any = target.model._meta

    @property
    def collection(self) -> str:
        """Return the name of the collection."""
        name: str = self.meta.collection
        return name

    @property
    def field(self) -> JoinedField:
        """Return the field of one of the documents."""
        query = self.queryset.query
        if query.shape is not None or query.group is not None:
            raise FieldError(
                f"{self.meta.object_name}: values() inside of a join, expected documents; only() "
                f"loads a part of them."
            )
        return JoinedField(self.queryset.model, query)

    def stages(self, *, one: bool = False, whole: bool = False) -> list[dict[str, Any]]:
        """Return the sub-pipeline: `one` where the first is enough, of `whole` documents."""
        query = self.queryset.query.clone()
        refuse_keys(query.crosses, self.meta.object_name, "a join or a union")
        if query.empty:
            return [{"$match": {"$nor": [{}]}}]
        if query.default_ordering and not one:
            # Nobody asked for the order of the class, which would cost a sort.
            query.order(())
        if one:
            query.limit(0, 1)
        stages: list[dict[str, Any]] = query.pipeline() if whole else query.sent_pipeline()
        return stages
