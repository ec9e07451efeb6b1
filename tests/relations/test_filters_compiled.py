"""How filters across references compile: plain data, before any server is asked."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Count, F, Q
from docmodels.query import Query
from docmodels.query.across import KeysOf
from docmodels.query.settling import Settled, merged
from tests.relations.trade import Company, Customer, Order


def keys(condition, model=Customer):
    """Return the keys of documents that match, as they are compared."""
    return KeysOf(model, "_id", condition, "customer", is_single=True)


def compiled(**conditions):
    """Return the filter of conditions on orders."""
    query = Query(Order._meta)
    query.add(Q(**conditions))
    return query.compile_filter()


class TestCompiled:
    """A condition on the key, whose values are asked for later."""

    def test_positive(self):
        """It names the class and the filter."""
        found = compiled(customer__country="NO", number=1)

        assert found == {"customer": {"$in": keys({"country": "NO"})}, "number": 1}
        assert repr(found) == (
            "{'customer': {'$in': KeysOf('trade.Customer', {'country': 'NO'})}, 'number': 1}"
        )

    def test_what_is_missing_matches(self):
        """All but those that lead to a document that does not match."""
        assert compiled(customer__country__ne="NO") == {
            "customer": {"$nin": keys({"country": "NO"})}
        }
        assert compiled(customer__country=None) == {
            "customer": {"$nin": keys({"country": {"$ne": None}})}
        }

    def test_deeper(self):
        """Keys of keys."""
        inner = KeysOf(Company, "_id", {"name": "Acme"}, "company", is_single=True)

        assert compiled(customer__company__name="Acme") == {
            "customer": {"$in": keys({"company": {"$in": inner}})}
        }

    def test_nothing_is_sent(self, mongo, assert_num_commands):
        """A queryset asks when it is evaluated, and each time anew."""
        with assert_num_commands(0):
            orders = Order.objects.filter(customer__name="Ann").exclude(customer__age=3)
            assert "KeysOf" in str(orders.pipeline())
        with assert_num_commands(2):
            list(orders)
        with assert_num_commands(2):
            list(orders.all())


class TestMerged:
    """One question for what is asked of the same document."""

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (
                {"$and": [{"c": {"$in": keys({"a": 1})}}, {"c": {"$in": keys({"b": 2})}}]},
                {"c": {"$in": keys({"a": 1, "b": 2})}},
            ),
            (
                {"$and": [{"c": {"$nin": keys({"a": 1})}}, {"c": {"$nin": keys({"b": 2})}}]},
                {"c": {"$nin": keys({"$or": [{"a": 1}, {"b": 2}]})}},
            ),
            (
                {"c": {"$in": keys({"a": 1}), "$nin": keys({"b": 2})}},
                {"c": {"$in": keys({"a": 1, "b": {"$ne": 2}})}},
            ),
            (
                {"$or": [{"c": {"$in": keys({"a": 1})}}, {"c": {"$in": keys({"b": 2})}}, {"n": 1}]},
                {"$or": [{"n": 1}, {"c": {"$in": keys({"$or": [{"a": 1}, {"b": 2}]})}}]},
            ),
            (
                {"$and": [{"c": {"$in": keys({"a": 1})}}, {"d": {"$in": keys({"b": 2})}}]},
                {"c": {"$in": keys({"a": 1})}, "d": {"$in": keys({"b": 2})}},
            ),
        ],
    )
    def test_merged(self, condition, expected):
        """They become one where they are on one document."""
        assert merged(condition) == expected

    def test_several_documents(self):
        """Each of two conditions on a list may be met by another document."""
        one = KeysOf(Customer, "_id", {"a": 1}, "helpers", is_single=False)
        other = one.replaced({"b": 2})
        condition = {"$and": [{"h": {"$in": one}}, {"h": {"$in": other}}]}

        assert merged(condition) == condition


class TestSettled:
    """Keys, or joins, in the place of what was asked."""

    def test_keys(self):
        """Few keys go into the filter."""
        found = Settled({"c": {"$in": keys({})}, "n": 1}, lambda asked: [7, 8], None)

        assert (found.own, found.late, found.lookups) == ({"n": 1, "c": {"$in": [7, 8]}}, {}, [])

    def test_joins(self):
        """Many are joined, behind what needs no join."""
        found = Settled(
            {"c": {"$nin": keys({"a": 1})}, "n": 1},
            lambda asked: None,
            lambda asked, path, name: {"$lookup": {"as": name, "localField": path}},
        )

        assert found.own == {"n": 1}
        assert found.late == {"__docmodels_has0": []}
        assert found.lookups == [{"$lookup": {"as": "__docmodels_has0", "localField": "c"}}]


class TestMistakes:
    """Errors that name the path and the way out."""

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (
                lambda: Order.objects.filter(customer__contry="NO"),
                "Order.customer__contry: Customer has no field 'contry'. Did you mean 'country'?",
            ),
            (
                lambda: Order.objects.filter(customer__company__nam="NO"),
                "Customer.company__nam: Company has no field 'nam'. Did you mean 'name'?",
            ),
            (
                lambda: Order.objects.filter(customer__secre="x"),
                "Order.customer__secre: Customer has no field 'secre'. Choices are: id, name, "
                "country, age, company, size, wants.",
            ),
            (
                lambda: Order.objects.filter(customer__country=F("number")),
                "Order.customer__country: F('number'), expected a value: documents of two "
                "collections are compared by lookup().",
            ),
            (
                lambda: Order.objects.order_by("customer__name"),
                "Order.customer__name: 'name' is stored in Customer, expected a path of this "
                "document: a reference holds a key alone. filter() and populate() follow it; to "
                "order or compute by it keep a copy here (copies=), or join by lookup().",
            ),
            (
                lambda: Order.objects.values("number").annotate(
                    n=Count("pk", filter=Q(customer__name="Ann"))
                ),
                "Order.customer__name: on the documents of 'customer', expected a stored path; "
                "conditions across references are for filter() and exclude().",
            ),
            (
                lambda: Order.objects.filter(number=1).update(
                    lines=documents.ops.Pull(Q(product__name="Tea"))
                ),
                "Order.lines.Pull.product__name: on the documents of 'product', expected a stored "
                "path; conditions across references are for filter() and exclude().",
            ),
            (
                lambda: Customer.objects.filter(order_count__gt=1),
                "Customer.order_count: a number that the server counts when it is read, "
                "expected a "
                "stored path; lookup() joins what annotate(n=Size(…)) counts.",
            ),
            (
                lambda: Customer.objects.filter(last_order__number=1),
                "Customer.last_order: a part of the documents that refer, in an order, "
                "expected a "
                "Related without limit, skip and many=False; 'last_order' can be populated.",
            ),
            (
                lambda: Order.objects.filter(helpers__elemmatch=Q(name="Ann", contry="NO")),
                "Customer.contry: Customer has no field 'contry'. Did you mean 'country'?",
            ),
            (
                lambda: Order.objects.filter(customer__name="Ann").union(Order.objects.all()),
                "Order: a condition across a reference in a union or a sample, expected one on "
                "stored paths, such as the keys themselves: …__in=….values_list('pk', flat=True).",
            ),
            (
                lambda: Customer.objects.lookup(
                    Order.objects.filter(customer__name="Ann"),
                    local="pk",
                    foreign="customer",
                    as_="found",
                ),
                "Order: a condition across a reference in a join or a union, expected one on "
                "stored paths, such as the keys themselves: …__in=….values_list('pk', flat=True).",
            ),
            (
                lambda: Order.objects.filter(customer__name="Ann").watch(),
                "Order: watch() of a condition across a reference, expected filters alone.",
            ),
        ],
    )
    def test_message(self, mongo, make, message):
        """They are raised where the mistake is."""
        with pytest.raises(FieldError) as caught:
            make()

        assert str(caught.value) == message
