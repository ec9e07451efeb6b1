"""Specify every verb, and what a client is told when something is wrong."""

import json

import pytest
from rest_framework import status
from rest_framework.test import APIRequestFactory

from docmodels import rest
from docmodels.connections import connections
from tests.rest.shop.models import Customer, Order

pytestmark = pytest.mark.django_db


def body_of(order):
    """Return the whole body that shows the fixture's order."""
    moment = order.placed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "pk": str(order.pk),
        "number": "A-1",
        "customer": str(order.customer_id),
        "status": "open",
        "lines": [
            {"sku": "tea", "price": "4.50", "quantity": 1},
            {"sku": "cup", "price": "7.25", "quantity": 2},
        ],
        "tags": [],
        "placed_at": moment,
    }


class TestVerbs:
    """List, create, retrieve, update, delete."""

    def test_list(self, api, order):
        """A page with absolute links, or null."""
        response = api.get("/api/orders/")

        assert response.status_code == status.HTTP_200_OK
        assert response.json() == {"next": None, "previous": None, "results": [body_of(order)]}

    def test_create(self, api, customer):
        """201 with the document and its ETag."""
        response = api.post(
            "/api/orders/",
            {"number": "A-1", "customer": str(customer.pk), "tags": ["new"]},
            format="json",
        )

        order = Order.objects.get()
        assert response.status_code == status.HTTP_201_CREATED
        assert response.json() == {
            **body_of(order),
            "lines": [],
            "tags": ["new"],
        }
        assert response["ETag"] == api.get(f"/api/orders/{order.pk}/")["ETag"]

    def test_retrieve(self, api, order):
        """200 with the document."""
        response = api.get(f"/api/orders/{order.pk}/")

        assert response.status_code == status.HTTP_200_OK
        assert response.json() == body_of(order)

    def test_head(self, api, order):
        """Headers without a body."""
        response = api.head(f"/api/orders/{order.pk}/")

        assert response.status_code == status.HTTP_200_OK
        assert response.content == b""

    def test_put(self, api, order):
        """What was read can be sent back, read-only values and all."""
        data = {**body_of(order), "status": "paid"}

        response = api.put(f"/api/orders/{order.pk}/", data, format="json")

        assert response.status_code == status.HTTP_200_OK
        assert response.json() == data
        assert Order.objects.get().status == "paid"

    def test_put_needs_required_fields(self, api, order):
        """A PUT is a whole document."""
        response = api.put(f"/api/orders/{order.pk}/", {"note": "x"}, format="json")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {
            "number": ["This field is required."],
            "customer": ["This field is required."],
        }

    def test_patch(self, api, order, stored):
        """Only the path that differs is written."""
        connections["default"].collection("shop_order").update_one(
            {"_id": order.pk}, {"$set": {"note": "of somebody else", "odd": 1}}
        )
        before = stored(order)

        response = api.patch(
            f"/api/orders/{order.pk}/", {"shipping": {"street": "R", "city": "W"}}, format="json"
        )

        assert response.status_code == status.HTTP_200_OK
        assert stored(order) == {**before, "shipping": {"street": "R", "city": "W"}}

    def test_patch_of_a_messy_document(self, api, order, stored):
        """A PATCH does not answer for what it did not touch, a PUT does."""
        connections["default"].collection("shop_order").update_one(
            {"_id": order.pk}, {"$set": {"labels": "none", "lines.0.price": "dear"}}
        )
        url = f"/api/orders/{order.pk}/"

        patched = api.patch(url, {"note": "x"}, format="json")
        put = api.put(url, patched.json(), format="json")

        assert patched.status_code == status.HTTP_200_OK
        assert (stored(order)["note"], stored(order)["labels"]) == ("x", "none")
        assert put.json() == {
            "labels": ['Expected a dictionary of items but got type "str".'],
            "lines": {"0": {"price": ["A valid number is required."]}},
        }

    def test_another_lookup_field(self, order):
        """`lookup_field` names another unique field."""

        class View(rest.DocumentViewSet):
            queryset = Order.objects.all()
            lookup_field = "number"

        view = View.as_view({"get": "retrieve"})

        assert view(APIRequestFactory().get("/"), number="A-1").data["pk"] == str(order.pk)
        assert view(APIRequestFactory().get("/"), number="A-9").status_code == 404

    def test_delete(self, api, order):
        """204, then 404."""
        assert api.delete(f"/api/orders/{order.pk}/").status_code == status.HTTP_204_NO_CONTENT
        assert api.delete(f"/api/orders/{order.pk}/").status_code == status.HTTP_404_NOT_FOUND
        assert not Order.objects.exists()

    def test_options(self, api, mongo):
        """DRF's metadata knows the fields."""
        actions = api.options("/api/orders/").json()["actions"]["POST"]

        assert actions["number"] == {
            "type": "string",
            "required": True,
            "read_only": False,
            "label": "Number",
            "max_length": 20,
        }
        assert actions["shipping"]["children"]["city"]["type"] == "string"

    def test_key_of_another_type(self, api, mongo):
        """A declared key is given on creation, may hold dots, and stays."""
        created = api.post("/api/samples/", {"code": "v1.2", "text": "x"}, format="json")
        changed = api.patch("/api/samples/v1.2/", {"code": "v2"}, format="json")

        assert created.json() == {
            "pk": "v1.2", "code": "v1.2", "text": "x", "references": [], "numbers": [], "lines": [],
        }  # fmt: skip
        assert changed.status_code == status.HTTP_400_BAD_REQUEST
        assert changed.json() == {"code": ["The key of a stored document cannot be changed."]}

    def test_read_only_viewset(self, api, order):
        """Writes are not allowed; the queryset limits what is there."""
        assert api.post("/api/archive/", {}, format="json").status_code == 405
        assert api.get(f"/api/archive/{order.pk}/").status_code == 404

    def test_each_request_reads_anew(self, api, order):
        """The queryset of the class is not cached between requests."""
        assert len(api.get("/api/orders/").json()["results"]) == 1

        Order.objects.create(number="A-2", customer=order.customer_id)

        assert len(api.get("/api/orders/").json()["results"]) == 2


