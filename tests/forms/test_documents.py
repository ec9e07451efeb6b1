"""`DocumentForm`: a ModelForm over documents."""

import datetime

import pytest
from bson import Decimal128, Int64, ObjectId, Regex
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError

from docmodels import documents, forms
from tests.admin.library.models import Author, Book, Chapter, Publisher
from tests.admin.stored import insert, same, stored

UTC = datetime.UTC


class BookForm(forms.DocumentForm):
    """All fields of a book."""

    class Meta:
        model = Book
        fields = "__all__"


def browser_data(form, **changes):
    """Return what a browser would send for an unchanged form, and `changes`."""
    data = {}

    def collect(current):
        for bound in current:
            nested = getattr(bound, "nested", None)
            if nested is not None and hasattr(nested, "management_form"):
                collect(nested.management_form)
                for inner in nested.forms:
                    collect(inner)
            elif nested is not None:
                collect(nested)
            else:
                widget = bound.field.widget
                context = widget.get_context(bound.html_name, bound.value(), {})["widget"]
                for part in context.get("subwidgets", [context]):
                    value = part["value"]
                    if isinstance(value, list):
                        value = value[0] if value else ""
                    if part.get("type") == "checkbox" and not part["attrs"].get("checked"):
                        continue
                    data[part["name"]] = "" if value is None else str(value)

    collect(form)
    return data | changes


class TestFields:
    """Which form field stands for which document field."""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("title", "TextField"),
            ("isbn", "StateField"),
            ("author", "ReferenceField"),
            ("genre", "TypedChoiceField"),
            ("price", "StateField"),
            ("rating", "FloatField"),
            ("published", "DateField"),
            ("added_at", "DateTimeField"),
            ("homepage", "StateField"),
            ("tags", "LinesField"),
            ("publisher", "EmbeddedFormField"),
            ("chapters", "EmbeddedListFormField"),
            ("shop", "PointField"),
            ("token", "UUIDField"),
            ("extra", "ExtendedJSONField"),
        ],
    )
    def test_table(self, name, expected):
        """The table is looked up along the class hierarchy."""
        assert type(BookForm.base_fields[name]).__name__ == expected

    def test_what_is_left_out(self):
        """Neither the key nor hidden fields."""
        assert "id" not in BookForm.base_fields
        assert "secret" not in BookForm.base_fields

    def test_meta_options(self):
        """Labels, widgets and the order of fields are those of ModelForm."""
        form = forms.documentform_factory(
            Book, fields=["pages", "title"], labels={"title": "Name"}, state_choices=False
        )

        assert list(form.base_fields) == ["pages", "title"]
        assert form.base_fields["title"].label == "Name"
        assert type(form.base_fields["pages"]).__name__ == "IntegerField"

    def test_mistakes(self):
        """Each says what is wrong."""
        with pytest.raises(ImproperlyConfigured) as missing:
            type("F", (forms.DocumentForm,), {"Meta": type("Meta", (), {"model": Book})})
        with pytest.raises(FieldError) as unknown:
            forms.documentform_factory(Book, fields=["titel"])
        with pytest.raises(FieldError) as key:
            forms.documentform_factory(Book, fields=["id"])

        assert str(missing.value) == (
            "Creating a DocumentForm without either the 'fields' attribute or the 'exclude' "
            "attribute is prohibited; form F needs updating."
        )
        assert str(unknown.value) == "Unknown field(s) (titel) specified for Book"
        assert str(key.value) == (
            "'id' cannot be specified for Book form as it is a non-editable field"
        )


