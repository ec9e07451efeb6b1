"""Search for words by a text index, scores, and the order by them."""

import pytest
from django.core.exceptions import FieldError

from docmodels import documents
from docmodels.documents import Count, Q, TextScore
from docmodels.exceptions import OperationFailed


class Article(documents.Document):
    title = documents.CharField(max_length=60)
    body = documents.TextField(blank=True)
    views = documents.IntegerField(default=0)

    class Meta:
        app_label = "search"
        indexes = [documents.Index(fields=["title:text", "body:text"])]


@pytest.fixture
def articles(mongo):
    """Store four articles, with the text index."""
    collection = mongo.collection(Article._meta.collection)
    collection.create_index([("title", "text"), ("body", "text")])
    Article.objects.bulk_create(
        [
            Article(title="Coffee", body="coffee coffee coffee", views=1),
            Article(title="A coffee shop", body="in town", views=2),
            Article(title="Café", body="Kaffee und Kuchen"),
            Article(title="Tea", body="a pot of teas"),
        ]
    )
    return Article.objects


def titles(queryset):
    """Return the titles, in their order."""
    return [article.title for article in queryset]


class TestSearch:
    """`search()` is one more condition."""

    def test_compiled(self):
        """The words are sent as they are, with the options that were given."""
        queryset = Article.objects.filter(views=1).search(
            "coffee -shop", language="german", case_sensitive=True, diacritic_sensitive=True
        )

        assert queryset.query.compile_filter() == {
            "views": 1,
            "$text": {
                "$search": "coffee -shop",
                "$language": "german",
                "$caseSensitive": True,
                "$diacriticSensitive": True,
            },
        }

    @pytest.mark.parametrize(
        ("text", "options", "expected"),
        [
            ("coffee", {}, {"Coffee", "A coffee shop"}),
            ("coffee -shop", {}, {"Coffee"}),
            ("coffee tea", {}, {"Coffee", "A coffee shop", "Tea"}),
            ('"coffee shop"', {}, {"A coffee shop"}),
            ("TEA", {}, {"Tea"}),
            ("cafe", {}, {"Café"}),
            ("", {}, set()),
            ("-shop", {}, set()),
            ("coffee", {"case_sensitive": True}, {"Coffee", "A coffee shop"}),
            ("COFFEE", {"case_sensitive": True}, set()),
            ("cafe", {"diacritic_sensitive": True}, set()),
            ("$ne", {}, set()),
        ],
    )
    def test_results(self, articles, text, options, expected):
        """Words, phrases and exclusions are the server's."""
        assert set(titles(articles.search(text, **options))) == expected

    def test_with_others(self, articles):
        """Other conditions narrow, counts and groups count."""
        found = articles.search("coffee")

        assert titles(found.filter(views__gt=1)) == ["A coffee shop"]
        assert titles(articles.exclude(views=1).search("coffee")) == ["A coffee shop"]
        assert (found.count(), found.exists(), found.count_up_to(1)) == (2, True, 2)
        assert found.aggregate(n=Count("pk")) == {"n": 2}
        assert found.filter(Q(views=1)).update(views=9) == 1

    def test_score(self, articles):
        """The score is a computed value, to show and to order by."""
        found = articles.search("coffee").annotate(score=TextScore())

        assert titles(found.order_by("-score")) == ["Coffee", "A coffee shop"]
        assert titles(found.order_by("score")[:1]) == ["A coffee shop"]
        assert all(article.score > 0.5 for article in found)
        assert [row["title"] for row in found.order_by("-score").values("title", "score")] == [
            "Coffee",
            "A coffee shop",
        ]
        assert found.filter(score__gt=1).count() == 1

    def test_no_index(self, mongo):
        """Without a text index the server says so."""
        mongo.collection(Article._meta.collection).drop_indexes()

        with pytest.raises(OperationFailed, match="text index required"):
            list(Article.objects.search("coffee"))


class TestErrors:
    """What MongoDB cannot search is refused before anything is sent."""

    @pytest.mark.parametrize("text", [None, 5, ["coffee"], {"$ne": 1}], ids=repr)
    def test_text(self, text):
        """Only text is searched for."""
        with pytest.raises(TypeError) as caught:
            Article.objects.search(text)

        assert str(caught.value) == f"search(): {text!r}, expected text."

    def test_language(self):
        """A language is a name."""
        with pytest.raises(TypeError) as caught:
            Article.objects.search("a", language=5)

        assert str(caught.value) == "search(): language 5, expected a name such as 'german'."

    def test_twice(self):
        """MongoDB takes one search."""
        with pytest.raises(FieldError) as caught:
            Article.objects.search("a").filter(views=1).search("b")

        assert str(caught.value) == (
            "Article.search(): a second time, MongoDB takes one search in a query."
        )

    def test_after_slice(self):
        """A slice is final, as for `filter()`."""
        with pytest.raises(TypeError) as caught:
            Article.objects.all()[:5].search("a")

        assert str(caught.value) == "Article: Cannot filter a query once a slice has been taken."

    def test_after_group(self):
        """Groups have no words."""
        with pytest.raises(FieldError) as caught:
            Article.objects.values("title").annotate(n=Count("pk")).search("a")

        assert str(caught.value) == (
            "Article.search(): after a group or unwind(), expected it before them."
        )
