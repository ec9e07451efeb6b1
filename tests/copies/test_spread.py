"""`copies=` of a reference: a change of what was copied reaches the copies."""

import logging

import pytest
from django.test import override_settings

from docmodels import documents, transaction
from docmodels.documents import ops
from docmodels.testing import record_commands
from tests.copies.models import Customer, Order, save_and_fail


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
