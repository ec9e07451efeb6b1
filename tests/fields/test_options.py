"""The options that every family has: required, immutable, hidden, set, get, match and others."""

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator

from docmodels import documents
from docmodels.documents import ops
from docmodels.exceptions import FilterValueError
from docmodels.indexing import declared
from tests.fields.articles import Article, Step, errors_of, is_even, is_short, saved, stored
from tests.fields.casting import assert_refused


class TestRequired:
    """`required=`."""

    def test_as_a_flag(self):
        """`required=False` is `blank=True`, and `required=True` its opposite."""
        assert documents.CharField(required=False).blank
        assert documents.CharField(required=True).required
        assert documents.CharField().required

    def test_both(self):
        """To say both is a mistake."""
        with pytest.raises(TypeError) as caught:
            documents.CharField(required=True, blank=True)

        assert str(caught.value) == "CharField: blank=True and required, expected one."


class TestChoicesOfItems:
    """`choices` of a list."""

    def test_each_element_is_judged(self):
        """The error stands at the element."""
        article = Article(slug="a", tags=["red", "blue"])

        assert errors_of(article.save) == {"tags.1": ["Value 'blue' is not a valid choice."]}

    def test_display(self):
        """There are labels of all of them."""

        class Shirt(documents.Document):
            sizes = documents.ListField(documents.CharField(), choices={"s": "Small", "l": "Large"})

            class Meta:
                app_label = "options"

        assert Shirt(sizes=["l", "s"]).get_sizes_display() == ["Large", "Small"]

    def test_updates(self):
        """Elements that an update adds are judged."""
        assert errors_of(Article.objects.filter(slug="a").update, tags=ops.Push("blue")) == {
            "tags": ["Value 'blue' is not a valid choice."]
        }


class TestUniqueItems:
    """`unique_items=True`."""

    def test_repeated(self):
        """A list with the same element twice is refused."""
        article = Article(slug="a", labels=["x", "y"])
        article.labels.append("x")

        assert errors_of(article.save) == {"labels": ["Item 2 is the same as item 0: “x”."]}

    @pytest.mark.parametrize(
        "items", [[1, True, "1", 1.5, None], [{"a": 1}, {"a": True}, {}], [[1], [1, 2], []], {3, 4}]
    )
    def test_different(self, items):
        """Values of other types are other values."""
        assert len(documents.ListField(unique_items=True).clean(items)) == len(items)

    def test_documents(self):
        """Equal embedded documents are the same element."""
        field = documents.ListField(documents.EmbeddedField(Step), unique_items=True)

        with pytest.raises(ValidationError) as caught:
            field.clean([{"code": "a"}, {"code": "A"}])

        assert caught.value.messages == ["Item 1 is the same as item 0: “Step(code='A')”."]

    def test_push(self):
        """An update may add to the set only."""
        saved(labels=["x"])

        assert errors_of(Article.objects.filter(slug="a").update, labels=ops.Push("x")) == {
            "labels": ["Push may store an item twice, expected AddToSet."]
        }
        Article.objects.filter(slug="a").update(labels=ops.AddToSet("x"))
        assert Article.objects.get().labels == ["x"]


class TestMatch:
    """`match=`."""

    def test_message(self):
        """The message has the value and the pattern."""
        field = documents.CharField(match=r"^\d{4}$")

        assert field.clean("1234") == "1234"
        assert_refused(field, "12345", r"“12345” does not match ^\d{4}$.")

    def test_own_message(self):
        """A message may be given, with a place for the value."""
        field = documents.CharField(match=(r"^\d+$", "%(value)s is not a number."))

        assert_refused(field, "x", "x is not a number.")


