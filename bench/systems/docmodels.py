"""docmodels, with the pause of the garbage collector and without."""

from __future__ import annotations

from typing import Any, ClassVar

from django.test.utils import override_settings
from pymongo.monitoring import CommandListener

from bench.documents import Order
from bench.systems.base import AttributeSystem
from bench.systems.loops import InLoop
from docmodels import rest
from docmodels.connections import connections


class OrderSerializer(rest.DocumentSerializer):
    """All fields, nested ones too."""

    class Meta:
        model = Order
        fields = "__all__"


class DocmodelsSystem(AttributeSystem):
    """Documents and querysets, all settings at their defaults."""

    name = "docmodels"
    about = "docmodels as it is installed"
    distribution = "docmodels"
    imports = ("docmodels.apps", "docmodels.documents")
    notes: ClassVar = {
        "W9": "docmodels: populate()",
        "W10": "docmodels: rest.DocumentSerializer",
        "W10R": "docmodels: the renderer that its views use, by orjson if that is installed",
    }
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

    def touch_reference(self, documents: list[Any]) -> None:
        """Read the key."""
        for document in documents:
            document.customer_id

    def get(self, key: Any) -> Any:
        """Get one by its key."""
        return Order.objects.get(pk=key)

    def insert(self, values: dict[str, Any]) -> None:
        """Make an object and save it with the whole validation."""
        Order(**values).save()

    def insert_many(self, values: list[dict[str, Any]]) -> None:
        """Make objects and insert them with the whole validation."""
        Order.objects.bulk_create([Order(**one) for one in values])

    def change_one(self, key: Any, quantity: int) -> None:
        """Get, assign, save with the whole validation."""
        document = Order.objects.get(pk=key)
        document.quantity = quantity
        document.save()

    def page(self, title: str) -> list[Any]:
        """Filter, order and slice."""
        return list(Order.objects.filter(title=title, active=True).order_by("-created")[:25])

    def read_some(self, count: int) -> list[Any]:
        """Order by the key and slice."""
        return list(Order.objects.order_by("pk")[:count])

    def read_with_customers(self, count: int) -> list[Any]:
        """Populate the customers of all the documents."""
        orders = list(Order.objects.order_by("pk").populate("customer")[:count])
        for order in orders:
            order.customer.name
        return orders

    def to_json_ready(self, documents: list[Any]) -> Any:
        """Serialise as a REST answer does."""
        return OrderSerializer(documents, many=True).data

    def render(self, documents: list[Any]) -> bytes:
        """Serialise and render."""
        rendered: bytes = rest.DocumentJSONRenderer().render(
            OrderSerializer(documents, many=True).data
        )
        return rendered


class UnpausedSystem(DocmodelsSystem):
    """The same while the collector runs as it likes."""

    name = "docmodels-unpaused"
    about = 'docmodels with DOCMODELS["GC_PAUSE"] = False'
    settings: ClassVar[dict[str, Any]] = {"GC_PAUSE": False}


class AsyncSystem(InLoop, DocmodelsSystem):
    """The asynchronous twins."""

    name = "docmodels-async"
    about = "docmodels, its asynchronous twins"
    compared_with = "pymongo-async"

    def open(self, uri: str, database: str, listener: CommandListener | None = None) -> None:
        """Point the default alias to the server, and make a loop."""
        super().open(uri, database, listener)
        self.begin()

    def close(self) -> None:
        """Close the loop, which closes the client, and put the settings back."""
        self.end()
        super().close()

    async def read_all(self) -> list[Any]:  # type: ignore[override]
        """Iterate over a queryset."""
        return [document async for document in Order.objects.all()]

    async def get(self, key: Any) -> Any:
        """Get one by its key."""
        return await Order.objects.aget(pk=key)

    async def insert(self, values: dict[str, Any]) -> None:  # type: ignore[override]
        """Make an object and save it with the whole validation."""
        await Order(**values).asave()

    async def insert_many(self, values: list[Any]) -> None:  # type: ignore[override]
        """Make objects and insert them with the whole validation."""
        await Order.objects.abulk_create([Order(**one) for one in values])

    async def change_one(self, key: Any, quantity: int) -> None:  # type: ignore[override]
        """Get, assign, save with the whole validation."""
        document = await Order.objects.aget(pk=key)
        document.quantity = quantity
        await document.asave()

    async def page(self, title: str) -> list[Any]:  # type: ignore[override]
        """Filter, order and slice."""
        found = Order.objects.filter(title=title, active=True).order_by("-created")[:25]
        return [document async for document in found]

    async def read_some(self, count: int) -> list[Any]:  # type: ignore[override]
        """Order by the key and slice."""
        return [document async for document in Order.objects.order_by("pk")[:count]]

    async def read_with_customers(self, count: int) -> list[Any]:  # type: ignore[override]
        """Populate the customers of all the documents."""
        found = Order.objects.order_by("pk").populate("customer")[:count]
        orders = [order async for order in found]
        for order in orders:
            order.customer.name
        return orders
