"""docmodels, with the pause of the garbage collector and without."""

from __future__ import annotations

from typing import Any, ClassVar

from django.test.utils import override_settings
from pymongo.monitoring import CommandListener

from bench.documents import Order
from bench.systems.base import System
from docmodels.connections import connections


class DocmodelsSystem(System):
    """Documents and querysets, all settings at their defaults."""

    name = "docmodels"
    about = "docmodels as it is installed"
    settings: ClassVar[dict[str, Any]] = {}

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Point the default alias to the server."""
        options = {} if listener is None else {"event_listeners": [listener]}
        self._override = override_settings(
            MONGO_DATABASES={"default": {"HOST": uri, "NAME": database, "OPTIONS": options}},
            DOCMODELS=self.settings,
        )
        self._override.enable()

    def close(self) -> None:
        """Close the client and put the settings back."""
        connections.close_all()
        self._override.disable()

    def read_all(self) -> list[Any]:
        """Evaluate a queryset."""
        return list(Order.objects.all())

    def touch_scalars(self, documents: list[Any]) -> None:
        """Read three attributes."""
        for document in documents:
            document.title
            document.quantity
            document.created

    def touch_all(self, documents: list[Any]) -> None:
        """Read every attribute."""
        for document in documents:
            document.id
            document.title
            document.quantity
            document.weight
            document.active
            document.created
            document.price
            for _tag in document.tags:
                pass
            address = document.address
            address.street
            address.city
            address.postcode
            address.floor
            for line in document.lines:
                line.sku
                line.amount
                line.cost
            document.customer_id
            document.note

    def get(self, key: Any) -> Any:
        """Get one by its key."""
        return Order.objects.get(pk=key)

    def change_one(self, key: Any, quantity: int) -> None:
        """Get, assign, save with the whole validation."""
        document = Order.objects.get(pk=key)
        document.quantity = quantity
        document.save()

    def page(self, title: str) -> list[Any]:
        """Filter, order and slice."""
        return list(Order.objects.filter(title=title, active=True).order_by("-created")[:25])


class UnpausedSystem(DocmodelsSystem):
    """The same while the collector runs as it likes."""

    name = "docmodels-unpaused"
    about = 'docmodels with DOCMODELS["GC_PAUSE"] = False'
    settings: ClassVar[dict[str, Any]] = {"GC_PAUSE": False}
