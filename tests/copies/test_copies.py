"""`copies=` of a reference: what is stored beside it, and how it is kept in step."""

import pytest
from bson import ObjectId
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError

from docmodels import documents, transaction
from docmodels.documents import ops
from docmodels.testing import record_commands
from tests.copies.models import Branch, Customer, Line, Order, save_and_fail


class TestSave:
    """Saving fills the copies."""

    def test_insert(self, ann, orders):
        """They are beside the reference, in whatever it is in."""
        order = Order(customer=ann, lines=[{"seller": ann}], by_day={"mon": {"seller": ann}})
        order.save()

        assert orders.find_one({}, {"_id": 0, "__v": 0}) == {
            "customer": ann.pk,
            "customer_copy": {"name": "Ann", "c": "NO"},
            "lines": [{"seller": ann.pk, "amount": 1, "seller_copy": {"name": "Ann"}}],
            "by_day": {"mon": {"seller": ann.pk, "amount": 1, "seller_copy": {"name": "Ann"}}},
        }
        assert order.customer_copy.country == "NO"

    def test_read(self, ann, assert_num_commands):
        """They are read without the customer, and typed as its fields are."""
        Order.objects.create(customer=ann, lines=[{"seller": ann}])

        with assert_num_commands(1):
            order = Order.objects.get()
            assert (order.customer_copy.name, order.lines[0].seller_copy.name) == ("Ann", "Ann")
        assert order.customer == ann

    def test_filter(self, ann, bob, assert_uses_index, mongo):
        """They are filtered and sorted by as declared paths."""
        mongo.collection("copies_order").create_index("customer_copy.name", name="by_name")
        for customer in (bob, ann):
            Order.objects.create(customer=customer, lines=[{"seller": customer}])

        found = Order.objects.filter(customer_copy__name="Ann")
        assert found.get().customer_id == ann.pk
        assert_uses_index(found, "by_name")
        assert Order.objects.filter(lines__seller_copy__name="Bob").count() == 1
        names = Order.objects.order_by("customer_copy__name").values_list(
            "customer_copy__name", flat=True
        )
        assert list(names) == ["Ann", "Bob"]

    def test_change(self, ann, bob, orders):
        """Another customer brings other copies, none takes them away."""
        order = Order.objects.create(customer=ann, lines=[{"seller": ann}])
        order.customer = bob
        order.lines[0].seller = bob
        order.lines.append({"seller": ann})
        order.save()

        stored = orders.find_one()
        assert stored["customer_copy"] == {"name": "Bob"}
        assert [line["seller_copy"]["name"] for line in stored["lines"]] == ["Bob", "Ann"]

        order.customer = None
        order.save()
        assert orders.find_one()["customer_copy"] is None

    def test_only_what_changed(self, ann, assert_num_commands):
        """A save that leaves the reference alone looks nothing up, and writes no copy."""
        order = Order.objects.create(customer=ann)
        order.note = "n"

        assert order.pending_update()[1] == {"$set": {"note": "n"}}
        with assert_num_commands(1):
            order.save()

    def test_update_fields(self, ann, bob, orders):
        """The copies go with the name of the reference."""
        order = Order.objects.create(customer=ann)
        order.customer = bob
        order.save(update_fields=["customer"])

        assert orders.find_one()["customer_copy"] == {"name": "Bob"}

    def test_missing(self, orders):
        """A key that leads nowhere has no copies."""
        Order.objects.create(customer=ObjectId())

        assert orders.find_one().get("customer_copy") is None

    def test_bulks(self, ann, bob, orders):
        """Many are filled by one query."""
        made = [Order(customer=ann), Order(customer=bob), Order(), Order(customer=ann)]
        with record_commands() as commands:
            Order.objects.bulk_create(made)
        assert [sent.name for sent in commands] == ["find", "insert"]

        for order in made:
            order.customer = bob
        Order.objects.bulk_save(made[:2])
        Order.objects.bulk_update(made[2:], ["customer"])

        names = [raw["customer_copy"]["name"] for raw in orders.find()]
        assert names == ["Bob"] * 4

    def test_self(self, mongo):
        """A class may copy from itself."""
        top = Branch.objects.create(name="top")
        leaf = Branch.objects.create(name="leaf", above=top)
        top.name = "root"
        top.save()

        leaf.refresh_from_db()
        assert leaf.above_copy.name == "root"

    def test_abort(self, ann, bob, orders):
        """After an abort they are as before."""
        order = Order.objects.create(customer=ann)
        order.customer = bob
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            save_and_fail(order)

        assert orders.find_one()["customer_copy"]["name"] == "Ann"
        assert order.customer_copy.name == "Ann"
        order.save()
        assert orders.find_one()["customer_copy"]["name"] == "Bob"


