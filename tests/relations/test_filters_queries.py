"""Filters across references before everything that ends a query."""

import pickle

import pytest
from django.test import override_settings

from docmodels import documents, transaction
from docmodels.contrib.soft_delete import SoftDelete
from docmodels.documents import Count, Populate, Q, Sum
from docmodels.exceptions import NotSupportedError
from docmodels.testing import record_commands
from tests.relations.trade import Customer, Order, numbers


class Shelf(SoftDelete):
    name = documents.CharField()

    class Meta:
        app_label = "trade"


class Box(documents.Document):
    shelf = documents.ReferenceField(Shelf)

    class Meta:
        app_label = "trade"


class Tenant(documents.Document):
    """A class whose hook hides some of its documents."""

    name = documents.CharField()
    is_open = documents.BooleanField(default=True)

    class Meta:
        app_label = "trade"

    @documents.pre("find")
    @classmethod
    def only_open(cls, queryset):
        """Narrow every read."""
        return queryset.filter(is_open=True)


class Flat(documents.Document):
    tenant = documents.ReferenceField(Tenant)

    class Meta:
        app_label = "trade"


@pytest.fixture
def nordic(trade, limit):
    """Give the orders of customers of two countries: 1 and 2."""
    return Order.objects.filter(customer__country__in=["NO", "SE"])


class TestReads:
    """What reads documents, numbers and rows."""

    def test_documents(self, nordic):
        """One, the first, the last, some, all in batches."""
        assert nordic.get(customer__name="Ann").number == 1
        assert (nordic.first().number, nordic.last().number) == (1, 2)
        assert numbers(nordic[1:2]) == [2]
        assert numbers(nordic.reverse()) == [2, 1]
        assert numbers(nordic.iterator(chunk_size=1)) == [1, 2]
        assert numbers(nordic.lazy()) == [1, 2]
        assert [raw["number"] for raw in nordic.raw()] == [1, 2]
        assert [order.number for order in nordic.in_bulk().values()] == [1, 2]

    def test_nothing_of_the_join_is_left(self, nordic):
        """Documents and dicts have no more in them than what is stored."""
        assert all(order.undeclared == {} for order in nordic)
        assert not any(key.startswith("__d") for raw in nordic.raw() for key in raw)

    def test_numbers(self, nordic):
        """Counts, with a cut and without."""
        assert nordic.count() == len(nordic) == 2
        assert (nordic.all()[:1].count(), nordic.all()[1:].count()) == (1, 1)
        assert (nordic.count_up_to(1), nordic.count_up_to(9)) == (2, 2)
        assert nordic.exists()
        assert not nordic.filter(number=6).exists()
        assert nordic.contains(Order.objects.get(number=1))
        assert not nordic.contains(Order.objects.get(number=6))

    def test_rows(self, nordic):
        """Values, groups, aggregates, facets, stages of one's own."""
        assert list(nordic.values_list("number", flat=True)) == [1, 2]
        assert list(nordic.values("number")) == [{"number": 1}, {"number": 2}]
        assert nordic.aggregate(n=Sum("number")) == {"n": 3}
        assert list(
            nordic.values("customer").annotate(n=Count("pk")).values_list("n", flat=True)
        ) == [
            1,
            1,
        ]
        assert [row["number"] for row in nordic.pipeline([{"$match": {"number": 2}}])] == [2]
        found = Order.objects.facet(
            nordic=Order.objects.filter(customer__name="Ann"), others=Order.objects.filter(number=6)
        )
        assert {name: numbers(orders) for name, orders in found.items()} == {
            "nordic": [1], "others": [6]
        }  # fmt: skip

    def test_beside_computed_values(self, trade, limit):
        """Before and after `annotate()` and `unwind()`."""
        orders = Order.objects.annotate(double=documents.F("number") * 2)

        found = orders.filter(customer__country="SE", double=4)
        assert [(order.number, order.double) for order in found] == [(2, 4)]
        rows = Order.objects.unwind("lines").filter(lines__product__name="Tea")
        assert list(rows.values_list("number", flat=True)) == [2, 4]
        assert rows.count() == 2

    def test_pages(self, nordic):
        """Pages follow each other, and a token is of one filter."""
        first = nordic.page(size=1)
        second = nordic.page(size=1, after=first.next)

        assert (numbers(first), numbers(second), second.next) == ([1], [2], None)
        with pytest.raises(ValueError, match="made for another query"):
            Order.objects.filter(customer__country="NO").page(size=1, after=first.next)

    def test_combined(self, nordic):
        """With `&`, `|`, `^` and `difference()`."""
        ann = Order.objects.filter(customer__name="Ann")

        assert numbers(nordic & ann) == [1]
        assert numbers(ann | Order.objects.filter(number=6)) == [1, 6]
        assert numbers(Order.objects.filter(number=6) | ann) == [1, 6]
        assert numbers(nordic ^ ann) == [2]
        assert numbers(nordic.difference(ann)) == [2]
        assert numbers(Order.objects.filter(number__lte=2).difference(ann)) == [2]

    def test_with_projections_and_populate(self, nordic, assert_num_commands):
        """Parts of documents, and what they refer to."""
        order = nordic.only("number").populate("customer").first()

        with assert_num_commands(0):
            assert (order.number, order.customer.name) == (1, "Ann")
        assert order._source.loaded is not None

    def test_inside_populate(self, trade, limit):
        """The match of a populated path."""
        ann = Customer.objects.populate(
            Populate("orders", match=Q(customer__company__name="Acme"), limit=1)
        ).get(name="Ann")

        assert numbers(ann.orders) == [1]

    def test_pickled(self, nordic):
        """A queryset takes its result along, and can be asked again."""
        copied = pickle.loads(pickle.dumps(nordic))

        assert numbers(copied) == numbers(copied.all()) == [1, 2]

    def test_distinct(self, trade):
        """The values of a path."""
        orders = Order.objects.filter(helpers__name="Bob")

        assert orders.distinct("number") == [1, 2]
        with (
            override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 0}),
            pytest.raises(NotSupportedError) as caught,
        ):
            orders.distinct("number")
        assert str(caught.value) == (
            "Order.helpers: more than 0 documents of trade.Customer match, a command that takes no "
            "join; expected fewer. Narrow the condition, store a copy of the path in Order, or "
            "raise DOCMODELS['REFERENCE_FILTER_LIMIT']."
        )
        with override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 0}):
            assert sorted(orders.values_list("number", flat=True).distinct()) == [1, 2]


