"""What a filter across a reference reads ahead: on other servers, in plans, for a result."""

import pytest
from django.test import override_settings

from docmodels.connections import connections
from docmodels.exceptions import NotSupportedError
from tests.relations.trade import Customer, Order, Product, Region, numbers


@pytest.fixture
def nordic(trade, limit):
    """Give the orders of customers of two countries: 1 and 2."""
    return Order.objects.filter(customer__country__in=["NO", "SE"])


class TestOtherDatabase:
    """Classes on another server are asked for their keys, and never joined."""

    def test_too_many(self, trade, reports):
        """The error says what to do."""
        Region.objects.bulk_create([Region(name="North"), Region(name="South")])
        orders = Order.objects.exclude(region__name="East").filter(region__name__gt="A")
        with (
            override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 1}),
            pytest.raises(NotSupportedError) as caught,
        ):
            list(orders)

        assert str(caught.value) == (
            "Order.region: more than 1 documents of trade.Region match on 'reports', and no server "
            "joins them with Order in the database of 'default'; expected at most "
            "DOCMODELS['REFERENCE_FILTER_LIMIT']. Narrow the condition, ask for some of the keys "
            "at a time (region__in=[…]), filter by a copy in Order (copies=), or raise the setting."
        )

    def test_too_many_in_reverse(self, trade, reports):
        """What refers from there is asked for by the own key."""
        for number in range(2):
            region = Region.objects.create(name=f"r{number}")
            Order.objects.create(number=number, region=region)
        with (
            override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 1}),
            pytest.raises(NotSupportedError) as caught,
        ):
            list(Region.objects.filter(orders__number__gte=0))

        assert str(caught.value) == (
            "Region.orders: more than 1 documents of trade.Order match on 'default', and no server "
            "joins them with Region in the database of 'reports'; expected at most "
            "DOCMODELS['REFERENCE_FILTER_LIMIT']. Narrow the condition, ask for some of the keys "
            "at a time (pk__in=[…]), filter by a copy in Region, or raise the setting."
        )

    def test_places_in_lists(self, trade):
        """A join takes no index of a list."""
        with (
            override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 0}),
            pytest.raises(NotSupportedError, match="behind an index, which no join takes"),
        ):
            list(Order.objects.filter(helpers__0__name="Bob"))


class TestPlans:
    """Both queries are in the plan."""

    @pytest.fixture
    def indexed(self, trade):
        """Index what is filtered by."""
        for cls, key in ((Customer, "country"), (Order, "customer")):
            collection = connections["default"].collection(cls._meta.collection)
            collection.create_index(key, name=f"{key}_1")
        yield
        for cls in (Customer, Order):
            connections["default"].collection(cls._meta.collection).drop_indexes()

    def test_indexes(self, indexed):
        """Each of them uses one."""
        plan = Order.objects.filter(customer__country="NO").order_by().plan()

        assert (plan.stage, plan.index, plan.is_collscan) == ("IXSCAN", "customer_1", False)
        (inner,) = plan.inner
        assert (inner.index, inner.returned) == ("country_1", 1)
        assert str(plan).count("IXSCAN") == 2
        assert "; for keys IXSCAN country_1, " in str(plan)

    def test_a_query_for_keys_without_an_index(self, indexed):
        """It counts as reading a whole collection, and an index is suggested."""
        plan = Order.objects.filter(customer__age=30).order_by().plan()

        assert plan.stage == "IXSCAN"
        assert plan.is_collscan
        assert plan.suggestion == 'documents.Index(fields=["age"])'

    def test_joined(self, indexed):
        """A join shows the index of the other class."""
        with override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": 0}):
            plan = Order.objects.filter(customer__country="NO", number=1).order_by().plan()

        assert "_id_" in plan.indexes
        assert len(plan.inner) == 1

    def test_explain(self, indexed):
        """The server's answer on the query with its keys."""
        found = Order.objects.filter(customer__country="NO").explain()

        assert "KeysOf" not in str(found)
        assert found["queryPlanner"]["winningPlan"]


class TestCache:
    """A queryset that was read keeps its result, as others do."""

    def test_cached(self, nordic, assert_num_commands):
        """A second look sends nothing; a copy asks again."""
        list(nordic)
        with assert_num_commands(0):
            assert len(nordic) == nordic.count() == 2
        Product.objects.create(code="z")
        Customer.objects.filter(name="Ann").update(country="DE")
        assert numbers(nordic.all()) == [2]
