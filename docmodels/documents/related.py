"""Reverse relations: the documents that refer to one, or how many they are."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Self

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from docmodels.documents.resolution import nearest
from docmodels.query.relations import Populate
from docmodels.queryset import reverse
from docmodels.registry import registry


class BaseRelated:
    """What `Related` and `RelatedCount` have in common."""

    #: Tells it from fields where both are looked for.
    is_reverse = True
    #: It holds no keys itself.
    reference = None
    #: Whether it is a number.
    counts = False
    to_field = None

    def __init__(
        self,
        to: Any,
        *,
        foreign_field: str,
        local_field: str = "pk",
        match: Q | dict[str, Any] | None = None,
    ) -> None:
        self.to: Any = to
        self.foreign_field = foreign_field
        self.local_field = local_field
        self.match = match
        self.name = ""
        self.model: Any = None

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the attribute `name` of the document class `cls`."""
        self.name = name
        self.model = cls
        names = cls._meta._fields
        if self.local_field != "pk" and self.local_field not in names:
            raise ImproperlyConfigured(
                f"{cls.__name__}.{name}: local_field={self.local_field!r}, expected a field of the "
                f"class.{nearest(self.local_field, names)}"
            )
        type.__setattr__(cls, name, self)

    def clone(self) -> Self:
        """Return a copy that another class can install."""
        return copy.copy(self)

    def counted(self) -> RelatedCount:
        """Return the relation that counts what this one leads to, whatever part it takes."""
        relation = RelatedCount(
            self.to,
            foreign_field=self.foreign_field,
            local_field=self.local_field,
            match=self.match,
        )
        relation.name, relation.model = self.name, self.model
        return relation

    @property
    def related_model(self) -> Any:
        """Return the class whose documents refer; raise LookupError."""
        if self.to == "self":
            return self.model
        if not isinstance(self.to, str):
            return self.to
        is_short = "." not in self.to
        return registry.get(f"{self.model._meta.app_label}.{self.to}" if is_short else self.to)

    @property
    def local_name(self) -> str:
        """Return the name of the field whose value is referred to."""
        return str(self.model._meta.pk.name) if self.local_field == "pk" else self.local_field

    def narrow(self, queryset: Any, options: Populate) -> Any:
        """Return what is left of a queryset of all that refer."""
        if isinstance(self.match, dict):
            return queryset.filter(**self.match)
        return queryset if self.match is None else queryset.filter(self.match)

    def follow(self, holders: list[Any], step: Any, hint: Any) -> list[Any]:
        """Give each holder what refers to it; return the documents that were found."""
        return reverse.follow(self, holders, step, hint)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else reverse.fetch(instance, self)

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(
            f"{self.model._meta.object_name}.{self.name}: a reverse relation, which stores "
            f"nothing; expected a change of {self.foreign_field!r} of the documents that refer."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"


class Related(BaseRelated):
    """
    The documents that refer to this one, as a list, or the one that does.

    `to` is their class, `"app_label.Name"`, `"Name"` (of the same app) or
    `"self"`; `foreign_field` the path there that holds the key, which may be in
    lists and embedded documents; `local_field` the field here that it is the
    value of. With `many=False` it is the first document, or None. `match`
    (a Q object, or a dict of conditions) chooses among them, `order_by` orders
    them, else their class does; `skip` and `limit` count for each document.
    """

    def __init__(
        self,
        to: Any,
        *,
        foreign_field: str,
        local_field: str = "pk",
        many: bool = True,
        match: Q | dict[str, Any] | None = None,
        order_by: Iterable[str] = (),
        skip: int = 0,
        limit: int | None = None,
    ) -> None:
        super().__init__(to, foreign_field=foreign_field, local_field=local_field, match=match)
        self.many = many
        self.order_by = (order_by,) if isinstance(order_by, str) else tuple(order_by)
        self.skip = skip
        self.limit = limit

    def narrow(self, queryset: Any, options: Populate) -> Any:
        """Return what is left of a queryset of all that refer, ordered."""
        narrowed = super().narrow(queryset, options)
        is_own = self.order_by and not options.order_by
        return narrowed.order_by(*self.order_by) if is_own else narrowed

    def part(self, options: Populate) -> tuple[int, int | None]:
        """Return how many documents each parent skips, and how many it gets."""
        skip = options.skip or self.skip
        limit = self.limit if options.limit is None else options.limit
        return skip, limit if self.many else 1

    def nothing(self) -> Any:
        """Return what it is where nobody refers."""
        return [] if self.many else None

    def finish(self, found: dict[Any, list[Any]]) -> dict[Any, Any]:
        """Return what each parent gets, from lists of documents."""
        return found if self.many else {key: documents[0] for key, documents in found.items()}

    def documents_in(self, values: Iterable[Any]) -> list[Any]:
        """Return the documents in what the parents got, each once."""
        listed = (value if self.many else [value] for value in values)
        return list({id(item): item for items in listed for item in items}.values())


class RelatedCount(BaseRelated):
    """
    How many documents refer to this one; the server counts them.

    The arguments are those of `Related`. One aggregation counts for all
    documents of a result.
    """

    counts = True

    def nothing(self) -> int:
        """Return 0."""
        return 0

    def finish(self, found: dict[Any, int]) -> dict[Any, int]:
        """Return the numbers as they are."""
        return found

    def documents_in(self, values: Iterable[Any]) -> list[Any]:
        """Return nothing: numbers lead to no documents."""
        return []