class TestWrites:
    """Updates and deletions of what matches."""

    def test_update(self, nordic):
        """All that matches, once each."""
        assert nordic.update(number=documents.F("number") + 10) == 2
        assert numbers(Order.objects.order_by("number")) == [3, 4, 5, 6, 11, 12]
        assert Order.objects.filter(customer__country__ne="NO").update(tags=["y"]) == 5

    def test_update_what_the_filter_looks_at(self, trade, limit):
        """What no longer matches was updated all the same."""
        assert Order.objects.filter(customer__name="Ann").update(customer=None) == 1
        assert not Order.objects.filter(customer__name="Ann").exists()

    def test_many_documents(self, trade, limit):
        """More than are written at a time, each of them once."""
        ann = trade[0]
        Order.objects.bulk_create([Order(number=n, customer=ann) for n in range(100, 2_600)])

        updated = Order.objects.filter(customer__name="Ann", number__gte=100).update(
            tags=documents.ops.Push("z")
        )

        assert updated == 2_500
        assert Order.objects.filter(tags=["z"]).count() == 2_500
        assert Order.objects.filter(customer__name="Ann").delete() == (
            2_501,
            {"trade.Order": 2_501},
        )

    def test_delete(self, nordic):
        """All that matches."""
        assert nordic.delete() == (2, {"trade.Order": 2})
        assert numbers(Order.objects.all()) == [3, 4, 5, 6]

    def test_one(self, trade):
        """The first match, by commands that take no join."""
        orders = Order.objects.filter(helpers__name="Bob").order_by("-number")

        assert orders.update_one(tags=["first"]) == 1
        assert orders.find_one_and_update(tags=["again"]).number == 2
        assert orders.find_one_and_delete().number == 2
        assert orders.delete_one() == (1, {"trade.Order": 1})
        assert not orders.exists()

    def test_one_of_too_many(self, trade):
        """They say so."""
        orders = Order.objects.filter(helpers__name="Bob")
        with (
            override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 0}),
            pytest.raises(NotSupportedError, match="a command that takes no join"),
        ):
            orders.update_one(number=1)

    def test_get_or_create(self, trade):
        """Conditions across references choose; they are no values."""
        order, created = Order.objects.get_or_create(customer__name="Ann", number=1)
        assert (order.number, created) == (1, False)
        order, created = Order.objects.get_or_create(customer__name="Ann", number=77)
        assert (order.number, order.customer_id, created) == (77, None, True)


