"""Paths of updates: places of list elements, and what no update may touch."""

import pytest
from django.core.exceptions import FieldError, ValidationError

from docmodels import documents
from docmodels.documents import Q, ops
from docmodels.query.updates import make_update
from tests.queryset.models import Book


class Note(documents.EmbeddedDocument):
    text = documents.CharField(max_length=20)

    class Meta:
        app_label = "update_paths"


class LongNote(Note):
    pages = documents.IntegerField(default=1)

    class Meta:
        app_label = "update_paths"


class Loose(documents.Document):
    """Undeclared names are kept."""

    name = documents.CharField(max_length=20)
    notes = documents.EmbeddedListField(Note)
    number = documents.IntegerField(immutable=True, blank=True)
    extra = documents.AnyField(blank=True, db_field="x")

    class Meta:
        app_label = "update_paths"
        strict = False
        version_key = "rev"
        discriminator_key = "kind"


class LooseChild(Loose):
    pass


class Dropping(documents.Document):
    """Undeclared names are dropped."""

    name = documents.CharField(max_length=20)
    note = documents.EmbeddedField(Note, blank=True)

    class Meta:
        app_label = "update_paths"
        strict = True


def compiled(model, values, **options):
    """Return the document and the array filters of an update."""
    update = make_update(model._meta, values, timestamps=False, **options)
    return update.document, update.array_filters


class TestElements:
    """`$`, `$[]` and `$[name]` stand for elements of lists."""

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("chapters.$.pages", "chapters.$.p"),
            ("chapters__$__pages", "chapters.$.p"),
            ("chapters.$[].pages", "chapters.$[].p"),
            ("chapters__$[]__marks__0", "chapters.$[].marks.0"),
            ("chapters.$[].marks.$[]", "chapters.$[].marks.$[]"),
            ("grid.$[].$[]", "grid.$[].$[]"),
            ("extra.a.$[].b", "extra.a.$[].b"),
        ],
    )
    def test_paths(self, path, expected):
        """Names become keys, the places stay."""
        assert compiled(Book, {path: 3})[0] == {"$set": {expected: 3}}

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (Q(pages__lt="3"), {"long.p": {"$lt": 3}}),
            (Q(title="x", pages=1), {"long.title": "x", "long.p": 1}),
            (Q(title="x") | Q(pages=1), {"$or": [{"long.title": "x"}, {"long.p": 1}]}),
            (~Q(title="x"), {"long.title": {"$ne": "x"}}),
            (Q(pages__isnull=True), {"long.p": None}),
        ],
        ids=str,
    )
    def test_filters(self, condition, expected):
        """The condition of a name is cast and named by the class of the element."""
        found = compiled(Book, {"chapters.$[long].pages": 1}, array_filters={"long": condition})

        assert found == ({"$set": {"chapters.$[long].p": 1}}, [expected])

    def test_filter_of_scalars(self):
        """The elements of a plain list are compared themselves."""
        found = compiled(Book, {"tags.$[old]": "b"}, array_filters={"old": Q(startswith="a")})

        assert found[1] == [{"old": {"$regex": "^a"}}]

    @pytest.mark.parametrize(
        ("values", "filters", "message"),
        [
            (
                {"title.$": 1},
                None,
                "Book.title.$: '$', expected it behind a list, as in lines.$.price.",
            ),
            ({"$.title": 1}, None, "Book.$.title: '$', expected it behind a list, as in "
             "lines.$.price."),
            ({"counts.$[].a": 1}, None, "Book.counts.$[].a: '$[]', expected it behind a list, as "
             "in lines.$[].price."),
            ({"$set": {"title": "x"}}, None, None),
            ({"title.$set": 1}, None, None),
            (
                {"chapters.$.marks.$": 1},
                None,
                "Book.chapters.$.marks.$: '$' twice, expected it once: the filter matches one "
                "element.",
            ),
            (
                {"chapters.$[a].pages": 1},
                None,
                "Book: the array filter 'a' is missing. Names in the paths are: a.",
            ),
            (
                {"chapters.$[].pages": 1},
                {"a": Q(pages=1)},
                "Book: the array filter 'a' is asked for by no path. Names in the paths are: none.",
            ),
            (
                {"chapters.$[A-b].pages": 1},
                {"A-b": Q(pages=1)},
                "Book: the array filter 'A-b', expected a name of letters and digits that begins "
                "with a small letter.",
            ),
            (
                {"chapters.$[a].pages": 1},
                {"a": {"pages": 1}},
                "Book: array_filters={'a': {'pages': 1}}, expected a Q.",
            ),
            ({"chapters.$[a].pages": 1}, {"a": Q(nothing=1)}, None),
        ],
        ids=str,
    )  # fmt: skip
    def test_impossible(self, values, filters, message):
        """A place that is no element and a name without conditions are refused."""
        with pytest.raises(FieldError) as caught:
            compiled(Book, values, array_filters=filters)

        assert message is None or str(caught.value) == message

    def test_cast(self):
        """What is set in an element is cast and judged at its path."""
        with pytest.raises(ValidationError) as caught:
            compiled(Book, {"chapters.$[].pages": "many", "chapters.$[].title": "x" * 61})

        assert caught.value.message_dict == {
            "chapters.$[].pages": ["“many” is not valid, expected a whole number."],
            "chapters.$[].title": ["Ensure this value has at most 60 characters (it has 61)."],
        }


