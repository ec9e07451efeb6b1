"""References from one document to another."""

import pytest

from docmodels import documents


class Author(documents.Document):
    name = documents.CharField()

    class Meta:
        collection = "authors"


class Sku(documents.Document):
    code = documents.CharField(unique=True)

    class Meta:
        collection = "skus"


class Review(documents.EmbeddedDocument):
    by = documents.ReferenceField(Author)


class Book(documents.Document):
    author = documents.ReferenceField("Author", blank=True, null=True)
    editors = documents.ListField(documents.ReferenceField("test_references.Author"))
    next = documents.ReferenceField("self", blank=True)
    sku = documents.ReferenceField(Sku, to_field="code", blank=True)
    reviews = documents.EmbeddedListField(Review)

    class Meta:
        collection = "books"


@pytest.fixture
def author():
    """Give a saved author."""
    author = Author(name="Ann")
    author.save()
    return author


class TestDeclaration:
    """What a reference leads to."""

    def test_related_model(self):
        """A class may be named by its label, by its name, or as `self`."""
        meta = Book._meta

        assert meta.get_field("author").related_model is Author
        assert meta.get_field("editors").base_field.related_model is Author
        assert meta.get_field("next").related_model is Book
        assert meta.get_field("sku").target_field is Sku._meta.get_field("code")

    def test_unknown_label(self):
        """A label that nobody declared raises where it is needed."""

        class Lost(documents.Document):
            other = documents.ReferenceField("nowhere.Nothing", blank=True)

        with pytest.raises(LookupError) as caught:
            Lost._meta.get_field("other").related_model

        assert str(caught.value).startswith("No document 'nowhere.Nothing' is declared.")


class TestAccess:
    """`book.author` and `book.author_id`."""

    def test_stored_key(self, mongo, author):
        """The key is stored, never the document."""
        Book(author=author, editors=[author], reviews=[{"by": author}]).save()

        raw = mongo.collection("books").find_one()
        assert raw["author"] == author.pk
        assert raw["editors"] == [author.pk]
        assert raw["reviews"] == [{"by": author.pk}]

    def test_key_needs_no_query(self, author, assert_num_commands):
        """`author_id` never queries, `author` does it once."""
        Book(author=author).save()
        book = Book.objects.get()

        with assert_num_commands(0):
            assert book.author_id == author.pk
        with assert_num_commands(1):
            assert book.author == author
            assert book.author.name == "Ann"

    def test_assigned_instance(self, author, assert_num_commands):
        """An instance that was assigned is not loaded again."""
        book = Book(author=author)

        with assert_num_commands(0):
            assert book.author is author

    def test_assigned_key(self, author):
        """Another key forgets the instance of the last one."""
        other = Author(name="Bob")
        other.save()
        book = Book(author=author)

        book.author_id = other.pk

        assert book.author.name == "Bob"

    def test_null(self, mongo):
        """No key is no document, and no query."""
        assert Book(author=None).author is None
        assert Book().author is None

    def test_missing_target(self, author):
        """A key that leads nowhere raises the target's `DoesNotExist`."""
        Book(author=author).save()
        Author.objects.filter(pk=author.pk).delete()

        with pytest.raises(Author.DoesNotExist):
            Book.objects.get().author

    def test_other_field(self, mongo):
        """`to_field` stores and follows another unique field."""
        sku = Sku(code="X1")
        sku.save()
        Book(sku=sku).save()

        book = Book.objects.get()

        assert book.sku_id == "X1"
        assert book.sku == sku

    def test_change(self, author):
        """Assigning the same document is no change; another one sets its key."""
        Book(author=author).save()
        book = Book.objects.get()
        other = Author(name="Bob")
        other.save()

        book.author = Author.objects.get(pk=author.pk)
        assert not book.is_modified()
        book.author = other
        assert book.pending_update()[1] == {"$set": {"author": other.pk}}
        del book.author
        assert book.pending_update()[1] == {"$unset": {"author": ""}}


@pytest.mark.parametrize("target", [object(), 3, documents.CharField])
def test_target_of_another_kind(target):
    """What is no class of documents and no name is refused where it is declared."""
    with pytest.raises(TypeError, match=r"^ReferenceField: .+, expected a document class, or its"):
        documents.ReferenceField(target, on_delete=documents.PROTECT)
