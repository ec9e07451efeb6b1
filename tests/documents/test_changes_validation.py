"""`save(validate="changed")` judges the changed paths, down to elements (V1, V7)."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=3)
    price = documents.IntegerField(blank=True)


class Span(documents.EmbeddedDocument):
    start = documents.IntegerField()
    end = documents.IntegerField()

    def clean(self):
        if self.start > self.end:
            raise ValidationError({"end": "Ends before it starts."})


class Order(documents.Document):
    key = documents.IntegerField(primary_key=True)
    name = documents.CharField(max_length=3)
    tags = documents.ListField(documents.CharField(max_length=3), max_items=3)
    lines = documents.EmbeddedListField(Line)
    span = documents.EmbeddedField(Span, blank=True)
    seen = documents.MapField(documents.IntegerField(min_value=0), blank=True)

    class Meta:
        collection = "orders"


#: Nearly everything is wrong.
RAW = {
    "_id": 1,
    "name": "too long",
    "tags": ["too long", "b"],
    "lines": [{"sku": "too long"}, {"sku": "y"}, {"price": "x"}],
    "span": {"start": 1, "end": 2},
    "seen": {"bad": -1, "x": 1},
}

EDITS = {
    "scalar": (lambda o: setattr(o, "name", "abcd"), {"name"}),
    "good scalar": (lambda o: setattr(o, "name", "abc"), set()),
    "good element": (lambda o: setattr(o.lines[1], "sku", "z"), set()),
    "bad element": (lambda o: setattr(o.lines[1], "sku", "wxyz"), {"lines.1.sku"}),
    "beside a bad value": (lambda o: setattr(o.lines[0], "price", 3), set()),
    "mended": (lambda o: setattr(o.lines[0], "sku", "x"), set()),
    "good new element": (lambda o: o.lines.append(Line(sku="z")), set()),
    "bad new element": (lambda o: o.lines.append({"sku": "wxyz"}), {"lines.3.sku"}),
    "moved elements": (lambda o: o.lines.reverse(), set()),
    "list of the same elements": (
        lambda o: setattr(o, "lines", [o.lines[0], Line(sku="wxyz")]),
        {"lines.1.sku"},
    ),
    "good tag": (lambda o: o.tags.append("c"), set()),
    "bad tag": (lambda o: o.tags.append("wxyz"), {"tags.2"}),
    "too many tags": (lambda o: o.tags.extend(["c", "d"]), {"tags"}),
    "good key": (lambda o: o.seen.update(y=2), set()),
    "bad key": (lambda o: o.seen.update(y=-2), {"seen.y"}),
    "new map": (lambda o: setattr(o, "seen", {"y": -2}), {"seen.y"}),
    "removed key": (lambda o: o.seen.pop("x"), set()),
    "clean() of a part": (lambda o: setattr(o.span, "start", 9), {"span.end"}),
    "removed": (lambda o: delattr(o, "name"), {"name"}),
    "bad cast": (lambda o: setattr(o, "span", "x"), {"span"}),
}


class TestChanged:
    """Bad stored values elsewhere do not stand in the way."""

    @pytest.mark.parametrize(("edit", "wrong"), EDITS.values(), ids=EDITS)
    def test_paths(self, mongo, edit, wrong):
        """Only what was changed, and what holds it, is judged."""
        mongo.collection("orders").insert_one(RAW)
        order = Order.objects.get(pk=1)
        edit(order)

        found = set()
        try:
            order.save(validate="changed")
        except ValidationError as error:
            found = set(error.message_dict)

        assert found == wrong
        assert (mongo.collection("orders").find_one() == RAW) is bool(wrong)

    def test_all(self, mongo):
        """A plain save judges everything that was loaded."""
        mongo.collection("orders").insert_one(RAW)
        order = Order.objects.get(pk=1)
        order.lines[1].sku = "z"

        with pytest.raises(ValidationError) as caught:
            order.save()

        assert set(caught.value.message_dict) == {
            "name", "tags.0", "lines.0.sku", "lines.2.sku", "lines.2.price", "seen.bad"
        }  # fmt: skip
