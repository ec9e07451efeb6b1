"""Specify what serializers write: only the paths that differ."""

from decimal import Decimal

import pytest
from rest_framework import serializers

from docmodels import rest
from docmodels.connections import connections
from docmodels.rest.writing import assign
from tests.rest.shop.api import OrderSerializer
from tests.rest.shop.models import Order

LINE = {"sku": "tea", "price": Decimal("4.50"), "quantity": 1}


def load(**raw):
    """Return an order as it comes from the database."""
    return Order.from_mongo({"_id": "x", "number": "A-1", **raw})


class TestSave:
    """`save()` goes through the document."""

    def test_unchanged_data_writes_nothing(self, order, assert_num_commands):
        """A PUT of what was read sends no update."""
        data = OrderSerializer(order).data
        loaded = Order.objects.get(pk=order.pk)
        serializer = OrderSerializer(loaded, data=data)
        assert serializer.is_valid(), serializer.errors

        assign(loaded, serializer.validated_data, serializer)

        assert loaded.modified_paths() == []

    @pytest.mark.parametrize(
        ("values", "update"),
        [
            ({"note": "x"}, {"$set": {"note": "x"}}),
            ({"remark": None}, {"$set": {"remark": None}}),
            ({"shipping": {"city": "Graz"}}, {"$set": {"shipping.city": "Graz"}}),
            (
                {"lines": [LINE, {"sku": "cup", "price": Decimal("8"), "quantity": 2}]},
                {"$set": {"lines.1.price": "8"}},
            ),
            ({"labels": {"a": 1, "c": 3}}, {"$set": {"labels.c": 3}, "$unset": {"labels.b": ""}}),
            ({"status": "open"}, {}),
        ],
        ids=str,
    )
    def test_only_changed_paths(self, values, update):
        """Only what differs is sent."""
        order = load(
            status="open",
            lines=[
                {"sku": "tea", "price": 4.5, "quantity": 1},
                {"sku": "cup", "price": 7, "quantity": 2},
            ],
            shipping={"street": "Ring 1", "city": "Wien"},
            labels={"a": 1, "b": 2},
        )
        order.lines[0].price = Decimal("4.50")
        order.lines.commit()

        assign(order, values)
        _filter, sent = order.pending_update()

        sent.pop("$inc", None)
        shown = {op: {k: str(v) if k.endswith("price") else v for k, v in changes.items()}
                 for op, changes in sent.items()}  # fmt: skip
        assert shown == update

    def test_elements_keep_what_the_api_does_not_show(self, order, stored):
        """An element that moved, or changed in place, keeps its undeclared data."""
        collection = connections["default"].collection("shop_order")
        collection.update_one(
            {"_id": order.pk}, {"$set": {"lines.0.origin": "Assam", "lines.1.glaze": "blue"}}
        )
        loaded = Order.objects.get(pk=order.pk)

        serializer = OrderSerializer(
            loaded,
            partial=True,
            data={"lines": [{"sku": "cup", "price": "7.25", "quantity": 2}]},
        )
        serializer.is_valid(raise_exception=True)
        serializer.save()

        (line,) = stored(order)["lines"]
        assert line["sku"] == "cup"
        assert line["glaze"] == "blue"
        assert "origin" not in line

    def test_element_loses_what_was_left_out(self, order, stored):
        """A list is replaced: an optional value that is not given is unset."""
        loaded = Order.objects.get(pk=order.pk)
        serializer = OrderSerializer(
            loaded,
            partial=True,
            data={"lines": [{"sku": "tea", "price": "4.50"}, {"sku": "cup", "price": "7.25"}]},
        )
        serializer.is_valid(raise_exception=True)
        serializer.save()

        assert [line.get("quantity", 1) for line in stored(order)["lines"]] == [1, 1]

    def test_appended_element(self, order, stored):
        """A longer list with the same beginning is an append."""
        loaded = Order.objects.get(pk=order.pk)
        data = [dict(line) for line in OrderSerializer(loaded).data["lines"]]
        data.append({"sku": "pot", "price": "20"})
        serializer = OrderSerializer(loaded, partial=True, data={"lines": data})
        serializer.is_valid(raise_exception=True)

        assign(loaded, serializer.validated_data, serializer)
        _filter, update = loaded.pending_update()

        assert list(update["$push"]) == ["lines"]

    def test_document_errors_come_out_at_their_path(self, mongo):
        """What only the document knows is nested under the serializer's names."""

        class Serializer(rest.DocumentSerializer):
            class Meta:
                model = Order
                fields = ["no", "lines", "labels"]
                extra_kwargs = {"no": {"source": "number"}}

        serializer = Serializer(
            data={"no": "A-1", "lines": [{"sku": "a", "price": "1"}], "labels": {"a.b": 1}}
        )
        assert serializer.is_valid(), serializer.errors

        with pytest.raises(serializers.ValidationError) as caught:
            serializer.save()

        assert caught.value.detail == {
            "customer": ["This field is required."],
            "labels": [
                "The key 'a.b' cannot be stored: keys are text without '.', NUL or leading '$'."
            ],
        }

    def test_taken_unique_value(self, order, unique_numbers):
        """The index decides; its error is that of the field."""
        serializer = OrderSerializer(data={"number": "A-1", "customer": str(order.customer_id)})
        assert serializer.is_valid(), serializer.errors

        with pytest.raises(serializers.ValidationError) as caught:
            serializer.save()

        assert caught.value.detail == {"number": ["Order with this number already exists."]}

    def test_extra_values(self, customer):
        """`save(**values)` sets fields that the input may not."""
        serializer = OrderSerializer(data={"number": "A-1", "customer": str(customer.pk)})
        serializer.is_valid(raise_exception=True)

        order = serializer.save(margin=0.4)

        assert order.margin == 0.4