class TestSaving:
    """Only what changed is written."""

    def test_create(self, mongo):
        """A new document with an embedded one and a list of them."""
        author = Author.objects.create(name="Ursula")
        form = BookForm(
            {
                "title": "T",
                "author": str(author.pk),
                "price": "12.50",
                "pages": "5",
                "tags": "a\r\nb",
                "publisher-name": "P",
                "publisher-address-city": "C",
                "chapters-TOTAL_FORMS": "2",
                "chapters-INITIAL_FORMS": "0",
                "chapters-0-title": "second",
                "chapters-0-pages": "2",
                "chapters-0-ORDER": "2",
                "chapters-1-title": "first",
                "chapters-1-pages": "1",
                "chapters-1-ORDER": "1",
                "shop": "7.5, 46",
                "extra": '{"n": {"$numberLong": "5"}}',
            }
        )

        assert form.is_valid(), form.errors
        book = form.save()

        found = stored(mongo, book)
        found.pop("__v")
        assert (
            same(
                found,
                {
                    "_id": book.pk,
                    "title": "T",
                    "author": author.pk,
                    "price": Decimal128("12.50"),
                    "pages": 5,
                    "tags": ["a", "b"],
                    "publisher": {"name": "P", "address": {"city": "C"}},
                    "chapters": [
                        {"title": "first", "pages": 1, "topics": []},
                        {"title": "second", "pages": 2, "topics": []},
                    ],
                    "shop": {"type": "Point", "coordinates": [7.5, 46.0]},
                    "extra": {"n": Int64(5)},
                },
            )
            or found
        )

    def test_an_unchanged_form_writes_nothing(self, mongo):
        """Types, undeclared data, wrong-typed values and milliseconds are kept."""
        book = insert(
            mongo,
            {
                "title": "Line\r\nbreak",
                "isbn_13": None,
                "price": Decimal128("1.10"),
                "pages": Int64(5),
                "rating": 4,
                "available": None,
                "added_at": datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC),
                "published": datetime.datetime(2024, 5, 6, tzinfo=UTC),
                "tags": ["a", "b"],
                "publisher": {"name": "P", "founded": Int64(1)},
                "chapters": [{"title": "a", "pages": Int64(1), "x": 1}, {"title": "b", "pages": 2}],
                "shop": {"type": "Point", "coordinates": [7, 46]},
                "extra": {"n": Int64(5), "d": 5.0, "r": Regex("a")},
                "other": 1,
            },
        )
        before = stored(mongo, book)
        form = BookForm(browser_data(BookForm(instance=book)), instance=book)

        assert form.is_valid(), form.errors
        assert form.changed_data == []
        form.save()

        assert same(stored(mongo, book), before)

    def test_a_wrong_typed_value_stays_until_it_is_changed(self, mongo):
        """It is shown as it is, and what replaces it is cast."""
        book = insert(mongo, {"title": "T", "pages": "many"})
        unbound = BookForm(instance=book)
        assert 'value="many"' in str(unbound["pages"])

        form = BookForm(browser_data(unbound, title="New"), instance=book)
        assert form.is_valid(), form.errors
        form.save()
        assert stored(mongo, book)["pages"] == "many"

        form = BookForm(browser_data(BookForm(instance=book), pages="7"), instance=book)
        assert form.is_valid(), form.errors
        form.save()
        assert stored(mongo, book)["pages"] == 7

    def test_one_path_of_a_list(self, mongo):
        """A changed element is a `$set` of its path."""
        chapters = [{"title": "a", "pages": 1}, {"title": "b", "pages": 2}]
        book = insert(mongo, {"title": "T", "chapters": chapters})
        data = browser_data(BookForm(instance=book), **{"chapters-1-title": "B"})

        form = BookForm(data, instance=book)

        assert form.is_valid(), form.errors
        assert form.instance.pending_update()[1] == {"$set": {"chapters.1.title": "B"}}

    def test_an_added_element_is_pushed(self, mongo):
        """The empty form at the end adds one."""
        book = insert(mongo, {"title": "T", "chapters": [{"title": "a", "pages": 1}]})
        data = browser_data(
            BookForm(instance=book), **{"chapters-1-title": "B", "chapters-1-pages": "2"}
        )

        form = BookForm(data, instance=book)

        assert form.is_valid(), form.errors
        assert form.instance.pending_update()[1]["$push"] == {
            "chapters": {"$each": [{"title": "B", "pages": 2, "topics": []}]}
        }

    def test_remove_and_reorder(self, mongo):
        """DELETE and ORDER, as in Django's formsets."""
        chapters = [{"title": title, "pages": 1} for title in "abc"]
        book = insert(mongo, {"title": "T", "chapters": chapters})
        data = browser_data(
            BookForm(instance=book), **{"chapters-0-DELETE": "on", "chapters-2-ORDER": "1"}
        )

        form = BookForm(data, instance=book)
        assert form.is_valid(), form.errors
        form.save()

        assert [c["title"] for c in stored(mongo, book)["chapters"]] == ["c", "b"]

    def test_an_embedded_document_is_removed(self, mongo):
        """A box in its form takes it away."""
        book = insert(mongo, {"title": "T", "publisher": {"name": "P"}})
        data = browser_data(BookForm(instance=book), **{"publisher-REMOVE": "1"})

        form = BookForm(data, instance=book)
        assert form.is_valid(), form.errors
        form.save()

        assert "publisher" not in stored(mongo, book)

    def test_commit_false(self, mongo):
        """The instance is returned unsaved."""
        form = BookForm({"title": "T", "chapters-TOTAL_FORMS": 0, "chapters-INITIAL_FORMS": 0})

        assert form.is_valid(), form.errors
        book = form.save(commit=False)

        assert book._state.adding
        assert Book.objects.count() == 0

    def test_an_invalid_form_refuses_to_save(self):
        """As ModelForm does."""
        form = BookForm({"chapters-TOTAL_FORMS": 0, "chapters-INITIAL_FORMS": 0})

        with pytest.raises(ValueError) as caught:
            form.save()

        assert str(caught.value) == (
            "The Book could not be created because the data didn't validate."
        )


