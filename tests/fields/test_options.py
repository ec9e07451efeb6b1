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

    def test_v8_function_of_the_document(self):
        """The path may be missing, null or empty unless the function says otherwise."""
        Article(slug="a").save()

        published = Article(slug="a", state="published")

        assert errors_of(published.save) == {"summary": ["This field is required."]}
        published.summary = ""
        assert errors_of(published.save) == {"summary": ["This field is required."]}
        published.summary = "Yes"
        published.save()

    def test_v8_of_embedded_documents(self):
        """The function of a field inside is asked with the embedded document."""
        article = Article(slug="a", steps=[{"code": "y"}, {"code": "x"}])

        assert errors_of(article.save) == {"steps.1.note": ["This field is required."]}

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


IMMUTABLE = "This field cannot be changed once it is stored."


class TestImmutable:
    """`immutable=True` (D4)."""

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


class TestHidden:
    """`hidden=True` (P2)."""

    def test_p2_left_out(self, mongo):
        """It is not read unless named, and then with the others or alone."""
        key = saved(secret="s").pk

        def is_loaded(queryset, name):
            loaded = queryset.get(pk=key)._source.loaded
            return loaded is None or name in loaded

        assert not is_loaded(Article.objects, "secret")
        assert is_loaded(Article.objects.select("+secret"), "secret")
        assert is_loaded(Article.objects.select("+secret"), "slug")
        assert is_loaded(Article.objects.only("secret"), "secret")
        assert not is_loaded(Article.objects.only("secret"), "slug")

    def test_p4_reading_it_loads_it(self, assert_num_commands):
        """Reading it asks for it once; a save of the rest leaves it alone."""
        article = saved(secret="s")
        article.slug = "b"
        article.save()

        with assert_num_commands(1):
            assert (article.secret, article.secret) == ("s", "s")


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
