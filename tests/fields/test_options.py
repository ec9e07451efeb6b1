"""The options that every family has: required, immutable, hidden, set, get, match and others."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator

from docmodels import documents
from docmodels.documents import Q, ops
from docmodels.exceptions import FilterValueError
from docmodels.indexing import declared
from tests.fields.casting import assert_refused


def is_published(document):
    """Tell what makes a summary necessary."""
    return document.state == "published"


def is_even(value):
    """Judge by the answer, as Mongoose's validators do."""
    return value % 2 == 0


def is_short(value):
    """Judge by raising, as Django's validators do."""
    if len(value) > 3:
        raise ValidationError("“%(value)s” is longer than 3.")


class Step(documents.EmbeddedDocument):
    code = documents.CharField(set="uppercase", immutable=True)
    note = documents.CharField(required=lambda step: step.code == "X")


class Article(documents.Document):
    slug = documents.CharField(db_field="s", set=["trim", "lowercase"])
    state = documents.CharField(default="draft")
    summary = documents.TextField(required=is_published)
    made_by = documents.CharField(immutable=True, blank=True)
    origin = documents.ListField(documents.CharField(), immutable=True)
    secret = documents.CharField(hidden=True, blank=True)
    card = documents.CharField(blank=True, get=lambda text: f"…{text[-4:]}")
    price = documents.DecimalField(blank=True, get=float, default="1.50")
    tags = documents.ListField(documents.CharField(set="lowercase"), choices=["red", "green"])
    labels = documents.ListField(documents.CharField(), unique_items=True)
    steps = documents.EmbeddedListField(Step, db_field="st")
    due = documents.DateTimeField(blank=True, get=[lambda at: at.date(), str])

    class Meta:
        collection = "articles"
        indexes = [documents.Index(fields=["slug", "-steps__code"])]


def saved(**values):
    """Return a stored article, loaded anew."""
    article = Article(**{"slug": "a"} | values)
    article.save()
    return Article.objects.get(pk=article.pk)


def stored(mongo, article):
    """Return what the server has."""
    return mongo.collection("articles").find_one({"_id": article.pk})


def errors_of(action, *args, **values):
    """Return the messages by path of the error that `action` raises."""
    with pytest.raises(ValidationError) as caught:
        action(*args, **values)
    return caught.value.message_dict


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


class TestSet:
    """`set=`."""

    def test_on_assignment(self):
        """Constructor, attribute and elements of lists."""
        article = Article(slug="  AbC ", tags=["RED"])
        article.tags.append("Green")

        assert (article.slug, article.tags) == ("abc", ["red", "green"])
        article.slug = " X"
        assert article.slug == "x"

    def test_in_filters(self):
        """Compared values pass it too, in Q objects and lists as well."""
        saved(slug="abc", tags=["red"], steps=[{"code": "k"}])

        assert Article.objects.filter(slug=" ABC ").exists()
        assert Article.objects.filter(slug__in=["x", "ABC"]).exists()
        assert Article.objects.filter(Q(tags="RED") & Q(steps__code="k")).exists()
        assert not Article.objects.exclude(slug="ABC").exists()

    def test_in_updates(self, mongo):
        """Values of updates pass it, also those of list operators."""
        article = saved()

        Article.objects.filter(pk=article.pk).update(slug=" NEW", tags=ops.AddToSet("RED"))

        assert stored(mongo, article) | {"s": "new", "tags": ["red"]} == stored(mongo, article)

    def test_stored_values_are_left_alone(self, mongo):
        """Loading changes nothing, and other fields can be saved."""
        mongo.collection("articles").insert_one({"_id": 1, "s": " Old", "state": "draft"})
        article = Article.objects.raw_filter({"_id": 1}).get()

        assert article.slug == " Old"
        assert not article.is_modified()

    def test_of_any_kind(self):
        """A function gets the cast value, and what it returns is cast again."""
        field = documents.IntegerField(set=[abs, lambda number: f"{number}0"])

        assert field.to_python("-5") == 50
        assert field.to_python(None) is None
        assert field.cast("-5") == -5

    def test_value_error(self):
        """A ValueError is an error of the field."""
        field = documents.CharField(set=lambda text: text.encode("ascii").decode())

        assert_refused(field, "ä", "“ä” is not valid, expected text.")

    def test_inc_is_not_transformed(self, mongo):
        """The number of an `Inc` is no value of the field."""

        class Stock(documents.Document):
            count = documents.IntegerField(set=lambda number: max(number, 0))

            class Meta:
                app_label = "options"

        Stock(count=5).save()
        Stock.objects.filter(count=5).update(count=ops.Inc(-2))

        assert Stock.objects.get().count == 3

    def test_of_a_copy(self):
        """The field of a subclass transforms by itself."""
        field = documents.CharField(set="trim").clone()

        assert field.to_python(" a ") == "a"
        assert field.to_python.__self__ is field

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("lowercas", "set='lowercas': no transform of that name. Did you mean 'lowercase'?"),
            (
                "?",
                "set='?': no transform of that name. Choices are: lowercase, uppercase, trim.",
            ),
            (5, "set=5, expected a function of the value or a name."),
        ],
    )
    def test_mistakes(self, given, message):
        """A name that there is not is told at the declaration."""
        with pytest.raises(TypeError) as caught:
            documents.CharField(set=given)

        assert str(caught.value) == message


class TestGet:
    """`get=`."""

    def test_on_reading(self, mongo):
        """The attribute gives what the functions return; what is stored stays."""
        moment = datetime.datetime(2024, 5, 6, 7, tzinfo=datetime.UTC)
        article = saved(card="1234567890", price="2.50", due=moment)

        assert (article.card, article.price, article.due) == ("…7890", 2.5, "2024-05-06")
        assert not article.is_modified()
        article.slug = "b"
        article.save()
        assert stored(mongo, article)["card"] == "1234567890"
        assert str(stored(mongo, article)["price"]) == "2.50"

    def test_missing(self, mongo):
        """A default passes the functions, None does not."""
        mongo.collection("articles").insert_one({"_id": 1, "s": "x"})
        article = Article.objects.raw_filter({"_id": 1}).get()

        assert (article.card, article.price) == (None, 1.5)
        assert "price" not in article.to_mongo()

    def test_mistake_in_the_function(self):
        """An AttributeError inside is not taken for an empty slot."""

        class Broken(documents.Document):
            name = documents.CharField(get=lambda text: text.nothing)

            class Meta:
                app_label = "options"

        with pytest.raises(TypeError) as caught:
            Broken(name="x").name

        assert str(caught.value) == (
            "options.Broken.name: get of 'x' failed: 'str' object has no attribute 'nothing'"
        )

    def test_keys(self):
        """A primary key is what it is."""
        with pytest.raises(TypeError) as caught:
            documents.CharField(primary_key=True, get="trim")

        assert str(caught.value) == "CharField: get and primary_key, expected one of them."


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