class TestReadOnly:
    """Nobody else writes them."""

    def test_assigned(self, ann):
        """An assignment is refused by the next save, as wrong values are."""
        order = Order(customer=ann)
        order.customer_copy = {"name": "X"}

        with pytest.raises(ValidationError) as caught:
            order.save()

        assert caught.value.message_dict == {
            "customer_copy": ["A copy that saving fills, expected a change of customer."]
        }

    def test_inside(self, ann):
        """So is one inside of them."""
        order = Order.objects.create(customer=ann)
        order = Order.objects.get()

        with pytest.raises(ValidationError):
            order.customer_copy.name = "X"

    def test_updates(self, ann):
        """And one by a queryset."""
        for values in ({"customer_copy": {"name": "X"}}, {"customer_copy__name": "X"}):
            with pytest.raises(ValidationError):
                Order.objects.filter(note="n").update(values)


class TestUpdates:
    """Updates of the documents that refer, by querysets."""

    def test_set(self, ann, bob, orders):
        """The copies go with the key, at every path."""
        Order.objects.create(customer=ann, lines=[{"seller": ann}, {"seller": ann}])
        everything = Order.objects.filter(note__exists=False)

        everything.update({"customer": bob, "lines.0.seller": bob})
        stored = orders.find_one()
        assert stored["customer_copy"] == {"name": "Bob"}
        assert stored["lines"][0]["seller_copy"] == {"name": "Bob"}

        everything.update({"lines.$[].seller": bob})
        assert orders.find_one()["lines"][1]["seller_copy"] == {"name": "Bob"}

        everything.update(lines=[Line(seller=ann)])
        assert orders.find_one()["lines"][0]["seller_copy"] == {"name": "Ann"}

        everything.update(lines=ops.Push(Line(seller=bob)))
        assert orders.find_one()["lines"][1]["seller_copy"] == {"name": "Bob"}

        everything.update(customer=ops.Unset())
        assert "customer_copy" not in orders.find_one()

    def test_find_one_and_update(self, ann, bob):
        """They do as well."""
        Order.objects.create(customer=ann)

        found = Order.objects.filter(customer=ann).find_one_and_update(
            customer=bob, return_new=True
        )

        assert found.customer_copy.name == "Bob"

    def test_computed(self, ann):
        """What the server computes cannot be copied, and is refused."""
        with pytest.raises(FieldError) as caught:
            Order.objects.filter(note="n").update(ops.Pipeline([{"$set": {"customer": "$other"}}]))

        assert str(caught.value) == (
            "Order.customer: an update that computes a reference with copies, expected a value, or "
            "a save of the documents."
        )


class TestCopiedReferences:
    """A reference may be copied."""

    def test_rule(self, mongo):
        """Its rule is that of where it is copied from: a copy refers to nothing."""

        class Land(documents.Document):
            name = documents.CharField()

            class Meta:
                app_label = "copies_of_references"

        class Town(documents.Document):
            land = documents.ReferenceField(Land, on_delete=documents.CASCADE, copies=["name"])

            class Meta:
                app_label = "copies_of_references"

        class House(documents.Document):
            town = documents.ReferenceField(Town, copies=["land"])

            class Meta:
                app_label = "copies_of_references"

        land = Land.objects.create(name="A")
        town = Town.objects.create(land=land)
        house = House.objects.create(town=town)
        assert house.town_copy.to_dict() == {"land": land.pk}
        assert House.objects.get().town_copy.land == land

        assert land.delete()[1].keys() == {"copies_of_references.Land", "copies_of_references.Town"}
        assert House.objects.count() == 1


class TestMistakes:
    """Declarations."""

    def test_text(self):
        """A list of names is expected."""
        with pytest.raises(TypeError) as caught:
            documents.ReferenceField(Customer, copies="name")

        assert str(caught.value) == (
            "ReferenceField: copies='name', expected a list of names of fields."
        )

    def test_in_a_list(self):
        """A list of keys has no place for copies."""
        with pytest.raises(TypeError) as caught:

            class Bad(documents.Document):
                refs = documents.ListField(documents.ReferenceField(Customer, copies=["name"]))

        assert str(caught.value) == (
            "Bad.refs: copies= of references in a list or a map, which have no place for them; "
            "expected embedded documents with a reference."
        )

    def test_unknown_field(self, mongo):
        """A name that the target does not have is told where it is first used."""

        class Right(documents.Document):
            name = documents.CharField(blank=True)

            class Meta:
                app_label = "copies_wrong"

        class Wrong(documents.Document):
            to = documents.ReferenceField(Right, copies=["nmae"])

            class Meta:
                app_label = "copies_wrong"

        with pytest.raises(FieldDoesNotExist) as caught:
            Wrong(to=Right.objects.create()).save()
        assert str(caught.value) == (
            "Wrong.to: copies='nmae', expected a field of Right. Choices are: id, name."
        )
