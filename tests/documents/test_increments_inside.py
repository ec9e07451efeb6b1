"""`increment()` of what is no field: keys of maps, elements of lists, undeclared numbers."""

import copy
import pickle
from decimal import Decimal

import pytest
from bson import Decimal128, Int64
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.exceptions import UnknownField, VersionConflict


class Line(documents.EmbeddedDocument):
    qty = documents.IntegerField(default=0, db_field="q")
    sizes = documents.MapField(documents.IntegerField(), blank=True, db_field="s")


class Site(documents.Document):
    stats = documents.MapField(documents.IntegerField(null=True), blank=True, db_field="st")
    prices = documents.MapField(documents.DecimalField(), blank=True)
    scores = documents.ListField(documents.IntegerField(), blank=True)
    lines = documents.EmbeddedListField(Line)
    free = documents.AnyField(blank=True)
    name = documents.CharField(blank=True)

    class Meta:
        collection = "counted_sites"


@pytest.fixture
def site(mongo):
    """Store a site, and load it."""
    mongo.collection("counted_sites").insert_one(
        {
            "st": {"views": 5, "nothing": None},
            "prices": {"a": Decimal128("1.50")},
            "scores": [1, 2, 3],
            "lines": [{"q": 1}, {"q": 2, "s": {"m": 7}}],
            "free": {"deep": [{"n": Int64(2)}]},
            "total": 3,
            "__v": 4,
        }
    )
    return Site.objects.get()


def sent(site):
    """Return the filter, without the key, and the update."""
    selector, update = site.pending_update()
    return {name: value for name, value in selector.items() if name != "_id"}, update


@pytest.mark.parametrize(
    ("path", "update", "checked"),
    [
        ("stats.views", {"st.views": 2}, False),
        ("stats.fresh", {"st.fresh": 2}, False),
        ("prices.a", {"prices.a": Decimal128("2")}, False),
        ("scores.1", {"scores.1": 2}, True),
        ("lines.1.qty", {"lines.1.q": 2}, True),
        ("lines.1.sizes.m", {"lines.1.s.m": 2}, True),
        ("free.deep.0.n", {"free.deep.0.n": 2}, True),
        ("total", {"total": 2}, False),
    ],
)
def test_is_sent(site, path, update, checked):
    """As `$inc`; below an index of a list the version is checked, nowhere counted (T3)."""
    site.increment(path, 2)

    assert sent(site) == ({"__v": 4} if checked else {}, {"$inc": update})


def test_is_saved(site):
    """Two that count do not disturb each other, and each sees its own sum at once."""
    other = Site.objects.get()
    site.increment("stats.views")
    site.increment("stats.views", 10)
    other.increment("stats.views", -3)
    site.increment("stats.fresh")
    other.increment("stats.fresh")
    site.increment("prices.a", "0.25")

    assert (site.stats["views"], other.stats["views"]) == (16, 2)
    site.save()
    other.save()
    found = Site.objects.get()
    assert found.stats == {"views": 13, "nothing": None, "fresh": 2}
    assert found.prices == {"a": Decimal("1.75")}
    assert not site.is_modified()
    assert site.pending_update()[1] == {}


def test_merge(site):
    """Elements of lists are checked, and merge where nobody rearranged them."""
    other = Site.objects.get()
    site.increment("scores.0")
    other.increment("scores.0", 5)
    site.scores.clear()
    site.save()

    with pytest.raises(VersionConflict):
        other.save()

    assert list(Site.objects.get().scores) == []


@pytest.mark.parametrize(
    ("edit", "update"),
    [
        (lambda s: s.stats.update(views=9), {"$set": {"st.views": 9}}),
        (lambda s: s.increment("stats.views", -1), {}),
        (lambda s: s.increment("scores.0", -1), {"$inc": {"st.views": 1}}),
        (lambda s: s.scores.append(4), {"$inc": {"st.views": 1, "__v": 1}, "$push": {"scores": 4}}),
        (lambda s: s.rollback(), {}),
        (lambda s: s.stats.pop("views"), {"$unset": {"st.views": ""}}),
    ],
    ids=["assigned", "there and back", "other", "append", "rolled back", "removed"],
)
def test_other_edits(site, edit, update):
    """What is done last counts; edits elsewhere leave it an increment."""
    site.increment("stats.views")
    if "scores" in str(update) or update == {"$inc": {"st.views": 1}}:
        site.increment("scores.0", 0)

    edit(site)

    found = sent(site)[1]
    if update == {"$inc": {"st.views": 1}}:
        assert found.pop("$inc") == {"st.views": 1, "scores.0": -1}
        assert not found
    else:
        assert found == update


def test_python_methods_stay(site):
    """A list still counts what it holds."""
    assert site.scores.count(2) == 1


def test_null_is_set(site):
    """The server refuses to count null."""
    site.increment("stats.nothing")

    assert sent(site)[1] == {"$set": {"st.nothing": 1}}


def test_after_a_save(site):
    """What was saved is not counted again, by whatever edit."""
    site.increment("stats.views")
    site.increment("scores.0")
    site.save()
    site.stats["views"] = 5
    site.scores[0] = 1
    site.save()
    site.stats["views"] = 6
    site.scores[0] = 2

    assert sent(site)[1] == {"$set": {"st.views": 6, "scores.0": 2}}


@pytest.mark.parametrize("make", [copy.copy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies(site, make):
    """A copy, also one from another process, still counts."""
    site.increment("stats.views", 1000)
    site.increment("scores.0", 1000)

    assert sent(make(site))[1] == {"$inc": {"st.views": 1000, "scores.0": 1000}}


def test_new_document(mongo):
    """Of a new document the sums are stored."""
    site = Site(stats={"views": 1}, scores=[1])
    site.increment("stats.views")
    site.increment("scores.0")
    site.save()

    assert (Site.objects.get().stats, list(Site.objects.get().scores)) == ({"views": 2}, [2])


@pytest.mark.parametrize(
    ("path", "amount", "error", "message"),
    [
        ("stats.views", "x", FieldError,
         "Site.stats.views: increment of 5 by 'x', expected numbers."),
        ("scores.9", 1, FieldError,
         "Site.scores.9: nothing to increment, expected a number at this path."),
        ("lines.0", 1, FieldError, None),
        ("free.deep", 1, FieldError,
         "Site.free.deep: increment of [{'n': 2}] by 1, expected numbers."),
        ("nam", 1, UnknownField, "Site.nam: no such field. Did you mean 'name'?"),
        ("name", 1, FieldError, "Site.name: increment of '' by '1', expected numbers."),
    ],
)  # fmt: skip
def test_mistakes(site, path, amount, error, message):
    """They are told with the path, and change nothing."""
    if path == "name":
        site.name = ""

    with pytest.raises(error) as caught:
        site.increment(path, amount)

    assert message is None or str(caught.value) == message
    assert sent(site)[1] == ({} if path != "name" else {"$set": {"name": ""}})
