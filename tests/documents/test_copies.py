"""`copies=` of a reference: what is stored beside it, and how it is kept in step."""

import logging

import pytest
from bson import ObjectId
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.test import override_settings

from docmodels import documents, transaction
from docmodels.documents import ops
from docmodels.testing import record_commands


class Customer(documents.Document):
    name = documents.CharField(max_length=20)
    country = documents.CharField(max_length=2, blank=True, db_field="c")
    phone = documents.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "copies"


class Line(documents.EmbeddedDocument):
    seller = documents.ReferenceField(Customer, copies=["name"], blank=True)
    amount = documents.IntegerField(default=1)

    class Meta:
        app_label = "copies"


class Order(documents.Document):
    customer = documents.ReferenceField(
        "copies.Customer", copies=["name", "country"], blank=True, null=True
    )
    lines = documents.EmbeddedListField(Line)
    by_day = documents.MapField(documents.EmbeddedField(Line), blank=True)
    note = documents.CharField(blank=True)

    class Meta:
        app_label = "copies"
        indexes = [documents.Index(fields=["customer_copy.name"])]


class Branch(documents.Document):
    name = documents.CharField(max_length=20)
    above = documents.ReferenceField("self", copies=["name"], blank=True)

    class Meta:
        app_label = "copies"


@pytest.fixture
def ann(mongo):
    """Store a customer."""
    return Customer.objects.create(name="Ann", country="NO", phone="1")


@pytest.fixture
def bob(mongo):
    """Store another one."""
    return Customer.objects.create(name="Bob")


@pytest.fixture
def orders(mongo):
    """Give the orders' collection."""
    return mongo.collection("copies_order")


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


def save_and_fail(document):
    """Save, and raise."""
    document.save()
    raise ZeroDivisionError


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


class TestSpread:
    """A change of what was copied is brought to the copies."""

    @pytest.fixture
    def order(self, ann, bob):
        """Store an order with the customer everywhere, and one of another."""
        Order.objects.create(customer=bob, lines=[{"seller": bob}])
        return Order.objects.create(
            customer=ann,
            lines=[{"seller": bob}, {"seller": ann}],
            by_day={"mon": {"seller": ann}, "tue": {"seller": bob}},
        )

    def names(self, order):
        """Give the names that the order has stored."""
        order.refresh_from_db()
        return [
            order.customer_copy.name,
            *(line.seller_copy.name for line in order.lines),
            *(line.seller_copy.name for line in order.by_day.values()),
        ]

    def check(self, order):
        """Demand the new name where the old one was, and nowhere else."""
        assert self.names(order) == ["Eve", "Bob", "Eve", "Eve", "Bob"]
        other = Order.objects.exclude(pk=order.pk).get()
        assert (other.customer_copy.name, other.lines[0].seller_copy.name) == ("Bob", "Bob")

    def test_save(self, ann, order):
        """By a save."""
        ann.name = "Eve"
        ann.save()

        self.check(order)

    def test_one_command_for_each_path(self, ann, order):
        """One update each, besides what counts and reads."""
        ann.name = "Eve"
        with record_commands() as commands:
            ann.save()

        updated = [sent.command["update"] for sent in commands if sent.name == "update"]
        assert updated == ["copies_customer", "copies_order", "copies_order", "copies_order"]

    def test_nothing_copied(self, ann, order):
        """A change of another field sends nothing else."""
        ann.phone = "2"
        with record_commands() as commands:
            ann.save()

        assert [sent.name for sent in commands] == ["update"]

    @pytest.mark.parametrize(
        "change",
        [
            lambda ann: Customer.objects.filter(name="Ann").update(name="Eve"),
            lambda ann: Customer.objects.filter(name="Ann").update_one(name="Eve"),
            lambda ann: Customer.objects.filter(name="Ann").find_one_and_update(name="Eve"),
            lambda ann: Customer.objects.upsert({"name": "Eve"}, pk=ann.pk),
            lambda ann: Customer.objects.bulk_update([rename(ann)], ["name"]),
            lambda ann: Customer.objects.bulk_save([rename(ann)]),
            lambda ann: Customer.objects.bulk_write(
                [ops.UpdateOne(documents.Q(name="Ann"), name="Eve")]
            ),
            lambda ann: Customer.objects.filter(name="Ann").find_one_and_replace(
                Customer(name="Eve")
            ),
            lambda ann: Customer.objects.update_or_create({"name": "Eve"}, name="Ann"),
        ],
        ids=[
            "update", "update_one", "find_one_and_update", "upsert", "bulk_update", "bulk_save",
            "bulk_write", "find_one_and_replace", "update_or_create",
        ],
    )  # fmt: skip
    def test_querysets(self, ann, order, change):
        """By whatever writes."""
        change(ann)

        self.check(order)

    def test_transaction(self, ann, order):
        """In a transaction all is undone together."""
        ann.name = "Eve"
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            save_and_fail(ann)

        assert self.names(order) == ["Ann", "Bob", "Ann", "Ann", "Bob"]

    def test_too_many(self, ann, order, caplog):
        """Above the limit they are left behind, and it is told."""
        Order.objects.create(customer=ann)
        ann.name = "Eve"

        with (
            override_settings(DOCMODELS={"COPIES_LIMIT": 1}),
            caplog.at_level(logging.WARNING, "docmodels.copies"),
        ):
            ann.save()

        assert caplog.messages == [
            f"Order.customer: more than 1 documents hold copies of copies.Customer {ann.pk!r}, "
            f"which were left behind. Run manage.py checkreferences copies.Order --copies --mend."
        ]
        assert self.names(order) == ["Ann", "Bob", "Eve", "Eve", "Bob"]

    def test_too_many_updated(self, ann, bob, order, caplog):
        """So are they where too many are updated at once."""
        with (
            override_settings(DOCMODELS={"COPIES_LIMIT": 1}),
            caplog.at_level(logging.WARNING, "docmodels.copies"),
        ):
            Customer.objects.update(name="Eve", allow_all=True)

        assert caplog.messages == [
            "copies.Customer: more than 1 documents were updated, their copies were left behind. "
            "Run manage.py checkreferences --copies --mend."
        ]


def rename(customer):
    """Change the name; give the object."""
    customer.name = "Eve"
    return customer


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
