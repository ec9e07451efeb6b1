"""Specify the browsable API over documents: pages, forms, nothing hidden."""

import pytest

from tests.rest.shop.models import Order

pytestmark = pytest.mark.django_db

HTML = {"Accept": "text/html"}


class TestBrowsableApi:
    """DRF's own pages."""

    def test_list(self, api, order):
        """A page shows the documents, the filters' controls and a form."""
        page = api.get("/api/orders/?page_size=1", headers=HTML).content.decode()

        assert "A-1" in page
        assert 'name="search"' in page
        assert "number - ascending" in page
        assert 'name="number"' in page
        assert 'name="shipping.city"' in page

    def test_detail(self, api, order):
        """The form holds the values; a reference is a key, not a choice among all."""
        page = api.get(f"/api/orders/{order.pk}/", headers=HTML).content.decode()

        assert f'value="{order.customer_id}"' in page
        assert 'value="A-1"' in page

    def test_links_between_pages(self, api, order):
        """There are links to the neighbours."""
        Order.objects.create(number="A-2", customer=order.customer_id)

        page = api.get("/api/orders/?page_size=1", headers=HTML).content.decode()

        assert "Next" in page
        assert "after=" in page

    def test_form_post(self, api, customer):
        """What an HTML form sends makes a document."""
        response = api.post(
            "/api/orders/",
            {
                "number": "A-7",
                "customer": str(customer.pk),
                "status": "paid",
                "shipping.street": "Ring 1",
                "shipping.city": "Wien",
                "note": "",
                "csrfmiddlewaretoken": "x",
            },
            format="multipart",
        )

        order = Order.objects.get()
        assert response.status_code == 201, response.json()
        assert (order.number, order.shipping.city, order.note) == ("A-7", "Wien", "")

    def test_form_with_an_unknown_name(self, api, customer):
        """Names of forms are checked as well."""
        response = api.post("/api/orders/", {"nubmer": "A-7"}, format="multipart")

        assert response.json()["nubmer"] == ["Unknown field. Did you mean 'number'?"]

    def test_error_page(self, api, order):
        """A refused form is shown again with its errors."""
        response = api.put(
            f"/api/orders/{order.pk}/", {"number": "x" * 30}, format="multipart", headers=HTML
        )

        assert response.status_code == 400
        assert "no more than 20 characters" in response.content.decode()

    def test_stored_markup_is_inert(self, api, customer):
        """Text is escaped in pages and forms."""
        Order.objects.create(
            number="A-1", customer=customer, note="<script>alert(1)</script>", tags=["</script>"]
        )

        page = api.get("/api/orders/", headers=HTML).content.decode()

        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    @pytest.mark.parametrize("accept", ["text/html", "application/json"])
    def test_hidden_value_is_nowhere(self, api, customer, accept):
        """A canary in a hidden field appears on no route."""
        order = Order.objects.create(number="A-1", customer=customer, margin=0.123456)
        url = f"/api/orders/{order.pk}/"
        answers = [
            api.get("/api/orders/", headers={"Accept": accept}),
            api.get("/api/orders/?search=a&ordering=margin", headers={"Accept": accept}),
            api.get("/api/orders/?margin=1", headers={"Accept": accept}),
            api.get(url, headers={"Accept": accept}),
            api.options(url, headers={"Accept": accept}),
            api.patch(url, {"note": "x"}, format="json", headers={"Accept": accept}),
            api.put(url, {}, format="json", headers={"Accept": accept}),
            api.post("/api/orders/", {"margin": 1}, format="json", headers={"Accept": accept}),
        ]

        assert not any(b"0.123456" in answer.content for answer in answers)
