"""The rows of the table for those who come from Django's ORM."""

import asyncio

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import ListView

from docmodels import admin, documents, forms, rest, signals, transaction
from docmodels.documents import Case, Coalesce, Count, F, Q, Rank, Value, When, Window, ops
from docmodels.exceptions import VersionConflict
from tests.docs.coming.models import Author, Line, Order
from tests.docs.coming.mongoengine import Pinned, by_path, told
from tests.docs.coming.mongoose import (
    child,
    in_transactions,
    meta_takes,
    one,
    orders,
    refuses,
    saved,
    synced,
)

authors = Author.objects


def in_coroutines():
    """Return whether the twins work."""

    async def work():
        found = await orders.aget(number="1")
        found.stock = 8
        async with transaction.atomic():
            await found.asave()
        made = await orders.acreate(number="8")
        return found.stock, made.number, [order.number async for order in orders.order_by("number")]

    return asyncio.run(work()) == (8, "8", ["1", "2", "8"])


def committed():
    """Return whether what was put off runs after the transaction."""
    seen = []
    with transaction.atomic():
        transaction.on_commit(lambda: seen.append(1))
        before = list(seen)
    return (before, seen) == ([], [1]) and in_transactions()


def conflict():
    """Return whether the second of two writers is told."""
    first, second = one(), one()
    first.tags = ["x"]
    first.save()
    second.tags.pop()
    return refuses(second.save, VersionConflict)


def guarded():
    """Return whether `guard` finds any change."""
    first, second = one(), one()
    first.stock = 8
    first.save(guard=True)
    second.stock = 9
    return conflict() and refuses(lambda: second.save(guard=True), VersionConflict)


def shown():
    """Return whether the list view and the shortcuts of Django take documents."""

    class Orders(ListView):
        queryset = orders.order_by("number")

    class OrderForm(forms.DocumentForm):
        class Meta:
            model, fields = Order, ["number"]

    class OrderSerializer(rest.DocumentSerializer):
        class Meta:
            model, fields = Order, ["number"]

    return (
        [order.number for order in Orders().get_queryset()] == ["1", "2"]
        and get_object_or_404(Order, number="1") == one()
        and refuses(lambda: get_object_or_404(Order, number="9"), Http404)
        and OrderForm(instance=one()).initial["number"] == "1"
        and OrderSerializer(one()).data["number"] == "1"
        and issubclass(type("OrderAdmin", (admin.DocumentAdmin,), {}), admin.DocumentAdmin)
    )


def paged():
    """Return whether both ways of pages work."""
    page = orders.order_by("number").page(size=1)
    after = orders.order_by("number").page(size=1, after=page.next)
    numbers = Paginator(orders.order_by("number"), 1).page(2).object_list
    return after.items[0].number == numbers[0].number == "2"


def without_a_filter():
    """Return whether a change of everything has to be said."""
    return (
        refuses(lambda: orders.all().delete(), ValueError)
        and refuses(lambda: orders.update(stock=1), ValueError)
        and orders.all().delete(allow_all=True)[0] == 2
    )


