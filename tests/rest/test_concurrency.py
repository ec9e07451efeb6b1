"""Specify ETag, If-Match and If-None-Match."""

import uuid

import pytest
from rest_framework import generics, status
from rest_framework.test import APIRequestFactory

from docmodels import rest
from docmodels.rest.concurrency import get_etag
from tests.rest.shop.models import Order

pytestmark = pytest.mark.django_db


class TestConcurrency:
    """ETag, If-Match, If-None-Match."""

    def test_lost_update_is_refused(self, api, order):
        """The second of two writers is told."""
        url = f"/api/orders/{order.pk}/"
        etag = api.get(url)["ETag"]

        first = api.patch(url, {"note": "mine"}, format="json", headers={"If-Match": etag})
        second = api.patch(url, {"note": "yours"}, format="json", headers={"If-Match": etag})

        assert first.status_code == status.HTTP_200_OK
        assert first["ETag"] != etag
        assert second.status_code == status.HTTP_412_PRECONDITION_FAILED
        assert second.json() == {
            "detail": "The document was changed since you read it. Read it again."
        }
        assert api.get(url).json()["note"] == "mine"

    def test_tag_of_an_answer_serves_the_next_write(self, api, order):
        """A PATCH gives the ETag that a GET would give."""
        url = f"/api/orders/{order.pk}/"
        data = {"lines": [{"sku": "pot", "price": "20"}], "labels": {"b": 1, "a": 2}}

        patched = api.patch(url, data, format="json")

        assert patched["ETag"] == api.get(url)["ETag"]

    @pytest.mark.parametrize("tag", ['"x"', 'W/"x"', "x"])
    def test_delete_of_another_version(self, api, order, tag):
        """DELETE is conditional too."""
        response = api.delete(f"/api/orders/{order.pk}/", headers={"If-Match": tag})

        assert response.status_code == status.HTTP_412_PRECONDITION_FAILED
        assert Order.objects.exists()

    def test_any_version(self, api, order):
        """`*` matches what exists."""
        response = api.delete(f"/api/orders/{order.pk}/", headers={"If-Match": "*"})

        assert response.status_code == status.HTTP_204_NO_CONTENT

    def test_change_between_read_and_write(self, order):
        """A conflict inside of one request is a 412 under If-Match."""

        class Serializer(rest.DocumentSerializer):
            class Meta:
                model = Order
                fields = ["note"]

        class View(rest.DocumentViewMixin, generics.UpdateAPIView):
            queryset = Order.objects.all()
            serializer_class = Serializer

            def perform_update(self, serializer):
                Order.objects.filter(pk=order.pk).update(note="of somebody else")
                serializer.save()

        view = View.as_view()
        factory = APIRequestFactory()
        guarded = factory.patch("/", {"note": "x"}, format="json", headers={"If-Match": "*"})

        assert view(guarded, pk=order.pk).status_code == status.HTTP_412_PRECONDITION_FAILED

    def test_not_modified(self, api, order):
        """A reader who has the document gets no body."""
        url = f"/api/orders/{order.pk}/"
        etag = api.get(url)["ETag"]

        response = api.get(url, headers={"If-None-Match": f"W/{etag}"})

        assert response.status_code == status.HTTP_304_NOT_MODIFIED
        assert response.content == b""
        assert response["ETag"] == etag

    def test_every_type_has_a_tag(self):
        """What JSON has no form for is no obstacle, and makes a difference."""
        one, same, other = (Order.from_mongo({"of": uuid.UUID(int=n)}) for n in (1, 1, 2))

        assert get_etag(one) == get_etag(same) != get_etag(other)

    def test_pages_have_no_tag(self, api, order):
        """A page for a browser shows who is logged in as well."""
        assert "ETag" not in api.get(f"/api/orders/{order.pk}/", headers={"Accept": "text/html"})
