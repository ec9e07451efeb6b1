"""Fixtures of the tests of relations."""

import pytest
from django.test import override_settings

from docmodels.connections import connections
from tests.relations.trade import Company, Customer, Line, Order, Product


@pytest.fixture
def reports(settings):
    """Give a second alias, on another database."""
    default = settings.MONGO_DATABASES["default"]
    other = {**default, "NAME": f"{default['NAME']}_reports"}
    settings.MONGO_DATABASES = {**settings.MONGO_DATABASES, "reports": other}
    yield connections["reports"]
    connections["reports"].client.drop_database(other["NAME"])


@pytest.fixture(params=[1000, 0], ids=["keys", "joined"])
def limit(request):
    """Run a test twice: with the keys in the query, and with joins by the server."""
    with override_settings(DOCMODELS={"REFERENCE_FILTER_LIMIT": request.param}):
        yield request.param


@pytest.fixture
def trade(mongo):
    """Store orders 1 to 6; give Ann (NO, 30, of Acme), Bob (SE, 40, of Base) and Cid."""
    acme, base = (Company.objects.create(name=name) for name in ("Acme", "Base"))
    tea, cup = (Product.objects.create(code=c, name=n) for c, n in (("t", "Tea"), ("c", "Cup")))
    ann = Customer.objects.create(name="Ann", country="NO", age=30, company=acme, size=1, wants=tea)
    bob = Customer.objects.create(name="Bob", country="SE", age=40, company=base, size=2, wants=cup)
    cid = Customer.objects.create(name="Cid")
    gone = Customer.objects.create(name="Dan", country="NO")
    Order.objects.bulk_create(
        [
            Order(number=1, customer=ann, helpers=[bob, cid], roles={"lead": ann}),
            Order(number=2, customer=bob, helpers=[bob], lines=[Line(product=tea, amount=5)]),
            Order(number=3, customer=cid, grid=[[ann], [bob, cid]], main=Line(product=cup)),
            Order(number=4, lines=[Line(product=cup, amount=5), Line(product=tea)]),
            Order(number=5, customer=gone, helpers=[gone], roles={"lead": bob}),
            Order(number=6, customer=None, tags=["x"]),
        ]
    )
    Customer.objects.filter(name="Dan").delete()
    return ann, bob, cid
