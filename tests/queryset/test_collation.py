"""Text compared by the rules of a language: per query, per document, per index."""

import copy
import pickle

import pytest
from pymongo.collation import Collation as DriverCollation

from docmodels import documents
from docmodels.documents import Collation

WORDS = ["resume", "Resume", "résumé", "RÉSUMÉ", "re-sume", "rest"]


class Word(documents.Document):
    text = documents.CharField(max_length=20)
    other = documents.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "collation"


class Folded(documents.Document):
    """A document whose text is compared without case."""

    text = documents.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "collation"
        collation = Collation("en", ignore_case=True)


@pytest.fixture
def words(mongo):
    """Store the words."""
    Word.objects.bulk_create([Word(text=text) for text in WORDS])
    return Word.objects


def texts(queryset):
    """Return the texts, in their order."""
    return list(queryset.values_list("text", flat=True))


#: A collation, what MongoDB takes, and the words that equal "resume" by it.
COLLATIONS = [
    (Collation("en"), {"locale": "en"}, {"resume"}),
    (
        Collation("en", ignore_case=True),
        {"locale": "en", "strength": 2},
        {"resume", "Resume"},
    ),
    (
        Collation("en", ignore_accents=True),
        {"locale": "en", "strength": 1, "caseLevel": True},
        {"resume", "résumé"},
    ),
    (
        Collation("en", ignore_case=True, ignore_accents=True),
        {"locale": "en", "strength": 1},
        {"resume", "Resume", "résumé", "RÉSUMÉ"},
    ),
    (
        Collation("en", ignore_punctuation=True),
        {"locale": "en", "alternate": "shifted"},
        {"resume", "re-sume"},
    ),
    (Collation("en", ignore_case=True, strength=3), {"locale": "en", "strength": 3}, {"resume"}),
    (DriverCollation("en", strength=2), {"locale": "en", "strength": 2}, {"resume", "Resume"}),
    ({"locale": "en", "strength": 2}, {"locale": "en", "strength": 2}, {"resume", "Resume"}),
    ("en", {"locale": "en"}, {"resume"}),
    ("simple", {"locale": "simple"}, {"resume"}),
]


class TestQuery:
    """`collation()` of a queryset."""

    @pytest.mark.parametrize(
        ("collation", "sent", "expected"), COLLATIONS, ids=range(len(COLLATIONS))
    )
    def test_equal(self, words, collation, sent, expected):
        """Equality, `in` and `exclude()` go by it, also in counts and aggregates."""
        queryset = words.collation(collation)

        assert queryset.query.options["collation"] == sent
        assert set(texts(queryset.filter(text="resume"))) == expected
        assert set(texts(queryset.filter(text__in=["resume"]))) == expected
        assert set(texts(queryset.exclude(text="resume"))) == set(WORDS) - expected
        assert queryset.filter(text="resume").count() == len(expected)
        grouped = queryset.filter(text="resume").values("text").annotate(n=documents.Count("pk"))
        assert sum(row["n"] for row in grouped) == len(expected)

    def test_order(self, mongo):
        """Sorting goes by it as well."""
        Word.objects.bulk_create([Word(text=text) for text in ("b10", "B9", "ä", "z", "a")])
        queryset = Word.objects.order_by("text")

        assert texts(queryset) == ["B9", "a", "b10", "z", "ä"]
        assert texts(queryset.collation(Collation("de", numeric=True))) == [
            "a", "ä", "B9", "b10", "z",
        ]  # fmt: skip
        assert texts(queryset.collation("sv")) == ["a", "b10", "B9", "z", "ä"]

    def test_patterns(self, words):
        """Patterns compare characters, whatever the collation."""
        folding = words.collation(Collation("en", ignore_case=True, ignore_accents=True))

        assert set(texts(folding.filter(text__startswith="resume"))) == {"resume"}
        assert set(texts(folding.filter(text__iexact="resume"))) == {"resume", "Resume"}

    def test_writes(self, words):
        """Updates and deletes find by it too."""
        folding = words.collation(Collation("en", ignore_case=True)).filter(text="RESUME")

        assert folding.update(other="x") == 2
        assert folding.delete()[0] == 2

    @pytest.mark.parametrize("value", [None, 5, "", {"strength": 2}, ["de"]], ids=repr)
    def test_refused(self, value):
        """Anything else is refused before anything is sent."""
        with pytest.raises(TypeError) as caught:
            Word.objects.collation(value)

        assert str(caught.value) == (
            f"collation: {value!r}, expected a locale such as 'de', or a Collation."
        )


class TestDocument:
    """`Meta.collation` is that of each query of the class."""

    def test_queries(self, mongo):
        """Queries go by it, `collation("simple")` by bytes."""
        Folded.objects.create(text="Bern")

        assert Folded.objects.filter(text="BERN").exists()
        assert Folded.objects.get(text="bern").text == "Bern"
        assert not Folded.objects.collation("simple").filter(text="bern").exists()


class TestIndex:
    """`Index(collation=)` serves the queries of its collation."""

    @pytest.mark.parametrize(
        "collation",
        [
            Collation("en", ignore_case=True),
            {"locale": "en", "strength": 2},
            DriverCollation("en", strength=2),
        ],
        ids=["ours", "dict", "driver"],
    )
    def test_declared(self, collation):
        """Every spelling is the same declaration."""
        index = documents.Index(fields=["text"], collation=collation)

        assert index.collation == {"locale": "en", "strength": 2}
        assert index == documents.Index(
            fields=["text"], collation=Collation("en", ignore_case=True)
        )

    def test_served(self, words, mongo):
        """An index serves a query of the same collation, and no other."""
        folding = Collation("en", ignore_case=True)
        collection = mongo.collection(Word._meta.collection)
        collection.create_index("text", name="folded", collation=dict(folding))

        def examined(queryset):
            stats = queryset.explain("executionStats")["executionStats"]
            return stats["totalKeysExamined"], stats["totalDocsExamined"]

        assert examined(words.collation(folding).filter(text="resume")) == (2, 2)
        assert examined(words.filter(text="resume")) == (0, len(WORDS))

    def test_copies(self):
        """A collation is copied and pickled as the dict that it is."""
        folding = Collation("en", ignore_case=True)

        assert pickle.loads(pickle.dumps(folding)) == copy.deepcopy(folding) == folding

    def test_locale(self):
        """A locale is demanded."""
        with pytest.raises(ValueError, match="Collation: '', expected a locale such as 'en'"):
            Collation("")
