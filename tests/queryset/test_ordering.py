"""Orders by expressions: what is computed for them, and where nulls are."""

import pytest
from django.core.exceptions import FieldError
from django.db import models

from docmodels.documents import Count, F, First, Lower, Rank, Window
from tests.queryset.models import Book


@pytest.fixture
def shelf(books):
    """Store books, one of them without a number."""
    return books({"title": "b", "n": 2}, {"title": "A", "n": 3}, {"title": "c"})


def titles(queryset):
    """Return the titles of the results, in their order."""
    return "".join(book.title for book in queryset)


class TestOrderByExpressions:
    """`order_by()` takes what `annotate()` takes."""

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            (F("pages"), "cbA"),
            (F("pages").desc(), "Abc"),
            (-F("pages"), "cAb"),
            (F("pages").asc(nulls_last=True), "bAc"),
            (F("pages").desc(nulls_first=True), "cAb"),
            (F("pages").asc(nulls_first=True), "cbA"),
            ((F("pages") * 2).desc(), "Abc"),
            (Lower("title"), "Abc"),
            (Lower("title").desc(), "cbA"),
            (models.F("pages").desc(nulls_last=True), "Abc"),
            (models.F("pages") * -1, "cAb"),
        ],
    )
    def test_results_come_in_this_order(self, shelf, order, expected):
        """Ours and Django's own expressions order, nulls stand where it is said."""
        assert titles(Book.objects.order_by(order)) == expected

    def test_it_can_be_turned_around_and_cut(self, shelf):
        """A computed order is an order as any other."""
        queryset = Book.objects.order_by(Lower("title"))

        assert titles(queryset.reverse()) == "cbA"
        assert queryset.last().title == "c"
        assert titles(queryset[1:]) == "bc"

    def test_a_path_stays_one(self):
        """An index serves `F("pages").desc()`."""
        queryset = Book.objects.order_by(F("pages").desc(), "title")

        assert queryset.pipeline() == [{"$sort": {"n": -1, "title": 1}}]

    def test_what_is_computed_is_not_in_the_results(self, shelf):
        """It has a name of its own, which is not shown."""
        queryset = Book.objects.order_by(-F("pages"))

        assert queryset.pipeline() == [
            {"$addFields": {"_order_0": {"$multiply": ["$n", -1]}}},
            {"$sort": {"_order_0": 1}},
        ]
        assert next(iter(queryset.values("pages"))) == {"pages": None}
        assert queryset[0].undeclared == {}

    def test_groups_are_ordered_by_aggregates(self, books):
        """An aggregate in `order_by()` is one of the group."""
        books({"title": "a", "n": 1}, {"title": "b", "n": 2}, {"title": "c", "n": 2})

        rows = Book.objects.values("pages").order_by(Count("pk").desc())

        assert list(rows) == [{"pages": 2}, {"pages": 1}]

    def test_windows_and_aggregates_take_paths_of_expressions(self, shelf):
        """`F("pages").desc()` says the same as `"-pages"`."""
        ranks = Book.objects.annotate(nth=Window(Rank(), order_by=F("pages").desc()))
        most = Book.objects.aggregate(most=First("title", order_by=F("pages").desc()))

        assert [book.nth for book in ranks.order_by("title")] == [1, 2, 3]
        assert most == {"most": "A"}


class TestMistakes:
    """What is no order is told before anything is sent."""

    @pytest.mark.parametrize(
        ("order", "message"),
        [
            (3, "Book.order_by(): 3, expected a path or an expression."),
            ("?", "Book.order_by('?'): expected paths; sample(n) draws results at random."),
            (F("page") + 1, "Book.page: Book has no field 'page'. Did you mean 'pages'?"),
        ],
    )
    def test_other_values(self, order, message):
        """Paths and expressions are said to be expected."""
        with pytest.raises(FieldError) as caught:
            Book.objects.order_by(order)

        assert str(caught.value) == message

    def test_computed_values_in_a_window(self):
        """A window is ordered by paths."""
        with pytest.raises(FieldError) as caught:
            Window(Rank(), order_by=F("pages") + 1)

        assert str(caught.value) == (
            "Window: order_by F('pages') + 1, expected paths, which annotate() can name."
        )

    def test_nulls_at_both_ends(self):
        """They are in one place."""
        with pytest.raises(ValueError, match="mutually exclusive"):
            F("pages").asc(nulls_first=True, nulls_last=True)