class TestInternal:
    """The key, the class and the version are not for updates."""

    @pytest.mark.parametrize(
        ("model", "path", "message"),
        [
            (Loose, "pk", "Loose.pk: the key of stored documents cannot change."),
            (Loose, "_id", "Loose._id: the key of stored documents cannot change."),
            (Loose, "kind", "Loose.kind: the class of a stored document cannot change."),
            (LooseChild, "kind", "LooseChild.kind: the class of a stored document cannot change."),
            (Loose, "rev", "Loose.rev: kept by saves alone, expected another path."),
        ],
    )
    @pytest.mark.parametrize("value", [1, ops.Unset(), ops.Inc(1)], ids=str)
    def test_refused(self, model, path, message, value):
        """Not even where undeclared names are kept, and whatever the operator."""
        with pytest.raises(FieldError) as caught:
            compiled(model, {path: value})

        assert str(caught.value) == message

    def test_rename(self):
        """Nothing is moved to or from them."""
        with pytest.raises(FieldError):
            compiled(Loose, {"extra": ops.Rename("kind")})
        with pytest.raises(FieldError):
            compiled(Loose, {"extra": ops.Rename("pk")})
        with pytest.raises(ValidationError):
            compiled(Loose, {"extra": ops.Rename("number")})
        with pytest.raises(ValidationError):
            compiled(Loose, {"name": ops.Rename("extra")})

    def test_embedded_class(self):
        """An embedded document of a subclass carries its class."""
        values = {"notes": ops.Push(LongNote(text="x"))}

        assert compiled(Loose, values)[0] == {
            "$push": {"notes": {"$each": [{"text": "x", "pages": 1, "__t": "LongNote"}]}}
        }

    def test_immutable(self):
        """What cannot change is refused, unless nothing is judged."""
        with pytest.raises(ValidationError) as caught:
            compiled(Loose, {"number": 1})

        assert caught.value.message_dict == {
            "number": ["This field cannot be changed once it is stored."]
        }
        assert compiled(Loose, {"number": 1}, validate=False)[0] == {"$set": {"number": 1}}


class TestStrict:
    """Undeclared names: refused, dropped or kept, as `Meta.strict` says."""

    def test_raise(self):
        """By default they raise, with the nearest name."""
        with pytest.raises(FieldError):
            compiled(Book, {"titel": "x"})

    def test_dropped(self):
        """`True` drops them, inside of embedded documents by their own class."""
        assert compiled(Dropping, {"name": "x", "nmae": "y"})[0] == {"$set": {"name": "x"}}
        assert compiled(Dropping, {"nmae": "y"})[0] == {}
        with pytest.raises(FieldError):
            compiled(Dropping, {"note__txt": "y"})

    def test_kept(self):
        """`False` keeps them."""
        assert compiled(Loose, {"other": {"a": 1}})[0] == {"$set": {"other": {"a": 1}}}


class TestArguments:
    """Values come as a dict, by name, or both."""

    def test_dict(self):
        """A dict takes paths that are no Python names."""
        update = make_update(Book._meta, {"chapters.0.pages": 1}, {"title": "x"}, timestamps=False)

        assert update.document == {"$set": {"chapters.0.p": 1, "title": "x"}}

    @pytest.mark.parametrize("values", [[{"$set": {"title": "x"}}], "title", 5], ids=str)
    def test_no_dict(self, values):
        """A list is no pipeline: one is only what says so."""
        with pytest.raises(TypeError) as caught:
            make_update(Book._meta, values)

        assert str(caught.value) == (
            f"Book: {values!r}, expected paths with their values in a dict, or ops.Pipeline([…])."
        )
