"""The shop over HTTP."""

from docmodels import rest
from tests.rest.shop.models import Customer, Order
from tests.rest.shop.samples import Sample


class OrderSerializer(rest.DocumentSerializer):
    class Meta:
        model = Order
        fields = "__all__"


class OrderViewSet(rest.DocumentViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    filterset_fields = {
        "number": ["exact", "in", "startswith", "regex"],
        "customer": ["exact"],
        "status": ["exact"],
        "placed_at": ["gte", "lt"],
        "lines__sku": ["exact"],
        "lines__quantity": ["exact", "gte", "range"],
        "remark": ["exact", "isnull", "exists"],
        "tags": ["exact", "all", "size"],
    }
    search_fields = ["^number", "lines__sku", "note"]
    ordering_fields = ["number", "placed_at"]


class CustomerViewSet(rest.DocumentViewSet):
    queryset = Customer.objects.all()
    fields = ["pk", "name", "email"]
    filterset_fields = ["name", "email"]
    permission_classes = [rest.DocumentPermissions]


class SampleViewSet(rest.DocumentViewSet):
    queryset = Sample.objects.all()


class ArchiveViewSet(rest.ReadOnlyDocumentViewSet):
    queryset = Order.objects.filter(status="paid")
    fields = ["pk", "number"]
