"""The options `set` and `get`: what is stored and what is read."""

import datetime

import pytest

from docmodels import documents
from docmodels.documents import Q, ops
from tests.fields.articles import (
    Article,
    saved,
    stored,
)
from tests.fields.casting import assert_refused


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

    @pytest.mark.parametrize(
        "make",
        [
            lambda inner: documents.ListField(inner),
            lambda inner: documents.MapField(inner),
            lambda inner: documents.ListField(documents.ListField(inner)),
            lambda inner: documents.UnionField(documents.IntegerField(), inner),
        ],
        ids=["list", "map", "list of lists", "union"],
    )
    def test_elements(self, make):
        """An element is shown as it is; the function belongs to the whole."""
        with pytest.raises(TypeError, match="expected get of the whole field") as caught:
            type(
                "Shown",
                (documents.EmbeddedDocument,),
                {"__module__": __name__, "tags": make(documents.CharField(get="uppercase"))},
            )

        assert str(caught.value).startswith("Shown.tags.[")

    def test_whole_list(self, mongo):
        """A list gives what its function makes of it, and keeps what it holds."""

        class Menu(documents.Document):
            dishes = documents.ListField(
                documents.CharField(set=["trim", "lowercase"]),
                get=lambda dishes: [dish.title() for dish in dishes],
            )
            prices = documents.MapField(documents.CharField(set="trim"))

            class Meta:
                app_label = "options"

        Menu(dishes=[" RICE "], prices={"rice": " 5 "}).save()
        menu = Menu.objects.get()

        assert (menu.dishes, menu.prices) == (["Rice"], {"rice": "5"})
        menu.prices["soup"] = " 3"
        menu.save()
        assert mongo.collection("options_menu").find_one({}, {"_id": 0, "__v": 0}) == {
            "dishes": ["rice"],
            "prices": {"rice": "5", "soup": "3"},
        }