class TestThreeStates:
    """Missing, null and a value."""

    def test_null_where_it_is_allowed(self, api, order, stored):
        """`null=True`: null is stored and shown."""
        response = api.patch(f"/api/orders/{order.pk}/", {"remark": None}, format="json")

        assert response.json()["remark"] is None
        assert stored(order)["remark"] is None

    def test_null_where_it_is_not(self, api, order, stored):
        """Without `null=True` it is an error, and nothing is stored."""
        response = api.patch(f"/api/orders/{order.pk}/", {"note": None}, format="json")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {"note": ["This field may not be null."]}
        assert "note" not in stored(order)

    def test_missing(self, api, order, stored):
        """What is not given stays missing."""
        api.patch(f"/api/orders/{order.pk}/", {"status": "paid"}, format="json")

        assert "note" not in stored(order)
        assert "remark" not in stored(order)


class TestRefused:
    """What a client did wrong: 400, 404, 413."""

    @pytest.mark.parametrize("key", ["x", "65a000000000000000000001", "%00", "1", "None", "a" * 99])
    def test_no_such_document(self, api, order, key):
        """A key that does not exist and one that cannot exist are both a 404."""
        assert api.get(f"/api/orders/{key}/").status_code == status.HTTP_404_NOT_FOUND

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            ({"nubmer": "x"}, {"nubmer": ["Unknown field. Did you mean 'number'?"]}),
            ({"margin": 1}, None),
            ({"number": {"$gt": ""}}, {"number": ["Not a valid string."]}),
            ({"number": ["a"]}, {"number": ["Not a valid string."]}),
            ({"status": "lost"}, {"status": ['"lost" is not a valid choice.']}),
            ({"tags": "a"}, {"tags": ['Expected a list of items but got type "str".']}),
            (
                {"lines": [{"sku": "a", "price": "1"}, {"sku": "b", "price": "x"}]},
                {"lines": {"1": {"price": ["A valid number is required."]}}},
            ),
            (
                {"lines": [{"sku": "a", "price": "1"}, {"sku": "b"}]},
                {"lines": {"1": {"price": ["This field is required."]}}},
            ),
            (
                [1],
                {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]},
            ),
        ],
        ids=str,
    )
    def test_body(self, api, order, stored, data, expected):
        """The error is nested as the input; nothing is written."""
        before = stored(order)

        response = api.patch(f"/api/orders/{order.pk}/", data, format="json")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert expected is None or response.json() == expected
        assert "margin" not in str(response.json().get("margin"))
        assert stored(order) == before

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ("{", "JSON parse error - Expecting property name enclosed in double quotes: "
                "line 1 column 2 (char 1)"),
            ('{"floating": NaN}', "JSON parse error - Out of range float values are not JSON "
                "compliant: 'NaN'"),
            ("[" * 100_000, "JSON nested deeper than 100 levels."),
            ('{"a":' * 101 + "1" + "}" * 101, "JSON nested deeper than 100 levels."),
        ],
        ids=["broken", "NaN", "brackets", "objects"],
    )  # fmt: skip
    def test_json(self, api, mongo, body, detail):
        """JSON that cannot or must not be decoded is a 400."""
        response = api.post("/api/samples/", body, content_type="application/json")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json()["detail"] == detail

    def test_brackets_in_texts_are_not_nesting(self, api, mongo):
        """Only brackets outside of texts count."""
        text = '[{"\\' * 200
        body = json.dumps({"code": "a", "any": text})

        response = api.post("/api/samples/", body, content_type="application/json")

        assert response.status_code == status.HTTP_201_CREATED
        assert response.json()["any"] == text

    def test_lone_surrogate_in_a_name(self, api, mongo):
        """The answer can be encoded."""
        response = api.post(
            "/api/samples/", '{"code": "a", "\\ud800": 1}', content_type="application/json"
        )

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert list(response.json()) == ["\\ud800"]

    def test_body_above_the_setting(self, api, mongo, settings):
        """Django's own limit holds."""
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

        response = api.post("/api/samples/", {"code": "a" * 100}, format="json")

        assert response.status_code == status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
        assert response.json() == {
            "detail": "The body is larger than the 100 bytes that are accepted here."
        }

    def test_body_too_large(self, api, mongo, settings):
        """More than a document may have is a 413 before it is decoded."""
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
        body = '{"text": "' + "x" * (16 * 1024 * 1024) + '"}'

        response = api.post("/api/samples/", body, content_type="application/json")

        assert response.status_code == status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
        assert response.json() == {
            "detail": "The document is larger than the 16 MB that can be stored."
        }

    def test_document_too_large(self, api, mongo, settings):
        """A body below the limit may make a document above it."""
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
        frame = '{"code":"a","text":""}'
        text = "x" * (16 * 1024 * 1024 - len(frame))
        body = frame.replace('""', f'"{text}"')

        response = api.post("/api/samples/", body, content_type="application/json")

        assert response.status_code == status.HTTP_413_REQUEST_ENTITY_TOO_LARGE

    def test_taken_value(self, api, order, unique_numbers):
        """A violated unique index is an error of its field."""
        data = {"number": "A-1", "customer": str(order.customer_id)}

        response = api.post("/api/orders/", data, format="json")

        assert response.status_code == status.HTTP_400_BAD_REQUEST
        assert response.json() == {"number": ["Order with this number already exists."]}

    def test_protected_document(self, admin_client, order):
        """A document that others refer to is a conflict."""
        response = admin_client.delete(f"/api/customers/{order.customer_id}/")

        assert response.status_code == status.HTTP_409_CONFLICT
        assert response.json() == {"detail": "Other documents refer to this one."}
        assert Customer.objects.exists()
