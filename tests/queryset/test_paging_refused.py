"""Orders that no page can go by."""

import pytest
from django.core.exceptions import FieldError

from docmodels.documents import Coalesce, F, Now, Rank, Raw, Window
from tests.queryset.test_paging_computed import Note, notes

RANK = Window(Rank(), order_by="weight")
STEADY = "expected a value that stays the same for a document."
REFUSED = {
    "window": (
        notes.order_by(RANK),
        f"ordered by {RANK!r}, which depends on other documents, {STEADY}",
    ),
    "window by name": (
        notes.annotate(place=RANK).order_by("-place"),
        f"ordered by 'place', which depends on other documents, {STEADY}",
    ),
    "of a window": (
        notes.alias(place=RANK).annotate(half=F("place") / 2).order_by("half"),
        f"ordered by 'half', which depends on other documents, {STEADY}",
    ),
    "chance": (
        notes.order_by("rank", Raw({"$rand": {}})),
        f"ordered by Raw({{'$rand': {{}}}}), which is drawn by chance, {STEADY}",
    ),
    "clock": (
        notes.order_by(Now() - F("at")),
        f"ordered by Now() - F('at'), which moves on with the clock, {STEADY}",
    ),
    "nulls of the clock": (
        notes.order_by((Now() - F("at")).asc(nulls_last=True)),
        f"ordered by Now() - F('at'), which moves on with the clock, {STEADY}",
    ),
    "list": (
        notes.annotate(all=F("tags")).order_by("all"),
        "ordered by 'all', which crosses a list, expected a path with one value.",
    ),
    "list by expression": (
        notes.order_by(Coalesce("tags", "name")),
        "ordered by Coalesce(F('tags'), F('name')), which crosses a list, expected a path with "
        "one value.",
    ),
}


class TestRefused:
    """What pages cannot go by is named as the user wrote it."""

    @pytest.mark.parametrize("form", REFUSED)
    def test_order(self, form):
        """The message has the expression or the name, never one of ours."""
        queryset, message = REFUSED[form]

        with pytest.raises(FieldError) as caught:
            queryset.page()

        assert str(caught.value) == f"Note.page(): {message}"

    def test_score(self):
        """A score that is nowhere written has no value to start after."""
        with pytest.raises(FieldError) as caught:
            Note.objects.atlas_search({"exists": {"path": "name"}}, score_field="score").page()

        assert str(caught.value) == (
            "Note.page(): in the order of atlas_search(), expected order_by() of a value. Choices "
            "are: score."
        )
