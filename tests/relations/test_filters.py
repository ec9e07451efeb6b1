"""Filters across references: what they find, by keys and by joins."""

import pytest

from docmodels.documents import Q
from tests.relations.trade import Customer, Order, Product, Region, numbers

SINGLE = [
    (Q(customer__country="NO"), [1]),
    (~Q(customer__country="NO"), [2, 3, 4, 5, 6]),
    (Q(customer__country__ne="NO"), [2, 3, 4, 5, 6]),
    (Q(customer__country__in=["NO", "SE"]), [1, 2]),
    (Q(customer__country__nin=["NO"]), [2, 3, 4, 5, 6]),
    (Q(customer__age__gt=30), [2]),
    (Q(customer__name__startswith="A"), [1]),
    (Q(customer__size=2), [2]),
    (Q(customer__size__lte=2), [1, 2]),
    (Q(customer__country="NO", customer__age=30), [1]),
    (Q(customer__country="NO", customer__age=40), []),
    (Q(customer__country="NO") & ~Q(customer__age=30), []),
    (Q(customer__country="NO") | Q(customer__country="SE"), [1, 2]),
    (~(Q(customer__country="NO") | Q(customer__country="SE")), [3, 4, 5, 6]),
    (Q(customer__country="NO") | Q(number=6), [1, 6]),
    (Q(customer__country="NO") ^ Q(customer__age__gte=30), [2]),
    (Q(customer__country="NO", number=2), []),
    (Q(main__product__name="Cup"), [3]),
    (Q(roles__lead__name="Ann"), [1]),
    (~Q(roles__lead__name="Ann"), [2, 3, 4, 5, 6]),
]

#: What is not there: no customer (4, 6), one without a country (3), a key that leads nowhere (5).
MISSING = [
    (Q(customer__country__isnull=True), [3, 4, 5, 6]),
    (Q(customer__country=None), [3, 4, 5, 6]),
    (Q(customer__country__exists=False), [3, 4, 5, 6]),
    (Q(customer__country__isnull=False), [1, 2]),
    (Q(customer__country__exists=True), [1, 2]),
    (Q(customer__country__in=["NO", None]), [1, 3, 4, 5, 6]),
    (Q(customer__isnull=True), [4, 6]),
    (~Q(customer__name="Cid"), [1, 2, 4, 5, 6]),
]

DEEPER = [
    (Q(customer__company__name__startswith="A"), [1]),
    (~Q(customer__company__name__startswith="A"), [2, 3, 4, 5, 6]),
    (Q(customer__company__name__ne="Acme"), [2, 3, 4, 5, 6]),
    (Q(customer__company__name="Acme", customer__age=30), [1]),
    (Q(customer__company__isnull=True), [3, 4, 5, 6]),
    (Q(customer__wants__name="Cup"), [2]),
    (Q(customer__orders__number=2), [2]),
]

MANY = [
    (Q(helpers__name="Bob"), [1, 2]),
    (~Q(helpers__name="Bob"), [3, 4, 5, 6]),
    (Q(helpers__name__ne="Bob"), [3, 4, 5, 6]),
    (Q(helpers__name="Bob", helpers__country=None), [1]),
    (Q(helpers__country=None), [1]),
    (Q(helpers__country__isnull=False), [2, 3, 4, 5, 6]),
    (Q(helpers__elemmatch=Q(name="Bob", country="SE")), [1, 2]),
    (Q(helpers__elemmatch=Q(name="Bob", country=None)), []),
    (Q(helpers__elemmatch={"name": "Bob"}), [1, 2]),
    (Q(helpers__company__name="Base"), [1, 2]),
    (Q(lines__product__name="Tea"), [2, 4]),
    (Q(lines__product__name="Tea", lines__product__code="c"), [4]),
    (~Q(lines__product__name="Tea"), [1, 3, 5, 6]),
]

#: What the server can answer by keys only.
INSIDE = [
    (Q(lines__elemmatch=Q(product__name="Tea", amount=5)), [2]),
    (Q(grid__name="Bob"), [3]),
    (~Q(grid__name="Bob"), [1, 2, 4, 5, 6]),
    (Q(helpers__0__name="Bob"), [1, 2]),
    (Q(helpers__1__name="Bob"), []),
]

