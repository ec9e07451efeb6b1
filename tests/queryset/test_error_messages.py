"""Mistakes in queries: each message names the document, the path, what was got and expected."""

import pytest
from django.core.exceptions import FieldError
from django.db.models.functions import Lower as DjangoLower

from docmodels.documents import (
    ArrayFilter,
    Case,
    Count,
    ElemMatch,
    F,
    Push,
    Q,
    Rank,
    Sum,
    Value,
    When,
    Window,
    ops,
    trusted,
)
from docmodels.exceptions import FilterValueError, InvalidCondition
from tests.queryset.models import Author, Book

books = Book.objects
cut = books.all()[:3]
grouped = books.values("published").annotate(n=Count("pk"))

#: What is called, and the whole message.
MESSAGES = {
    # Conditions
    "elemmatch of a value": (
        lambda: books.filter(tags__elemmatch=5),
        "Book.tags__elemmatch: 5, expected a Q of conditions on one element.",
    ),
    "elemmatch of a misspelt lookup": (
        lambda: books.filter(tags__elemmatch=Q(startwith="a")),
        "Book.tags__elemmatch: no lookup 'startwith' of text. Did you mean 'startswith'?",
    ),
    "elemmatch by or": (
        lambda: books.filter(tags__elemmatch=Q(gt="a") | Q(lt="b")),
        "Book.tags__elemmatch: expected lookups of one element, joined by and, as in "
        "Q(gt=1, lt=5).",
    ),
    "elemmatch of no list": (
        lambda: books.filter(cover__elemmatch=Q(color="red")),
        "Book.cover__elemmatch: an EmbeddedField, expected a list; its paths are compared "
        "directly, as in cover__name.",
    ),
    "elemmatch of what is computed": (
        lambda: books.filter(chapters__elemmatch=Q(pages__lt=F("pages"))),
        "Book.chapters__elemmatch: a computed condition ($expr), which MongoDB refuses inside of "
        "elemmatch, expected it beside, or unwind().",
    ),
    "a misspelt name inside of elemmatch": (
        lambda: books.filter(chapters__elemmatch=Q(titel="a")),
        "Book.chapters__elemmatch.titel: Chapter has no field 'titel'. Did you mean 'title'?",
    ),
    "a value inside of elemmatch": (
        lambda: books.filter(chapters__elemmatch=Q(pages__gt="many")),
        "Book.chapters__elemmatch.pages__gt: “many” is not valid, expected a whole number.",
    ),
    "a lookup inside of elemmatch": (
        lambda: books.exclude(chapters__elemmatch={"title__startwith": "a"}),
        "Book.chapters__elemmatch.title__startwith: 'startwith', expected a lookup",
    ),
    "no condition inside of elemmatch": (
        lambda: books.filter(chapters__elemmatch=Q("x")),
        "Book.chapters__elemmatch: Chapter: 'x' in a Q, expected path__lookup=value or a Q.",
    ),
    "bulk_create of no list": (
        lambda: books.bulk_create(5),
        "Book.bulk_create(): 5, expected an iterable of objects.",
    ),
    "bulk_update of no list": (
        lambda: books.bulk_update(5, ["title"]),
        "Book.bulk_update(): 5, expected an iterable of objects.",
    ),
    "bulk_save of no list": (
        lambda: books.bulk_save(5),
        "Book.bulk_save(): 5, expected an iterable of objects.",
    ),
    "bulk_save of others": (
        lambda: books.bulk_save([Author(name="Ann")]),
        "Book.bulk_save(): <Author: ",
    ),
    "bulk_write of no list": (
        lambda: books.bulk_write(None),
        "Book.bulk_write(): None, expected an iterable of objects.",
    ),
    "a Q as a value": (
        lambda: books.filter(title=Q(pages=1)),
        "Book.title: a Q object, expected a value; elemmatch takes a Q.",
    ),
    "trusted values": (
        lambda: books.filter(pages=trusted({"a": 1})),
        "Book.pages: trusted({'a': 1}), expected a dict of operators for a path without a lookup.",
    ),
    "F in a pattern": (
        lambda: books.filter(title__contains=F("title")),
        "Book.title__contains: F('title'), expected a value. Lookups that take an expression are: "
        "exact, ne, gt, gte, lt, lte, in, nin, range, and parts of dates.",
    ),
    "F across a list": (
        lambda: books.filter(pages__gt=F("chapters__pages")),
        "Book.pages__gt: F('chapters__pages') crosses a list, expected a path with one value, an "
        "index, or an aggregate such as Max('chapters__pages').",
    ),
    "a function of Django": (
        lambda: books.filter(title=DjangoLower("title")),
        "Book.title: Lower(F(title)), expected F or another expression of documents.",
    ),
    "a range of one": (
        lambda: books.filter(pages__range=(F("pages"),)),
        "Book.pages__range: (F('pages'),), expected a pair (low, high).",
    ),
    "text in a Q": (lambda: books.filter("title"), "Book.filter(): 'title', expected Q objects"),
    "a condition in a When": (
        lambda: books.annotate(x=Case(When(Q(pages__bits_all_set=1), then=Value(1)))),
        "Book.pages__bits_all_set: $bitsAllSet in a condition inside of an expression, which "
        "MongoDB has in filters only, expected it in filter().",
    ),
    # Updates
    "Pull of a misspelt lookup": (
        lambda: books.filter(pages=1).update(tags=ops.Pull(Q(startwith="x"))),
        "Book.tags.Pull: no lookup 'startwith' of text. Did you mean 'startswith'?",
    ),
    "an array filter": (
        lambda: books.filter(pages=1).update(
            {"tags.$[t]": "x"}, array_filters={"t": Q(startwith="x")}
        ),
        "Book: array_filters['t']: no lookup 'startwith' of text. Did you mean 'startswith'?",
    ),
    "a cut update": (
        lambda: cut.update(pages=1),
        "Book: Cannot use 'limit' or 'offset' with update().",
    ),
    "a grouped update": (
        lambda: grouped.update(pages=1),
        "Book: Cannot update() after values(), annotate() or unwind().",
    ),
    "a pipeline as values": (
        lambda: books.filter(pages=1).update([{"$set": {"pages": 1}}]),
        "Book: [{'$set': {'pages': 1}}], expected paths with their values in a dict, or "
        "ops.Pipeline([…]).",
    ),
    # Rows and orders
    "an order after a group": (
        lambda: list(grouped.order_by("pages")),
        "Book.order_by(): 'pages', expected a path of values() or an annotation. Choices are: "
        "published, n.",
    ),
    "a misspelt order after a group": (
        lambda: list(grouped.order_by("publishd")),
        "Book.publishd: Book has no field 'publishd'. Did you mean 'published'?",
    ),
    "a row that there is not": (
        lambda: grouped.filter(publishd=True),
        "Book.publishd: Book has no field 'publishd'. Did you mean 'published'?",
    ),
    "values of a row": (
        lambda: grouped.values("publishd"),
        "Book.values(): 'publishd' is not in the grouped rows. Choices are: published, n. Did you "
        "mean 'published'?",
    ),
    "an order of a number": (
        lambda: books.order_by(3),
        "Book.order_by(): 3, expected a path or an expression.",
    ),
    "an order by chance": (
        lambda: books.order_by("?"),
        "Book.order_by('?'): expected paths; sample(n) draws results at random.",
    ),
    "no aggregate": (
        lambda: books.aggregate(n="pages"),
        "Book.aggregate(n=…): 'pages', expected an aggregate such as Sum('price').",
    ),
    "no expression": (
        lambda: books.annotate(n="pages"),
        "Book.annotate(n=…): 'pages', expected an expression such as Sum('price') or "
        "Value('pages').",
    ),
    "a taken name": (
        lambda: books.annotate(title=F("pages")),
        "Book: The annotation 'title' conflicts with a field on the document.",
    ),
    "a window in an expression": (
        lambda: books.annotate(x=Window(Rank(), order_by="pages") + 1),
        "Book: Window(Rank()): inside of an expression, expected it alone in annotate(); F() of "
        "its name computes with it.",
    ),
    "no window": (
        lambda: books.annotate(x=Rank()),
        "Book: Rank(): outside of Window(), expected Window(Rank(), …).",
    ),
    "a list of one document": (
        lambda: books.annotate(x=Push("pages")),
        "Book: Push('pages'): over single documents, expected a group, after values().",
    ),
    "an aggregate of an aggregate": (
        lambda: grouped.annotate(m=Sum("n")),
        "Book: Cannot compute Sum('n'): 'n' is an aggregate",
    ),
    "an array filter of values": (
        lambda: books.annotate(x=ArrayFilter("tags", Q(startwith="a"))),
        "Book: ArrayFilter(F('tags')): no lookup 'startwith' of text. Did you mean 'startswith'?",
    ),
    "an element of a list": (
        lambda: books.select(ElemMatch("tags", Q(startwith="a"))),
        "Book.tags: no lookup 'startwith' of text. Did you mean 'startswith'?",
    ),
    # Methods
    "a cut filter": (
        lambda: cut.filter(pages=1),
        "Book: Cannot filter a query once a slice has been taken.",
    ),
    "another document": (
        lambda: books.all() | Author.objects.all(),
        "Book: Cannot combine querysets of two documents.",
    ),
    "union": (lambda: books.union("x"), "Book.union(): 'x', expected querysets."),
    "sample": (lambda: books.sample(0), "Book.sample(): 0, expected 1 or more."),
    "raw_filter": (
        lambda: books.raw_filter("x"),
        "Book.raw_filter(): 'x', expected a dict in MongoDB's form.",
    ),
    "stage": (
        lambda: books.stage({"$out": "x"}),
        "Book.stage(): $out, expected out() for it.",
    ),
    "pipeline": (
        lambda: list(books.pipeline({"$limit": 1})),
        "Book.pipeline(): {'$limit': 1}, expected a list of stages.",
    ),
    "hint": (
        lambda: books.hint(3),
        "Book.hint(): 3, expected the name of an index, or a list of pairs of a stored key and 1 "
        "or -1.",
    ),
    "join": (
        lambda: books.lookup(5, as_="x"),
        "Book: 5, expected a document class, its label or a queryset.",
    ),
}


@pytest.mark.parametrize("mistake", MESSAGES)
def test_message(mistake, mongo, assert_num_commands):
    """It begins with the document, and nothing is sent."""
    call, message = MESSAGES[mistake]

    with assert_num_commands(0), pytest.raises((ValueError, TypeError, FieldError)) as caught:
        call()

    assert str(caught.value).startswith(message)


def test_classes():
    """What is no condition at all is a FieldError, a value that cannot be cast a ValueError."""
    with pytest.raises(InvalidCondition) as caught:
        books.filter(tags__elemmatch=5)
    assert isinstance(caught.value, FieldError)
    assert caught.value.document == "Book"

    with pytest.raises(FilterValueError):
        books.filter(pages="many")
