"""`values`: whatever a map has, under any key."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Q
from docmodels.exceptions import FilterValueError


class Depot(documents.EmbeddedDocument):
    city = documents.CharField(db_field="c")
    amount = documents.IntegerField(default=0)
    tags = documents.ListField(documents.CharField())

    class Meta:
        app_label = "map_values"


class Article(documents.Document):
    name = documents.CharField()
    prices = documents.MapField(documents.FloatField(), blank=True)
    depots = documents.MapField(documents.EmbeddedField(Depot), blank=True)
    marks = documents.MapField(documents.ListField(documents.IntegerField()), blank=True)
    seasons = documents.ListField(documents.MapField(documents.FloatField()))
    names = documents.MapField(documents.CharField(), blank=True)

    class Meta:
        app_label = "map_values"
        ordering = ["name"]


@pytest.fixture
def articles(mongo):
    """Store three articles, one without anything."""
    Article(
        name="a",
        prices={"eu": 3, "us": 9},
        depots={"n": Depot(city="Bern", amount=1, tags=["x"]), "s": Depot(city="Rom", amount=9)},
        marks={"one": [1, 2], "two": []},
        seasons=[{"w": 1.0}, {"s": 7.0}],
        names={"de": "Tee", "fr": "Thé"},
    ).save()
    Article(name="b", prices={"values": 5}, depots={"n": Depot(city="Bern", amount=9)}).save()
    Article(name="c").save()
    return Article.objects


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(prices__values=3), "a"),
        (Q(prices__values="9"), "a"),
        (Q(prices__values__gt=4), "ab"),
        (Q(prices__values__gt=4, prices__values__lt=4), "a"),
        (Q(prices__values=Q(gt=4, lt=8)), "b"),
        (Q(prices__values__range=(4, 8)), "b"),
        (Q(prices__values__in=[5, 7]), "b"),
        (Q(prices__values__ne=5), "ac"),
        (Q(prices__values__nin=[5, 9]), "c"),
        (~Q(prices__values__gt=4), "c"),
        (Q(**{"prices.values": 5}), "b"),
        (Q(depots__values=Q(city="Bern", amount__gt=5)), "b"),
        (Q(depots__values=Q(city="Bern") | Q(amount=9)), "ab"),
        (Q(depots__values=Q(tags="x")), "a"),
        (Q(depots__values=Q(tags__size=0, city="Rom")), "a"),
        (~Q(depots__values=Q(city="Rom")), "bc"),
        (Q(marks__values=2), "a"),
        (Q(marks__values__gt=5), ""),
        (Q(seasons__values__gt=6), "a"),
        (Q(names__values__istartswith="te"), "a"),
        (Q(names__values__contains="é") | Q(name="c"), "ac"),
        (Q(names__values__regex="^T.e$"), "a"),
    ],
)
def test_found(condition, expected, articles):
    """The server finds what is meant, exclude() the others."""
    assert "".join(articles.filter(condition).values_list("name", flat=True)) == expected
    others = "".join(articles.exclude(condition).values_list("name", flat=True))
    assert others == "".join(name for name in "abc" if name not in expected)


@pytest.mark.parametrize(
    ("condition", "error", "message"),
    [
        ({"prices__values__gt": "dear"}, FilterValueError,
         "Article.prices__values__gt: “dear” is not valid, expected a number."),
        ({"prices__values": {"$gt": 1}}, FilterValueError,
         "Article.prices__values: “{'$gt': 1}” is not valid, expected a number."),
        ({"depots__values": Q(town="Bern")}, FieldError,
         "Article.depots__values.town: Depot has no field 'town'. Choices are: city, amount, "
         "tags."),
        ({"prices__values": Q(gt=1) | Q(lt=0)}, FieldError,
         "Article.prices__values: expected lookups of one element, joined by and, as in "
         "Q(gt=1, lt=5)."),
        ({"name__values": "x"}, FieldError,
         "Article.name__values: 'values', expected a lookup, a CharField has no paths inside."),
    ],
)  # fmt: skip
def test_refused(condition, error, message):
    """What does not fit is told before anything is sent."""
    with pytest.raises(error) as caught:
        Article.objects.filter(**condition)

    assert str(caught.value).startswith(message)
