"""Forms and serializers of the families that have no base in Django."""

import pytest
from bson import Timestamp
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from docmodels import documents, rest
from docmodels.forms import DocumentForm
from tests.fields.test_enums import Color
from tests.fields.test_files import png


class Size(models.IntegerChoices):
    SMALL = 1
    LARGE = 2


class Thing(documents.Document):
    color = documents.EnumField(Color, blank=True)
    size = documents.EnumField(Size, blank=True)
    colors = documents.ListField(documents.EnumField(Color))
    start = documents.TimeField(blank=True)
    length = documents.DurationField(blank=True)
    address = documents.IPAddressField(blank=True)
    line = documents.LineStringField(blank=True)
    stamp = documents.TimestampField(blank=True)
    either = documents.UnionField(
        documents.IntegerField(), documents.CharField(), verbose_name="Either", blank=True
    )
    scan = documents.FileField(blank=True)
    photo = documents.ImageField(blank=True, url=lambda file: "/p/")
    code = documents.CharField(blank=True, get="lowercase")

    class Meta:
        collection = "things"


class ThingForm(DocumentForm):
    class Meta:
        model = Thing
        fields = "__all__"


class ThingSerializer(rest.DocumentSerializer):
    class Meta:
        model = Thing
        fields = "__all__"


VALUES = {
    "color": Color.RED,
    "size": Size.LARGE,
    "colors": [Color.DARK_BLUE],
    "start": "08:30",
    "length": 90,
    "address": "::1",
    "line": [(0, 0), (1, 2)],
    "stamp": (5, 6),
    "either": 5,
    "code": "ABC",
}


@pytest.fixture
def thing():
    """Give a stored document, loaded anew."""
    made = Thing(scan=ContentFile(b"x", "a.txt"), photo=ContentFile(png(), "p.png"), **VALUES)
    made.save()
    return Thing.objects.get()


def submitted(form):
    """Return what a browser sends of a form that nobody touched."""
    data = {}
    for bound in form:
        if not bound.field.widget.needs_multipart_form:
            context = bound.field.widget.get_context(bound.html_name, bound.value(), {})
            data |= inputs(context["widget"])
    return data


def inputs(widget):
    """Return the names and values of one widget."""
    if "subwidgets" in widget:
        return {name: v for inner in widget["subwidgets"] for name, v in inputs(inner).items()}
    if "optgroups" not in widget:
        return {widget["name"]: widget["value"]}
    chosen = [o["value"] for _, options, _ in widget["optgroups"] for o in options if o["selected"]]
    multiple = widget["attrs"].get("multiple")
    return {widget["name"]: chosen if multiple else str(chosen[0]) if chosen else ""}


class TestForms:
    """`DocumentForm`."""

    def test_untouched(self, thing):
        """What passed through a browser is no change."""
        data = submitted(ThingForm(instance=thing))

        form = ThingForm(data, {}, instance=thing)

        assert form.is_valid(), form.errors
        assert (data["color"], data["size"], data["colors"]) == ("red", "2", ["blue"])
        assert form.changed_data == []
        assert thing.pending_update()[1] == {}

    def test_changed(self, thing):
        """Each value is read from its text."""
        data = submitted(ThingForm(instance=thing)) | {
            "color": "blue", "size": "1", "colors": ["red", "blue"], "start": "9:15",
            "length": "00:02:00", "address": "10.0.0.1", "either": '"text"',
            "line": '{"type": "LineString", "coordinates": [[5, 5], [6, 6]]}',
        }  # fmt: skip
        upload = SimpleUploadedFile("b.txt", b"new")

        form = ThingForm(data, {"scan": upload}, instance=thing)
        assert form.is_valid(), form.errors
        form.save()

        loaded = Thing.objects.get()
        assert (loaded.color, loaded.size) == (Color.DARK_BLUE, Size.SMALL)
        assert loaded.colors == [Color.RED, Color.DARK_BLUE]
        assert (loaded.start.hour, loaded.length.seconds) == (9, 120)
        assert (loaded.address, loaded.either) == ("10.0.0.1", "text")
        assert loaded.line[0] == documents.Point(5, 5)
        assert loaded.scan.read() == b"new"
        assert loaded.stamp == Timestamp(5, 6)

    def test_file_cleared(self, thing):
        """The box of Django's widget takes the file away."""
        data = submitted(ThingForm(instance=thing)) | {"scan-clear": "on"}

        form = ThingForm(data, {}, instance=thing)
        assert form.is_valid(), form.errors
        form.save()

        assert not Thing.objects.get().scan
        assert Thing.objects.get().photo