@pytest.mark.parametrize(
    ("before", "data", "after"),
    [
        ({}, {"isbn": "", "isbn_state": "unset"}, {}),
        ({}, {"isbn": "978", "isbn_state": "unset"}, {"isbn_13": "978"}),
        ({}, {"isbn": "", "isbn_state": "value"}, {"isbn_13": ""}),
        ({"isbn_13": "978"}, {"isbn": "978", "isbn_state": "unset"}, {}),
        ({"pages": 5}, {"pages": "5", "pages_state": "null"}, {"pages": None}),
        ({"pages": 5}, {"pages": "5", "pages_state": "unset"}, {}),
        ({"pages": None}, {"pages": "", "pages_state": "null"}, {"pages": None}),
        ({"pages": None}, {"pages": "6", "pages_state": "null"}, {"pages": 6}),
        ({"pages": 5}, {"pages": "", "pages_state": "value"}, {}),
    ],
)
def test_states(mongo, before, data, after):
    """Unset, null and a value are choices; whoever types a value wants it."""
    book = insert(mongo, {"title": "T", **before})
    data = browser_data(BookForm(instance=book), **data)

    form = BookForm(data, instance=book)
    assert form.is_valid(), form.errors
    form.save()

    found = stored(mongo, book)
    assert {key: found[key] for key in found if key in {"isbn_13", "pages"}} == after


class TestErrors:
    """Errors have paths."""

    def test_all_together(self, mongo):
        """Top level, embedded, in a list, and an unknown reference."""
        key = ObjectId()
        form = BookForm(
            {
                "title": "",
                "author": str(key),
                "pages": "x",
                "publisher-address-street": "S",
                "chapters-TOTAL_FORMS": "2",
                "chapters-INITIAL_FORMS": "0",
                "chapters-0-title": "a",
                "chapters-0-pages": "1",
                "chapters-1-title": "b",
                "chapters-1-pages": "0",
            }
        )

        assert not form.is_valid()
        assert form.errors == {
            "title": ["This field is required."],
            "author": [f"No author with the key “{key}” is stored."],
            "pages": ["Enter a whole number."],
            "publisher.name": ["This field is required."],
            "publisher.address.city": ["This field is required."],
            "chapters.1.pages": ["Ensure this value is greater than or equal to 1."],
        }
        assert "Ensure this value is greater than or equal to 1." in str(form["chapters"])

    def test_clean_of_the_document(self):
        """What `clean()` says of a path stands at its input."""

        class Line(documents.EmbeddedDocument):
            price = documents.IntegerField()

            class Meta:
                app_label = "forms_tests"

        class Order(documents.Document):
            total = documents.IntegerField()
            first = documents.EmbeddedField(Line)

            class Meta:
                app_label = "forms_tests"

            def clean(self):
                raise ValidationError({"first.price": "Too much.", "total": "Wrong."})

        form = forms.documentform_factory(Order, fields="__all__")(
            {"total": "1", "first-price": "2"}
        )

        assert form.errors == {"total": ["Wrong."], "first.price": ["Too much."]}
        assert "Too much." in str(form["first"])

    def test_an_embedded_form_alone(self):
        """A form of an embedded document makes an instance of it."""
        form = forms.documentform_factory(Chapter, fields="__all__")(
            {"title": "T", "pages": "5", "topics": "a"}
        )

        assert form.is_valid(), form.errors
        assert form.instance == Chapter(title="T", pages=5, topics=["a"])

    def test_rendering(self):
        """The whole form is drawn with its embedded ones, escaped."""
        book = Book(title="<script>", publisher=Publisher(name="P"))

        text = BookForm(instance=book).as_div()

        assert "&lt;script&gt;" in text
        assert 'name="publisher-address-city"' in text
        assert 'name="chapters-0-title"' in text