REVERSE = [
    (Q(orders__number=1), ["Ann"]),
    (Q(orders__number__gt=1), ["Bob", "Cid"]),
    (~Q(orders__number=1), ["Bob", "Cid", "Eve"]),
    (Q(orders__number__ne=1), ["Bob", "Cid", "Eve"]),
    (Q(orders__isnull=True), ["Eve"]),
    (Q(orders__isnull=False), ["Ann", "Bob", "Cid"]),
    (Q(orders__exists=True), ["Ann", "Bob", "Cid"]),
    (Q(orders__elemmatch=Q(number__gt=1, helpers__name="Bob")), ["Bob"]),
    (Q(orders__helpers__name="Bob"), ["Ann", "Bob"]),
    (Q(bought__number=2), ["Ann"]),
    (Q(bought__number=4), ["Ann", "Bob"]),
    (Q(orders__number=1) | Q(orders__number=2), ["Ann", "Bob"]),
    (Q(orders__number=1, orders__helpers__name="Cid"), ["Ann"]),
    (Q(orders__tags=None), []),
]


class TestReferences:
    """Conditions on the documents that a reference leads to."""

    @pytest.mark.parametrize(("condition", "expected"), [*SINGLE, *MISSING, *DEEPER, *MANY])
    def test_filter(self, trade, limit, condition, expected):
        """A filter finds them, `exclude()` all the others; counts say the same."""
        found = Order.objects.filter(condition)
        others = Order.objects.exclude(condition)

        assert numbers(found) == expected
        assert sorted([*numbers(others), *expected]) == [1, 2, 3, 4, 5, 6]
        assert (found.count(), others.count()) == (len(expected), 6 - len(expected))

    @pytest.mark.parametrize(("condition", "expected"), INSIDE)
    def test_inside_of_elements(self, trade, condition, expected):
        """One element of a list, at a place, or of a list in a list."""
        assert numbers(Order.objects.filter(condition)) == expected

    def test_chains(self, trade, limit):
        """Filters one after the other are on the same customer."""
        orders = Order.objects.filter(customer__country="NO").filter(customer__age=30)

        assert numbers(orders) == [1]
        assert numbers(orders.exclude(customer__name="Ann")) == []

    def test_its_own_key(self, trade, assert_num_commands):
        """The key itself is stored here: one query."""
        ann, bob, _cid = trade
        with assert_num_commands(1):
            assert numbers(Order.objects.filter(customer__pk=ann.pk)) == [1]
        with assert_num_commands(1):
            assert numbers(Order.objects.filter(customer__id__in=[ann.pk, bob.pk])) == [1, 2]
        with assert_num_commands(1):
            assert numbers(Order.objects.filter(lines__product__code="t")) == [2, 4]

    def test_the_key_that_is_not_stored(self, trade, limit):
        """Where another field is stored, the primary key is a path of the other class."""
        tea = Product.objects.get(code="t")

        assert numbers(Order.objects.filter(lines__product__pk=tea.pk)) == [2, 4]

    def test_to_itself(self, trade, limit):
        """A class that refers to itself, twice."""
        first, second = Order.objects.filter(number__lte=2)
        Order.objects.filter(number=2).update(before=first)
        Order.objects.filter(number=3).update(before=second)

        assert numbers(Order.objects.filter(before__customer__name="Ann")) == [2]
        assert numbers(Order.objects.filter(before__before__customer__name="Ann")) == [3]

    def test_other_alias(self, trade, reports, assert_num_commands):
        """The keys are read from the alias of their class."""
        north = Region.objects.create(name="North")
        Order.objects.filter(number=4).update(region=north)

        with assert_num_commands(1), assert_num_commands(1, using="reports"):
            assert numbers(Order.objects.filter(region__name="North")) == [4]
        assert numbers(Order.objects.exclude(region__name="North")) == [1, 2, 3, 5, 6]


class TestReverse:
    """Conditions on the documents that refer."""

    @pytest.mark.parametrize(("condition", "expected"), REVERSE)
    def test_filter(self, trade, limit, condition, expected):
        """A filter finds those that such a document refers to, `exclude()` all the others."""
        Customer.objects.create(name="Eve")

        names = [customer.name for customer in Customer.objects.filter(condition)]
        others = [customer.name for customer in Customer.objects.exclude(condition)]

        assert names == expected
        assert sorted([*names, *others]) == ["Ann", "Bob", "Cid", "Eve"]

    def test_documents(self, trade, limit):
        """A document that refers, or its key."""
        first, second = Order.objects.filter(number__lte=2)

        assert Customer.objects.get(orders=first).name == "Ann"
        assert Customer.objects.get(orders=second.pk).name == "Bob"
        assert Customer.objects.filter(orders__in=[first, second]).count() == 2
        assert Customer.objects.filter(orders__ne=first).count() == 2