class TestRest:
    """`DocumentSerializer`."""

    def test_output(self, thing):
        """Each value as JSON can carry it; a `get` is applied."""
        data = ThingSerializer(thing).data

        assert data == {
            "pk": str(thing.pk),
            "color": "red",
            "size": 2,
            "colors": ["blue"],
            "start": "08:30:00",
            "length": "00:01:30",
            "address": "::1",
            "line": {"type": "LineString", "coordinates": [[0, 0], [1, 2]]},
            "stamp": {"$timestamp": {"t": 5, "i": 6}},
            "either": 5,
            "scan": str(thing.scan.id),
            "photo": "/p/",
            "code": "abc",
        }

    def test_input(self):
        """Each value is taken back in the same form."""
        serializer = ThingSerializer(
            data={
                "color": "blue", "size": 2, "colors": ["red"], "start": "08:30",
                "length": "00:01:30", "address": "::1", "either": "x",
                "line": {"type": "LineString", "coordinates": [[0, 0], [1, 2]]},
                "scan": SimpleUploadedFile("b.txt", b"new"),
            }
        )  # fmt: skip

        assert serializer.is_valid(), serializer.errors
        thing = serializer.save()

        assert (thing.color, thing.size, thing.colors) == (Color.DARK_BLUE, Size.LARGE, [Color.RED])
        assert thing.scan.read() == b"new"
        assert thing.line[1] == documents.Point(1, 2)

    def test_errors(self):
        """What a field refuses is an error of it."""
        serializer = ThingSerializer(
            data={"color": "pink", "address": "x", "length": "soon", "start": "25:00"}
        )

        assert not serializer.is_valid()
        assert set(serializer.errors) == {"color", "address", "length", "start"}


class Note(documents.Document):
    kind = documents.CharField()
    about = documents.ReferenceField(documents.by_field("kind"), blank=True)
    others = documents.ListField(documents.ReferenceField(documents.by_field("kind")))

    class Meta:
        app_label = "notes_on_things"


class NoteForm(DocumentForm):
    class Meta:
        model = Note
        fields = ["kind", "about"]


class NoteSerializer(rest.DocumentSerializer):
    class Meta:
        model = Note
        fields = "__all__"


class TestDynamicReference:
    """A reference whose class another field tells is shown and taken as its key."""

    def test_form(self, mongo):
        """The key is cast, and judged with the class that is told."""
        thing = Thing.objects.create()
        form = NoteForm({"kind": Thing._meta.label, "about": str(thing.pk)})
        wrong = NoteForm({"kind": "notes_on_things.Note", "about": "x"})

        assert form.is_valid(), form.errors
        assert form.save().about_id == thing.pk
        assert not wrong.is_valid()
        assert list(wrong.errors) == ["about"]

    def test_serializer(self, mongo, assert_num_commands):
        """Reading sends nothing; writing takes the text of a key."""
        thing = Thing.objects.create()
        label = Thing._meta.label
        given = {"kind": label, "about": str(thing.pk), "others": [str(thing.pk)]}
        serializer = NoteSerializer(data=given)

        assert serializer.is_valid(), serializer.errors
        note = serializer.save()
        assert (note.about_id, note.others_ids) == (thing.pk, [thing.pk])
        with assert_num_commands(0):
            assert NoteSerializer(note).data == {"pk": str(note.pk), **given}

    def test_serializer_refuses(self, mongo):
        """A key of another kind is an error of its field."""
        serializer = NoteSerializer(data={"kind": Thing._meta.label, "about": {"$ne": 1}})

        assert not serializer.is_valid()
        assert list(serializer.errors) == ["about"]
