"""`pick()`: copies of fields of a document inside of another one."""

import pickle

import pytest
from django.core.exceptions import FieldDoesNotExist, ValidationError

from docmodels import documents


class Home(documents.EmbeddedDocument):
    city = documents.CharField()


class Buyer(documents.Document):
    name = documents.CharField(max_length=10, unique=True)
    email = documents.EmailField(db_field="mail", immutable=True)
    home = documents.EmbeddedField(Home, blank=True)
    number = documents.SequenceField()
    secret = documents.CharField(blank=True)

    class Meta:
        app_label = "picked"
        timestamps = True


BuyerCopy = documents.pick(Buyer, "pk", "name", "email", "home", "number", "created_at")


class Bill(documents.Document):
    buyer = documents.EmbeddedField(BuyerCopy)

    class Meta:
        app_label = "picked"


@pytest.fixture
def buyer():
    """Give a stored buyer."""
    return Buyer.objects.create(name="Ida", email="ida@example.com", home={"city": "Wien"})


def test_fields():
    """The copies have names, keys and validators, and are neither keys nor unique."""
    fields = {field.name: field for field in BuyerCopy._meta.fields}

    assert list(fields) == ["id", "name", "email", "home", "number", "created_at"]
    assert [field.db_field for field in fields.values()][:3] == ["_id", "name", "mail"]
    assert not any(f.unique or f.primary_key or f.immutable for f in fields.values())
    assert fields["name"].max_length == 10
    assert Buyer._meta.get_field("name").unique
    assert Buyer._meta.pk.primary_key


def test_from_document(buyer):
    """The values are copied, and stored in the other document."""
    Bill.objects.create(buyer=BuyerCopy.from_document(buyer))

    bill = Bill.objects.get()
    assert bill.buyer.id == buyer.pk
    assert (bill.buyer.name, bill.buyer.number) == ("Ida", buyer.number)
    assert bill.buyer.created_at == buyer.created_at
    assert next(Bill.objects.raw())["buyer"]["mail"] == "ida@example.com"
    assert Bill.objects.filter(buyer__home__city="Wien").count() == 1


def test_copy_is_apart(buyer):
    """The copy does not follow the document, and shares nothing with it."""
    copied = BuyerCopy.from_document(buyer)

    buyer.home.city = "Graz"

    assert copied.home.city == "Wien"


def test_copy_may_change(buyer):
    """What is immutable or automatic in the document is not in the copy."""
    bill = Bill.objects.create(buyer=BuyerCopy.from_document(buyer))

    bill.buyer.email = "other@example.com"
    bill.save()

    assert Bill.objects.get().buyer.created_at == buyer.created_at


def test_missing_stays_missing():
    """What the document lacks is not made up."""
    copied = BuyerCopy.from_document(Buyer(name="Ida"))

    assert copied.to_dict() == {"name": "Ida"}


def test_deferred(buyer):
    """What a query left out is loaded."""
    copied = BuyerCopy.from_document(Buyer.objects.only("name").get())

    assert copied.email == "ida@example.com"


def test_judged(buyer):
    """A copy is validated as its field is."""
    copied = BuyerCopy.from_document(buyer)
    copied.name = "x" * 11

    with pytest.raises(ValidationError) as caught:
        Bill(buyer=copied).save()
    assert list(caught.value.message_dict) == ["buyer.name"]


def test_class():
    """The class belongs to the module that asked for it."""
    assert (BuyerCopy.__name__, BuyerCopy.__module__) == ("BuyerCopy", __name__)
    assert documents.pick(Buyer, "name", name="Short").__name__ == "Short"
    assert pickle.loads(pickle.dumps(BuyerCopy(name="a"))) == BuyerCopy(name="a")


def test_mistakes(buyer):
    """Each mistake says what was expected."""
    with pytest.raises(FieldDoesNotExist) as caught:
        documents.pick(Buyer, "nam")
    assert str(caught.value) == "Buyer has no field named 'nam'. Did you mean 'name'?"

    with pytest.raises(TypeError) as wrong:
        documents.pick(Buyer)
    assert str(wrong.value) == "pick(Buyer): no names, expected those of the fields."

    with pytest.raises(TypeError) as wrong:
        documents.pick(Buyer, ["name"])
    assert str(wrong.value) == "pick(Buyer): (['name'],), expected names one by one."

    with pytest.raises(TypeError) as wrong:
        documents.pick(Home, "city")
    assert str(wrong.value).endswith("Home'>, expected a document class.")

    with pytest.raises(TypeError) as wrong:
        BuyerCopy.from_document(Home(city="Wien"))
    assert str(wrong.value) == ("BuyerCopy.from_document(): Home(city='Wien'), expected a Buyer.")