class TestValidators:
    """`validators=`."""

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            (documents.IntegerField(validators=[is_even]), 3, "“3” is not valid."),
            (
                documents.IntegerField(validators=[(is_even, "%(value)s is odd.")]),
                3,
                "3 is odd.",
            ),
            (documents.CharField(validators=[is_short]), "long", "“long” is longer than 3."),
            (
                documents.CharField(
                    validators=[MinLengthValidator(3, "“%(value)s” has %(show_value)s letters.")]
                ),
                "ab",
                "“ab” has 2 letters.",
            ),
            (
                documents.IntegerField(
                    validators=[is_even], error_messages={"refused": "%(value)s? No!"}
                ),
                3,
                "3? No!",
            ),
        ],
    )
    def test_message(self, field, value, message):
        """A function, a pair, a class: each message has the value."""
        assert_refused(field, value, message)

    def test_class(self):
        """A class is called for its instance."""

        class Short:
            def __call__(self, value):
                is_short(value)

        assert_refused(documents.CharField(validators=[Short]), "long", "“long” is longer than 3.")

    def test_percent_sign(self):
        """A text that is no template may have a percent sign."""

        def refuse(value):
            raise ValidationError("100% wrong")

        assert_refused(documents.CharField(validators=[refuse]), "x", "100% wrong")


class TestDbField:
    """`db_field=`."""

    def test_alias(self, mongo):
        """Code, filters, updates and order use the name; MongoDB has the key."""
        article = saved(slug="b", steps=[{"code": "k"}])
        saved(slug="a")

        assert stored(mongo, article)["s"] == "b"
        assert stored(mongo, article)["st"] == [{"code": "K"}]
        assert Article.objects.filter(steps__code="k").query.compile_filter() == {"st.code": "K"}
        assert [a.slug for a in Article.objects.order_by("slug")] == ["a", "b"]
        Article.objects.filter(slug="b").update(slug="c")
        assert stored(mongo, article)["s"] == "c"
        assert Article.objects.filter(slug="c").values_list("slug", flat=True).get() == "c"

    def test_index(self):
        """Indexes are declared by name and made of keys."""
        assert (("s", 1), ("st.code", -1)) in [spec.keys for spec in declared(Article)]

    def test_error(self):
        """Errors stand at the name."""
        assert errors_of(Article(slug="").save) == {"slug": ["This field cannot be blank."]}
        with pytest.raises(FilterValueError):
            Article.objects.filter(slug={"$ne": 1})


class TestMistakes:
    """Options that there are not."""

    @pytest.mark.parametrize(
        ("option", "meant"),
        [
            ("maxlength", "max_length"),
            ("uniqe", "unique"),
            ("requird", "required"),
            ("db_column", "db_field"),
            ("index", "db_index"),
            ("select", "hidden"),
        ],
    )
    def test_suggestion(self, option, meant):
        """The nearest name is suggested, or what Django and Mongoose call otherwise."""
        with pytest.raises(TypeError) as caught:
            documents.CharField(**{option: 1})

        assert str(caught.value) == (
            f"CharField: unknown option {option!r}. Did you mean {meant!r}?"
        )

    def test_nothing_near(self):
        """All names are listed where none is near."""
        with pytest.raises(TypeError) as caught:
            documents.BooleanField(zzz=1)

        assert str(caught.value).startswith(
            "BooleanField: unknown option 'zzz'. Choices are: blank, choices, db_field, db_index, "
        )

    def test_options_of_a_subclass(self):
        """A field of one's own adds its options to the names."""

        class Code(documents.CharField):
            def __init__(self, *args, checksum=False, **options):
                super().__init__(*args, **options)

        with pytest.raises(TypeError, match=r"Did you mean 'checksum'\?"):
            Code(cheksum=True)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (
                documents.CharField,
                "ListField: the class CharField, expected a field. Did you mean CharField()?",
            ),
            (
                Step,
                "ListField: the class Step, expected a field. Did you mean EmbeddedField(Step)?",
            ),
            (str, "ListField: the class str, expected a field."),
            ("x", "ListField: 'x', expected a field."),
        ],
    )
    def test_part(self, given, message):
        """A class in place of the field of a part is told what it should be."""
        with pytest.raises(TypeError) as caught:
            documents.ListField(given)
        with pytest.raises(TypeError):
            documents.MapField(given)
        with pytest.raises(TypeError):
            documents.UnionField(given, documents.CharField())

        assert str(caught.value) == message
