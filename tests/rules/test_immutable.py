"""Rule D4: what cannot change once it is stored."""

import pytest

from docmodels.documents import ops
from tests.fields.articles import Article, Step, errors_of, saved, stored

IMMUTABLE = "This field cannot be changed once it is stored."


class TestD4:
    """`immutable=True`."""

    def test_d4_new(self):
        """It may change while the document is new."""
        article = Article(slug="a", made_by="x")
        article.made_by = "y"
        article.save()

        assert Article.objects.get().made_by == "y"

    @pytest.mark.parametrize("value", ["z", None])
    def test_d4_stored(self, value):
        """Afterwards assignment raises and the value stays; an equal one is no change."""
        article = saved(made_by="y")

        assert errors_of(setattr, article, "made_by", value) == {"made_by": [IMMUTABLE]}
        assert errors_of(delattr, article, "made_by") == {"made_by": [IMMUTABLE]}
        article.made_by = "y"
        assert article.made_by == "y"
        assert not article.is_modified()

    def test_d4_missing(self):
        """What was not given at the insert stays missing."""
        article = saved()

        assert errors_of(setattr, article, "made_by", "z") == {"made_by": [IMMUTABLE]}

    def test_d4_after_the_first_save(self):
        """The object that was saved is as one that was loaded."""
        article = Article(slug="a", made_by="x")
        article.save()

        assert errors_of(setattr, article, "made_by", "z") == {"made_by": [IMMUTABLE]}

    def test_d4_edited_in_place(self, mongo):
        """A change inside a list is refused by the save."""
        article = saved(origin=["a"])
        article.origin.append("b")

        assert errors_of(article.save) == {"origin": [IMMUTABLE]}
        assert stored(mongo, article)["origin"] == ["a"]

    def test_d4_inside(self):
        """Fields of stored embedded documents are kept as well; new ones are free."""
        article = saved(steps=[{"code": "a"}])
        article.steps.append(Step(code="b"))
        article.steps[1].code = "c"

        assert errors_of(setattr, article.steps[0], "code", "z") == {"code": [IMMUTABLE]}
        article.save()
        assert [step.code for step in Article.objects.get().steps] == ["A", "C"]

    def test_d4_updates(self, mongo):
        """Update queries are refused by path, unless they are not to be judged."""
        article = saved(made_by="y", steps=[{"code": "a"}])
        update = Article.objects.filter(pk=article.pk).update

        assert errors_of(update, made_by="z") == {"made_by": [IMMUTABLE]}
        assert errors_of(update, made_by=ops.Unset()) == {"made_by": [IMMUTABLE]}
        assert errors_of(update, steps__0__code="z") == {"steps.0.code": [IMMUTABLE]}
        update(made_by="z", validate=False)
        assert stored(mongo, article)["made_by"] == "z"