class TestCommands:
    """What is sent, and to whom."""

    def test_few_keys(self, trade):
        """Two queries that indexes serve."""
        ann = trade[0]
        with record_commands() as commands:
            list(Order.objects.filter(customer__country="NO", number=1))

        keys, orders = (command.command for command in commands)
        assert keys["filter"] == {"country": "NO"}
        assert keys["projection"] == {"_id": 1}
        assert keys["limit"] == 1_001
        assert "sort" not in keys
        assert orders["filter"] == {"number": 1, "customer": {"$in": [ann.pk]}}

    def test_many_keys(self, trade):
        """One query of a few keys too many, and a join behind what needs none."""
        with (
            override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 1}),
            record_commands() as commands,
        ):
            list(Order.objects.filter(customer__age__gt=0, number__lt=9)[:5])

        keys, orders = (command.command for command in commands)
        assert keys["limit"] == 2
        assert orders["pipeline"] == [
            {"$match": {"number": {"$lt": 9}}},
            {"$sort": {"number": 1}},
            {
                "$lookup": {
                    "from": "trade_customer",
                    "localField": "customer",
                    "foreignField": "_id",
                    "pipeline": [
                        {"$match": {"age": {"$gt": 0}}}, {"$limit": 1}, {"$project": {"_id": 1}},
                    ],
                    "as": "__docmodels_has0",
                }
            },
            {"$match": {"__docmodels_has0": {"$ne": []}}},
            {"$project": {"__docmodels_has0": 0}},
            {"$limit": 5},
        ]  # fmt: skip

    def test_joins_are_told(self, trade, caplog):
        """A query that may be slow is never so in silence."""
        with override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 1}):
            list(Order.objects.filter(customer__age__gt=0))

        assert caplog.messages == [
            "Order.customer: more than 1 documents of trade.Customer match, so the server joins "
            "them. A copy of the path, with an index, is faster."
        ]

    def test_one_question_for_one_document(self, trade, assert_num_commands):
        """However many conditions are on the customer."""
        with assert_num_commands(2):
            list(
                Order.objects.filter(customer__country="NO", customer__age__gt=3)
                .filter(Q(customer__name="Ann") | Q(customer__name="Bob"))
                .exclude(customer__size=9)
            )

    def test_depth(self, trade, assert_num_commands):
        """One query for each class on the way."""
        with assert_num_commands(3):
            assert Order.objects.filter(customer__company__name="Acme").exists()

    def test_slow_alias(self, trade, settings):
        """The keys are read through the alias of the query."""
        slow = {**settings.MONGO_DATABASES["default"], "READ_ONLY": True}
        settings.MONGO_DATABASES = {**settings.MONGO_DATABASES, "slow": slow}
        with record_commands("slow") as slow_commands, record_commands() as commands:
            assert numbers(Order.objects.using("slow").filter(customer__name="Ann")) == [1]

        assert (len(slow_commands), len(commands)) == (2, 0)

    def test_options(self, trade):
        """The deadline, the comment and the collation hold for both queries."""
        orders = (
            Order.objects.collation(documents.Collation("en", ignore_case=True))
            .comment("why")
            .max_time_ms(5_000)
        )
        with record_commands() as commands:
            assert numbers(orders.filter(customer__name="aNN")) == [1]

        assert [command.command["comment"] for command in commands] == ["why", "why"]
        assert all(command.command["maxTimeMS"] <= 5_000 for command in commands)

    def test_in_a_transaction(self, trade, limit):
        """Both queries see what the transaction wrote."""
        with transaction.atomic():
            dan = Customer.objects.create(name="Dan")
            Order.objects.create(number=7, customer=dan)
            assert numbers(Order.objects.filter(customer__name="Dan")) == [7]

    def test_hidden_by_a_manager(self, mongo, limit):
        """What the target's default manager leaves out is not there."""
        one, other = (Shelf.objects.create(name="s") for _n in range(2))
        Box.objects.create(shelf=one)
        Box.objects.create(shelf=other)
        other.delete()

        assert [box.shelf_id for box in Box.objects.filter(shelf__name="s")] == [one.pk]
        assert [box.shelf_id for box in Box.objects.exclude(shelf__name="s")] == [other.pk]

    def test_hidden_by_a_hook(self, mongo):
        """The target's own hooks narrow the query for its keys."""
        closed = Tenant.objects.create(name="n", is_open=False)
        Flat.objects.create(tenant=closed)

        assert not Flat.objects.filter(tenant__name="n").exists()
