"""`manage.py checkreferences --copies`: what is behind, and bringing it in step."""

import io

import pytest
from bson import ObjectId
from django.core.management import CommandError, call_command

from docmodels import documents
from docmodels.connections import connections


class Firm(documents.Document):
    name = documents.CharField(max_length=20)
    city = documents.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "behind"


class Share(documents.EmbeddedDocument):
    firm = documents.ReferenceField(Firm, copies=["name"], blank=True)

    class Meta:
        app_label = "behind"


class Owner(documents.Document):
    firm = documents.ReferenceField(Firm, copies=["name", "city"], blank=True)
    shares = documents.EmbeddedListField(Share)
    lots = documents.MapField(documents.EmbeddedListField(Share), blank=True)

    class Meta:
        app_label = "behind"


@pytest.fixture
def firms(mongo):
    """Store two firms."""
    return [Firm.objects.create(name=name, city="Oslo") for name in ("Ax", "By")]


@pytest.fixture
def owner(firms):
    """Store an owner of both."""
    first, second = firms
    return Owner.objects.create(
        firm=first,
        shares=[{"firm": first}, {"firm": second}],
        lots={"a": [{"firm": second}, {"firm": first}]},
    )


@pytest.fixture
def check():
    """Give a function that runs the command; it returns the output."""

    def run(*labels, **options):
        out = io.StringIO()
        options |= {"stdout": out, "stderr": io.StringIO(), "copies": True}
        call_command("checkreferences", *(labels or ["behind"]), **options)
        return out.getvalue().splitlines()

    return run


def rename(firm, name):
    """Let another program change the firm."""
    firms = connections["default"].collection("behind_firm")
    firms.update_one({"_id": firm.pk}, {"$set": {"name": name}})


def test_in_step(owner, check):
    """What is in step is not reported."""
    assert check() == ["1 document(s) checked, 0 broken."]


def test_behind(owner, firms, check):
    """Each path is told."""
    rename(firms[0], "Cz")

    assert check() == [
        "Owner.firm, copies: 1 document(s) broken (COPY)",
        f"  {owner.pk}",
        "Owner.lots.firm, copies: 1 document(s) broken (COPY)",
        f"  {owner.pk}",
        "Owner.shares.firm, copies: 1 document(s) broken (COPY)",
        f"  {owner.pk}",
        "1 document(s) checked, 3 broken.",
    ]
    with pytest.raises(CommandError):
        check(check=True)


@pytest.mark.parametrize("using", [None, "slow"])
def test_mend(owner, firms, check, using):
    """They are brought in step; the others stay, a second run finds nothing."""
    rename(firms[0], "Cz")

    assert check(mend=True, using=using)[-1] == "1 document(s) checked, 3 broken, 3 mended."

    owner.refresh_from_db()
    assert (owner.firm_copy.name, owner.firm_copy.city) == ("Cz", "Oslo")
    assert [share.firm_copy.name for share in owner.shares] == ["Cz", "By"]
    assert [share.firm_copy.name for share in owner.lots["a"]] == ["By", "Cz"]
    assert check() == ["1 document(s) checked, 0 broken."]


def test_missing(mongo, firms, check):
    """Copies that were never made are made: `copies=` was added to a stored collection."""
    owners = mongo.collection("behind_owner")
    owners.insert_many(
        [{"_id": n, "firm": firms[n % 2].pk, "shares": [{"firm": firms[0].pk}]} for n in range(25)]
    )

    assert check(mend=True, batch_size=10)[-1] == ("25 document(s) checked, 50 broken, 50 mended.")

    assert {owner.firm_copy.name for owner in Owner.objects.all()} == {"Ax", "By"}
    assert {owner.shares[0].firm_copy.name for owner in Owner.objects.all()} == {"Ax"}


def test_target_gone(mongo, owner, check):
    """What was copied of a document that is gone is kept."""
    Firm.objects.all().delete(allow_all=True)
    mongo.collection("behind_owner").insert_one({"firm": ObjectId()})

    assert check() == ["2 document(s) checked, 0 broken."]


def test_rule(check):
    """Rules are for references."""
    with pytest.raises(CommandError) as caught:
        check(mend=True, rule="pull")

    assert str(caught.value) == "--rule: copies are brought in step, expected no rule."
