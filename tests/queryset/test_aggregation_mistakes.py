"""Wrong use of expressions and groups, told at once with the document and the path."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Count, F, First, Push, Q, Sum, Value, When
from docmodels.exceptions import FilterValueError
from tests.queryset.models import Book

EXPRESSIONS = {
    "path": (
        lambda: Book.objects.annotate(x=F("pagse") + 1),
        FieldError,
        "Book.pagse: Book has no field 'pagse'. Did you mean 'pages'?",
    ),
    "text": (
        lambda: Book.objects.annotate(x=F("title") + 1),
        FieldError,
        "Book: F('title') + 1: F('title') is text, expected a number or a date. Concat() joins "
        "text.",
    ),
    "list": (
        lambda: Book.objects.annotate(x=documents.Lower("tags")),
        FieldError,
        "Book.tags: a list in Lower(F('tags')): expected text; unwind() makes rows of a list, an "
        "aggregate one value.",
    ),
    "no list": (
        lambda: Book.objects.annotate(x=documents.ArraySize("title")),
        FieldError,
        "Book: ArraySize(F('title')): text, expected a list.",
    ),
    "no date": (
        lambda: Book.objects.annotate(x=documents.TruncDay("title")),
        FieldError,
        "Book: TruncDay(F('title')): text, expected a date or a time.",
    ),
    "number beside a date": (
        lambda: Book.objects.annotate(x=F("written_at") + 1),
        FieldError,
        "Book: F('written_at') + 1: 1 beside a date, expected a timedelta or another date.",
    ),
    "literal": (
        lambda: Book.objects.annotate(x=documents.Coalesce("pages", Value("many"))),
        FilterValueError,
        "shelf.Book.pages: 'many', “many” is not valid, expected a whole number.",
    ),
    "unit": (
        lambda: documents.Trunc("written_at", "decade"),
        ValueError,
        "Trunc: 'decade', expected a unit. Choices are: year, quarter, month, week, day, hour, "
        "minute, second.",
    ),
    "part": (
        lambda: documents.Extract("written_at", "century"),
        ValueError,
        "Extract: 'century', expected a part of a date. Choices are: year, iso_year, month, day, "
        "day_of_year, week, week_day, iso_week_day, hour, minute, second, millisecond, quarter.",
    ),
    "cast": (
        lambda: documents.Cast("pages", documents.ListField()),
        FieldError,
        "Cast: ListField, expected a type that MongoDB converts to. Choices are: Int32Field, "
        "IntegerField, FloatField, DecimalField, BooleanField, DateTimeField, ObjectIdField, "
        "TextField.",
    ),
    "arity": (
        lambda: documents.Power("pages"),
        TypeError,
        "Power: 1 arguments, expected 2.",
    ),
    "case": (lambda: documents.Case(Q(pages=1)), TypeError, None),
    "empty when": (
        lambda: When(Q(), then=1),
        ValueError,
        "An empty Q() can't be used as a condition.",
    ),
    "window": (
        lambda: Book.objects.annotate(x=documents.Rank()),
        FieldError,
        "Book: Rank(): outside of Window(), expected Window(Rank(), …).",
    ),
    "no expression": (
        lambda: Book.objects.annotate(x="pages"),
        FieldError,
        "Book.annotate(x=…): 'pages', expected an expression such as Sum('price') or "
        "Value('pages').",
    ),
    "name": (
        lambda: Book.objects.annotate(**{"a.b": F("pages")}),
        ValueError,
        "Book: The annotation 'a.b', expected a name without '$', '.' and NUL.",
    ),
}

GROUPS = {
    "aggregate of aggregate": (
        lambda: Book.objects.values("published").annotate(n=Count("pk")).annotate(x=Sum("n")),
        FieldError,
        "Book: Cannot compute Sum('n'): 'n' is an aggregate",
    ),
    "no alias": (
        lambda: Book.objects.values("published").annotate(Sum(F("pages") * 2)),
        TypeError,
        "Complex expressions require an alias",
    ),
    "no such row": (
        lambda: Book.objects.values("published").annotate(n=Count("pk")).filter(m=F("n")),
        FieldError,
        "Book: 'm' is not in the grouped rows. Choices are: published, n.",
    ),
    "not grouped": (
        lambda: Book.objects.values("published").annotate(n=Count("pk")).annotate(x=F("pages") + 1),
        FieldError,
        "Book: 'pages' is not in the grouped rows. Choices are: published, n.",
    ),
    "near": (
        lambda: Book.objects.values("published").annotate(n=Count("pk")).values("publishd"),
        FieldError,
        "Book.values(): 'publishd' is not in the grouped rows. Choices are: published, n. Did you "
        "mean "
        "'published'?",
    ),
    "filter of one document": (
        lambda: Book.objects.annotate(n=Count("tags", filter=Q(tags="x"))),
        FieldError,
        "Book: Count('tags'): filter= over the lists of one document, expected a group, or "
        "ArrayFilter() in place of the list.",
    ),
    "list of one document": (
        lambda: Book.objects.annotate(n=Push("tags")),
        FieldError,
        "Book: Push('tags'): over single documents, expected a group, after values().",
    ),
    "no Q": (
        lambda: Sum("pages", filter={"a": 1}),
        TypeError,
        "Sum: filter={'a': 1}, expected a Q.",
    ),
    "fraction": (
        lambda: documents.Percentile("pages", 95),
        ValueError,
        "Percentile: p=95, expected a number from 0 to 1.",
    ),
    "method": (
        lambda: documents.Median("pages", method="t-digest"),
        ValueError,
        "Median: method='t-digest', expected one of exact, approximate.",
    ),
    "n": (
        lambda: documents.TopN("pages", n=0, order_by="pages"),
        ValueError,
        "TopN: n=0, expected 1 or more.",
    ),
    "no aggregate": (
        lambda: Book.objects.aggregate(x=F("pages")),
        FieldError,
        "Book.aggregate(x=…): F('pages'), expected an aggregate such as Sum('price').",
    ),
    "path of order": (
        lambda: Book.objects.values(x=First("title", order_by="titel")),
        FieldError,
        "Book.titel: Book has no field 'titel'. Did you mean 'title'?",
    ),
}  # fmt: skip


def assert_told(mistake):
    """Assert that the mistake raises what its row says."""
    make, kind, message = mistake

    with pytest.raises(kind) as caught:
        make()

    assert message is None or str(caught.value) == message


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions(name):
    """A path, a value or a combination that cannot be computed."""
    assert_told(EXPRESSIONS[name])


@pytest.mark.parametrize("name", GROUPS)
def test_groups(name):
    """An aggregate where none can be, or of what no group has."""
    assert_told(GROUPS[name])
