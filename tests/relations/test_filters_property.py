"""Any conditions across references find what Python finds by following them."""

import hypothesis.strategies as st
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from docmodels.documents import Q
from tests.relations.trade import Company, Customer, Order

SETTINGS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
COUNTRIES = ["NO", "SE", None]

companies = st.lists(st.sampled_from("AB"), min_size=1, max_size=2)
customers = st.lists(
    st.tuples(st.sampled_from(COUNTRIES), st.integers(0, 2), st.integers(-1, 1)),
    min_size=1,
    max_size=4,
)
#: Of each order the customer and the helpers, by number; -1 is none, 9 leads nowhere.
orders = st.lists(
    st.tuples(
        st.sampled_from([-1, 0, 1, 2, 3, 9]), st.lists(st.sampled_from([0, 1, 2, 3, 9]), max_size=3)
    ),
    min_size=1,
    max_size=6,
)


def country_of(customer):
    """Return the country that is stored, None for none."""
    return None if customer is None else customer.country


#: Lookups of one reference, with what they say of its customer, who may be None.
SINGLE = {
    ("customer__country", "NO"): lambda c: country_of(c) == "NO",
    ("customer__country__ne", "NO"): lambda c: country_of(c) != "NO",
    ("customer__country__isnull", True): lambda c: country_of(c) is None,
    ("customer__country__isnull", False): lambda c: country_of(c) is not None,
    ("customer__country__in", ("SE", None)): lambda c: country_of(c) in {"SE", None},
    ("customer__age__gt", 0): lambda c: c is not None and c.age > 0,
    ("customer__age__lte", 1): lambda c: c is not None and c.age <= 1,
    ("customer__company__name", "A"): lambda c: c is not None and c.company_name == "A",
    ("customer__company__name__ne", "A"): lambda c: c is None or c.company_name != "A",
}
#: Those of several, with what they say of all the customers that there are.
MANY = {
    ("helpers__country", "NO"): lambda cs: any(c.country == "NO" for c in cs),
    ("helpers__country__ne", "NO"): lambda cs: not any(c.country == "NO" for c in cs),
    ("helpers__age__gt", 0): lambda cs: any(c.age > 0 for c in cs),
    ("helpers__company__name", "A"): lambda cs: any(c.company_name == "A" for c in cs),
}
leaves = st.sampled_from([*SINGLE, *MANY])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or", "xor"]), inner, inner),
    ),
    max_leaves=5,
)


def as_q(tree):
    """Return the Q of a tree."""
    kind, *parts = tree
    if kind == "not":
        return ~as_q(parts[0])
    if kind in {"and", "or", "xor"}:
        one, other = map(as_q, parts)
        return one & other if kind == "and" else one | other if kind == "or" else one ^ other
    key, value = tree
    return Q((key, list(value) if isinstance(value, tuple) else value))


def holds(tree, order):
    """Return what a tree says of an order."""
    kind, *parts = tree
    if kind == "not":
        return not holds(parts[0], order)
    if kind in {"and", "or", "xor"}:
        one, other = (holds(part, order) for part in parts)
        return (
            (one and other) if kind == "and" else (one or other) if kind == "or" else one != other
        )
    if tree in SINGLE:
        return SINGLE[tree](order.found)
    return MANY[tree](order.several)


def store(names, people, given_orders):
    """Store all of them; return the orders with the customers that they lead to."""
    for cls in (Order, Customer, Company):
        cls.objects.all().delete(allow_all=True)
    firms = [Company.objects.create(name=name) for name in names]
    known = []
    for number, (country, age, firm) in enumerate(people):
        company = firms[firm] if 0 <= firm < len(firms) else None
        values = {} if country is None else {"country": country}
        values |= {} if company is None else {"company": company}
        customer = Customer.objects.create(name=f"{number}", age=age, **values)
        known.append((customer, company.name if company else None))
    gone = Customer.objects.create(name="gone", country="NO", age=9)
    made = []
    for number, (one, several) in enumerate(given_orders):
        keys = [known[n][0] if n < len(known) else gone for n in several]
        order = Order(number=number, helpers=keys)
        if one >= 0:
            order.customer = known[one][0] if one < len(known) else gone
        order.save()
        found = Person(*known[one]) if 0 <= one < len(known) else None
        made.append(Expected(number, found, [Person(*known[n]) for n in several if n < len(known)]))
    Customer.objects.filter(name="gone").delete()
    return made


class Person:
    """What is known of a stored customer."""

    def __init__(self, customer, company_name):
        self.country, self.age, self.company_name = customer.country, customer.age, company_name


class Expected:
    """What is known of a stored order."""

    def __init__(self, number, found, several):
        self.number, self.found, self.several = number, found, several


@SETTINGS
@given(companies, customers, orders, trees, st.sampled_from([0, 1, 1000]))
def test_as_python_finds(mongo, names, people, given_orders, tree, limit):
    """By keys and by joins; `exclude()` finds exactly the others."""
    made = store(names, people, given_orders)
    expected = [order.number for order in made if holds(tree, order)]

    with override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": limit}):
        found = [order.number for order in Order.objects.filter(as_q(tree))]
        others = [order.number for order in Order.objects.exclude(as_q(tree))]
        count = Order.objects.filter(as_q(tree)).count()

    assert found == expected
    assert sorted([*found, *others]) == [order.number for order in made]
    assert count == len(expected)