ROWS = {
    "`models.Model`, `models.CharField`": lambda: (
        issubclass(Order, documents.Document)
        and isinstance(Order._meta.get_field("number"), documents.CharField)
    ),
    "`ForeignKey(Author, on_delete=PROTECT)`": lambda: (
        one().author.name == "Ann" and one(number="2").readers == [one().author_id]
    ),
    "a table of lines with a foreign key": lambda: [line.sku for line in one().lines] == ["a", "b"],
    "`ManyToManyField`": lambda: (
        [author.name for author in orders.populate("readers").get(number="2").readers] == ["Ann"]
    ),
    "`JSONField`": lambda: (
        one().data == {"key": 1} and documents.EmbeddedField(Line) and documents.AnyField()
    ),
    "`null=True, blank=True`": lambda: (
        not one().is_set("note") and orders.filter(note__exists=False).count() == 2
    ),
    "`aget()`, `acreate()`, `asave()`, `async for`": in_coroutines,
    "migrations": synced,
    "`DATABASES`, `DATABASE_ROUTERS`": lambda: orders.using("slow").db == "slow",
    "`transaction.atomic`, `on_commit`": committed,
    "`Meta.db_table`, `Meta.indexes`, `UniqueConstraint`": lambda: meta_takes(
        collection="other", indexes=[documents.Index(fields=["name"], unique=True)]
    ),
    "`filter(lines__price__gt=3)`": lambda: orders.filter(lines__price__gt=2).get() == one(),
    '`filter(author__name="Ann")`, `filter(books__title="Bees")`': lambda: (
        orders.filter(author__name="Ann").get() == one()
        and authors.filter(books__number="1").get().name == "Ann"
        and refuses(lambda: list(orders.order_by("author__name")), Exception)
    ),
    "`GenericForeignKey`": lambda: one(number="2").about.name == "Ann",
    "`related_name`, `author.book_set`": lambda: (
        [order.number for order in authors.get(name="Ann").books] == ["1"]
    ),
    "`Subquery`, `OuterRef`, `Exists`": lambda: (
        [
            o.number
            for o in authors.lookup(Order, as_="found", local="pk", foreign="author")
            .get(name="Ann")
            .found
        ]
        == ["1"]
    ),
    '`tags__contains=["a", "b"]` (arrays), `data__key=1` (JSON)': lambda: (
        orders.filter(tags__all=["a", "b"]).get() == orders.filter(data__key=1).get()
    ),
    "`Q`, `F`, `Case`, `When`, `Coalesce`, `Window` …": lambda: (
        orders.filter(models.Q(stock__lte=models.F("stock")) & Q(stock__gte=F("stock"))).count()
        == 2
        and orders.annotate(
            x=Case(When(stock__gt=3, then=Value("many")), default=Coalesce("note", Value("few"))),
            place_in=Window(Rank(), order_by="stock"),
        )
        .get(number="1")
        .x
        == "many"
    ),
    "inheritance: abstract, proxy, of several tables": lambda: (
        child()
        and type(
            "Base",
            (documents.Document,),
            {
                "__module__": __name__,
                "Meta": type("Meta", (), {"abstract": True}),
            },
        )._meta.abstract
    ),
    "`Manager`, `QuerySet.as_manager()`, signals": lambda: (
        orders.scarce().get().number == "2"
        and isinstance(orders, documents.Manager)
        and Pinned.objects.scarce().count() == 0
        and signals.post_save
        and told()
    ),
    "`get_object_or_404`, `ListView`, `ModelForm`, `ModelAdmin`, `ModelSerializer`": shown,
    "two conditions on one related row": lambda: (
        orders.filter(lines__elemmatch=Q(sku="a", price__gt=2)).count() == 1
        and orders.filter(lines__elemmatch=Q(sku="b", price__gt=2)).count() == 0
    ),
    "`exclude()` and NULL": lambda: (
        orders.filter(note="x").count() + orders.exclude(note="x").count() == 2
    ),
    '`QuerySet.update(stock=F("stock") - 1)`': lambda: (
        orders.filter(number="1").update(stock=F("stock") - 1, tags=ops.AddToSet("c")) == 1
        and (one().stock, one().tags) == (4, ["a", "b", "c"])
    ),
    "`objects.all().delete()`": without_a_filter,
    "`select_related`, `prefetch_related`": lambda: (
        orders.select_related("author").get(number="1").author.name
        == orders.prefetch_related("author").get(number="1").author.name
        == orders.populate("author").get(number="1").author.name
    ),
    '`dates`, `datetimes`, `values("placed_at__year")`, `order_by("placed_at__month")`': lambda: (
        [day.year for day in orders.datetimes("at", "year")] == [2024]
        and orders.filter(number="1").values("at__year")[0] == {"at__year": 2024}
        and [order.number for order in orders.order_by("-at__month")] == ["1", "2"]
    ),
    "`aggregate`, `values().annotate()`": lambda: (
        orders.aggregate(n=Count("pk")) == {"n": 2}
        and len(list(orders.unwind("lines").values("lines__sku").annotate(n=Count("pk")))) == 2
        and list(orders.pipeline([{"$count": "n"}])) == [{"n": 2}]
    ),
    "`select_for_update`": guarded,
    "`bulk_create`, `bulk_update`, `get_or_create`, `in_bulk`, `iterator`": lambda: (
        len(orders.bulk_create([Order(number="5")])) == 1
        and orders.bulk_update([one(number="5")], ["stock"]) == 1
        and orders.get_or_create(number="5")[1] is False
        and len(orders.in_bulk()) == len(list(orders.iterator())) == 3
    ),
    "`union`, `intersection`, `difference`": lambda: (
        len(orders.filter(stock=1).union(orders.filter(stock=5))) == 2
        and orders.all().intersection(orders.filter(stock=5)).filter(number="1").count() == 1
        and orders.all().difference(orders.filter(stock=5)).filter(number="1").count() == 0
    ),
    "`Paginator`": paged,
    "`explain()`, `assertNumQueries`": lambda: orders.explain() and orders.plan().returned == 2,
    "`save(update_fields=…)`": lambda: saved(stock=9).stock == 9 and by_path() is not None,
}
