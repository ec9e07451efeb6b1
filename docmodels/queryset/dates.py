"""The days and moments at which something was, each once: `dates`, `datetimes`."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import FieldError

from docmodels.fields import DateField, DateTimeField
from docmodels.query.expressions import Expression, Trunc, TruncDate
from docmodels.queryset.annotating import AnnotatingMixin

if TYPE_CHECKING:
    from docmodels.queryset.queryset import QuerySet

D = TypeVar("D")

DATE_KINDS = ("year", "month", "week", "day")
MOMENT_KINDS = (*DATE_KINDS, "hour", "minute", "second")


class DatesMixin(AnnotatingMixin[D]):
    """`dates`, `datetimes`."""

    def dates(self, field_name: str, kind: str, order: str = "ASC") -> QuerySet[date]:
        """
        Give each year, month, week or day (`kind`) of a date once, as its first day.

        `order` is "ASC" or "DESC". What has no date is left out.
        """
        self._check_kind("dates", field_name, kind, order, DATE_KINDS, (DateField, DateTimeField))
        truncated: Expression = Trunc(field_name, kind)
        if not isinstance(self.model._meta.resolve(field_name).field, DateField):
            truncated = TruncDate(truncated)
        return self._each_once(field_name, truncated, order)

    def datetimes(
        self,
        field_name: str,
        kind: str,
        order: str = "ASC",
        tzinfo: tzinfo | None = None,
    ) -> QuerySet[datetime]:
        """
        Give each year, month … second (`kind`) of a moment once, as its first moment.

        `order` is "ASC" or "DESC", `tzinfo` the zone, Django's current one
        unless given. What has no moment is left out.
        """
        self._check_kind("datetimes", field_name, kind, order, MOMENT_KINDS, (DateTimeField,))
        return self._each_once(field_name, Trunc(field_name, kind, tzinfo=tzinfo), order)

    def _check_kind(
        self,
        method: str,
        path: str,
        kind: str,
        order: str,
        kinds: tuple[str, ...],
        classes: tuple[type[Any], ...],
    ) -> None:
        where = f"{self._name}.{path}: {method}()"
        field = self.model._meta.resolve(path).field
        if not isinstance(field, classes):
            wanted = " or ".join(cls.description for cls in classes)
            raise FieldError(f"{where} of {field.description}, expected {wanted}.")
        if kind not in kinds:
            raise ValueError(
                f"{where}: {kind!r}, expected a kind. Choices are: {', '.join(kinds)}."
            )
        if order not in {"ASC", "DESC"}:
            raise ValueError(f"{where}: order {order!r}, expected 'ASC' or 'DESC'.")

    def _each_once(self, path: str, truncated: Expression, order: str) -> Any:
        queryset: Any = self.filter(**{f"{path}__isnull": False})
        rows = queryset.order_by().values_list(truncated, flat=True).distinct()
        (name,) = rows.query.shape.paths
        return rows.order_by(f"-{name}" if order == "DESC" else name)
