"""What a type checker knows of managers and querysets."""

from dataclasses import dataclass
from typing import Self, reveal_type

from docmodels import documents


@dataclass
class Row:
    number: str


class OrderQuerySet(documents.QuerySet["Order"]):
    def paid(self) -> Self:
        return self.filter(paid=True)


class PaidManager(documents.Manager["Order"]):
    def get_queryset(self) -> documents.QuerySet["Order"]:
        return super().get_queryset().filter(paid=True)

    def of_today(self) -> list["Order"]:
        return list(self.filter(number__startswith="t"))


class Order(documents.Document):
    number = documents.CharField(max_length=20)
    amount = documents.IntegerField()
    paid = documents.BooleanField(default=False)


class Invoice(documents.Document):
    number = documents.CharField(max_length=20)

    objects = documents.Manager["Invoice"]()
    others = documents.Manager["Invoice"]()


class ShippedQuerySet(documents.QuerySet["Shipped"]):
    def late(self) -> Self:
        return self.filter(late=True)


class Shipped(documents.Document):
    late = documents.BooleanField(default=False)

    objects = ShippedQuerySet.as_manager()


class Paid(Order):
    paid_ones = PaidManager()
    wide = OrderQuerySet.as_manager()
    wider = documents.Manager.from_queryset(OrderQuerySet)()


reveal_type(Order.objects)  # Manager[Order, QuerySet[Order]]
reveal_type(Order.objects.first())  # Order | None
reveal_type(Order.objects.last())  # Order | None
reveal_type(Order.objects.earliest("number"))  # Order
reveal_type(Order.objects.get(number="1"))  # Order
reveal_type(Order.objects.create(number="1"))  # Order
reveal_type(Order.objects.get_or_create(number="1"))  # tuple[Order, bool]
reveal_type(Order.objects.bulk_create([Order()]))  # list[Order]
reveal_type(Order.objects.in_bulk())  # dict[Any, Order]
reveal_type(Order.objects.iterator())  # Iterator[Order]
reveal_type(Order.objects.count())  # int
reveal_type(Order.objects.exists())  # bool
reveal_type(Order.objects.aggregate(n=documents.Count("pk")))  # dict[str, Any]
reveal_type(Order.objects.raw())  # Iterator[dict[str, Any]]
reveal_type(Order.objects.pipeline([{"$match": {}}]))  # Iterator[dict[str, Any]]
reveal_type(Order.objects.pipeline())  # list[dict[str, Any]]
reveal_type(Order.objects.page(size=10).items)  # list[Order]
reveal_type(Order.objects.page(size=10).next)  # str | None
reveal_type(Order.objects.filter(paid=True).update(paid=False))  # int
reveal_type(Order.objects.filter(paid=True).delete())  # tuple[int, dict[str, int]]
reveal_type(Order.objects.find_one_and_update(paid=True))  # Order | None

# Chains keep the class of the documents
reveal_type(Order.objects.all())  # QuerySet[Order]
reveal_type(Order.objects.filter(number="1"))  # QuerySet[Order]
reveal_type(Order.objects.filter(number="1").exclude(paid=True).reverse())  # QuerySet[Order]
reveal_type(Order.objects.only("number").using("slow").hint("number_1"))  # QuerySet[Order]
reveal_type(Order.objects.filter(paid=True)[0])  # Order
reveal_type(Order.objects.all()[:5])  # QuerySet[Order]
reveal_type(Order.objects.all()[:5][0].number)  # str
reveal_type({found.number for found in Order.objects.filter(paid=True)})  # set[str]
reveal_type(list(Order.objects.all()))  # list[Order]
reveal_type({found.number for found in Order.objects.page()})  # set[str]
reveal_type(Order.objects.annotate(n=documents.Count("pk")).first())  # Order | None

# Other shapes
reveal_type(Order.objects.values("number").first())  # dict[str, Any] | None
reveal_type(list(Order.objects.values("number")))  # list[dict[str, Any]]
reveal_type(Order.objects.values("number").annotate(n=documents.Count("pk"))[0])  # dict[str, Any]
reveal_type(list(Order.objects.values_list("number", "paid")))  # list[tuple[Any, ...]]
reveal_type(Order.objects.values_list("number", flat=True).first())  # Any | None
reveal_type(Order.objects.values_list("number", named=True).first())  # Any | None
reveal_type(Order.objects.values_as(Row)[0])  # Row
reveal_type(Order.objects.distinct("number"))  # list[Any]
reveal_type(Order.objects.values("number").distinct())  # QuerySet[dict[str, Any]]

# Managers and querysets of one's own
reveal_type(Invoice.objects.first())  # Invoice | None
reveal_type(Invoice.others.all())  # QuerySet[Invoice]
reveal_type(Shipped.objects.all().late())  # ShippedQuerySet
reveal_type(Shipped.objects.get().late)  # bool
reveal_type(Paid.objects.first())  # Paid | None
reveal_type(Paid.paid_ones.of_today())  # list[Order]
reveal_type(Paid.paid_ones.first())  # Order | None
reveal_type(Paid.wide.filter(number="1").paid())  # OrderQuerySet
reveal_type(Paid.wide.all().paid().first())  # Order | None
reveal_type(Paid.wide.get(number="1"))  # Order
reveal_type(Paid.wide.paid())  # Any
reveal_type(Paid.wider.filter(number="1").paid().count())  # int
reveal_type(Paid.wider.first())  # Order | None


# Coroutines
async def coroutines() -> None:
    order = await Order.objects.aget(number="1")
    reveal_type(order)  # Order
    reveal_type(await Order.objects.filter(paid=True).afirst())  # Order | None
    reveal_type(await Order.objects.acreate(number="1"))  # Order
    reveal_type(await Order.objects.aget_or_create(number="1"))  # tuple[Order, bool]
    reveal_type(await Order.objects.abulk_create([order]))  # list[Order]
    reveal_type(await Order.objects.acount())  # int
    reveal_type((await Order.objects.apage(size=10)).items)  # list[Order]
    reveal_type(Order.objects.all().aiterator())  # AsyncRows[Order]
    reveal_type(await Order.objects.all().araw())  # list[dict[str, Any]]
    reveal_type(Order.objects.apipeline([]))  # AsyncRows[dict[str, Any]]
    reveal_type(Order.objects.all().awatch())  # AsyncWatch
    reveal_type([found async for found in Order.objects.all()])  # list[Order]
    reveal_type(await order.asave())  # None
    reveal_type(await order.adelete())  # tuple[int, dict[str, int]]
    reveal_type(await order.apopulate("customer"))  # Order
    reveal_type(await documents.apopulate([order], "customer"))  # list[Order]
    reveal_type(await documents.arun(Order.objects.get, number="1"))  # Order
