"""Drive every verb through a real socket with nothing but the standard library."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.rest.shop.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


def send(method, url, data=None, **headers):
    """Return status, headers and decoded body of one request."""
    body = None if data is None else json.dumps(data).encode()
    request = Request(url, body, {"Content-Type": "application/json", **headers}, method=method)
    try:
        with urlopen(request, timeout=10) as response:
            text = response.read()
            return response.status, response.headers, json.loads(text) if text else None
    except HTTPError as error:
        with error:
            return error.code, error.headers, json.loads(error.read() or b"null")


def test_every_verb(live_server, mongo):
    """Create, list, page, read, replace, change, conflict, delete."""
    customer = Customer.objects.create(name="Ada", email="ada@example.com")
    orders = f"{live_server.url}/api/orders/"
    data = {
        "number": "A-1",
        "customer": str(customer.pk),
        "lines": [{"sku": "tea", "price": "4.50"}],
    }

    status, _headers, created = send("POST", orders, data)
    assert (status, created["number"]) == (201, "A-1")
    assert send("POST", orders, {**data, "number": "A-2"})[0] == 201

    url = f"{orders}{created['pk']}/"
    status, headers, read = send("GET", url)
    assert (status, read) == (200, created)
    etag = headers["ETag"]

    status, _headers, page = send("GET", f"{orders}?page_size=1")
    assert page["next"].startswith(f"{orders}?after=")
    assert send("GET", page["next"])[2]["results"][0]["number"] == "A-2"

    status, _headers, replaced = send("PUT", url, {**read, "note": "x"}, **{"If-Match": etag})
    assert (status, replaced["note"]) == (200, "x")
    status, _headers, changed = send("PATCH", url, {"lines": [{"sku": "tea", "price": "5"}]})
    assert (status, changed["lines"][0]["price"]) == (200, "5")
    assert send("PATCH", url, {"note": "y"}, **{"If-Match": etag})[0] == 412

    assert send("OPTIONS", url)[2]["actions"]["PUT"]["number"]["max_length"] == 20
    assert send("HEAD", url)[0] == 200
    for query in ("number[$ne]=x", "nubmer=x", "lines__quantity__gte=x"):
        status, _headers, body = send("GET", f"{orders}?{query}")
        assert (status, list(body)) == (400, [query.partition("=")[0]])
    assert send("PATCH", url, {"nubmer": 1})[2] == {
        "nubmer": ["Unknown field. Did you mean 'number'?"]
    }
    assert send("GET", f"{orders}nonsense/")[0] == 404

    assert send("DELETE", url) [0] == 204  # fmt: skip
    assert send("GET", url)[0] == 404
