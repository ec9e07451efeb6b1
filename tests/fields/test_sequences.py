"""`SequenceField`: numbers that are given once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError

from docmodels import documents, transaction
from docmodels.indexing import plan, sync


class Ticket(documents.Document):
    number = documents.SequenceField(start=100, unique=True, db_field="n")
    title = documents.CharField(max_length=9, default="t")

    class Meta:
        collection = "tickets"


class Invoice(documents.Document):
    number = documents.SequenceField(primary_key=True, counter="papers")

    class Meta:
        collection = "invoices"


class Receipt(documents.Document):
    number = documents.SequenceField(counter="papers")

    class Meta:
        collection = "receipts"


class TestSequence:
    """`SequenceField`."""

    def test_counts(self):
        """Each new document gets the next number, and keeps it."""
        tickets = [Ticket.objects.create() for _ in range(3)]
        tickets[0].title = "x"
        tickets[0].save()

        assert [ticket.number for ticket in tickets] == [100, 101, 102]
        assert [ticket.number for ticket in Ticket.objects.order_by("number")] == [100, 101, 102]

    def test_given(self):
        """A number that was given is kept."""
        assert Ticket.objects.create(number=5).number == 5
        assert Ticket.objects.create().number == 100

    def test_taken_right_before_the_insert(self):
        """A document that is not valid takes none."""
        with pytest.raises(ValidationError):
            Ticket(title="far too long").save()

        assert Ticket.objects.create().number == 100

    def test_many_at_once(self, assert_num_commands):
        """`bulk_create` takes all numbers in one command."""
        Ticket.objects.create()

        with assert_num_commands(2):
            tickets = Ticket.objects.bulk_create([Ticket(), Ticket(number=7), Ticket()])

        assert [ticket.number for ticket in tickets] == [101, 7, 102]

    def test_threads(self):
        """Concurrent inserts never get the same number."""
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(lambda _: Ticket.objects.create().number, range(40)))

        assert sorted(numbers) == list(range(100, 140))

    def test_failed_insert(self, mongo):
        """A number of a failed insert is not given again; the object can be saved anew."""
        sync(plan(Ticket))
        mongo.collection("tickets").insert_one({"n": 100})
        ticket = Ticket()

        with pytest.raises(ValidationError):
            ticket.save()
        assert ticket.number is None
        ticket.save()

        assert ticket.number == 101
        mongo.collection("tickets").drop_indexes()

    def test_shared_counter(self):
        """Two collections may count together, and a number may be the key."""
        numbers = [Invoice.objects.create().pk, Receipt.objects.create().number]
        numbers.append(Invoice.objects.create().pk)

        assert numbers == [1, 2, 3]
        assert Invoice.objects.get(pk=3).number == 3

    def test_transaction(self):
        """An aborted transaction gives no number back, and holds up nobody."""

        @transaction.atomic()
        def create():
            Ticket.objects.create()
            raise RuntimeError

        with pytest.raises(RuntimeError):
            create()

        assert Ticket.objects.create().number == 101
        assert Ticket.objects.count() == 1

    def test_catch_up(self, mongo):
        """A counter can be set behind what other programs stored."""
        field = Ticket._meta.get_field("number")
        mongo.collection("tickets").insert_many([{"n": 500}, {"n": "x"}])

        field.catch_up()
        assert list(field.reserve(2)) == [501, 502]
        field.catch_up()
        assert Ticket.objects.create().number == 503

    def test_inside(self):
        """An embedded document, or a list, is no place for a sequence."""
        with pytest.raises(ImproperlyConfigured) as caught:

            class Part(documents.EmbeddedDocument):
                number = documents.SequenceField()

        assert str(caught.value) == (
            "Part.number: a SequenceField inside of a document, expected one of the document "
            "itself, or a reference to a document that has one."
        )
        with pytest.raises(ImproperlyConfigured):

            class Listed(documents.Document):
                numbers = documents.ListField(documents.SequenceField())
