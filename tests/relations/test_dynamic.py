"""References whose class the document tells."""

import pickle

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError, ValidationError

from docmodels import documents
from docmodels.checks.documents import check_documents
from docmodels.documents import Populate, by_field
from docmodels.exceptions import FieldFetchBlocked
from docmodels.registry import registry
from docmodels.testing import record_commands
from tests.relations.remarks import (
    City,
    Far,
    Kind,
    Like,
    Part,
    Person,
    Place,
    Remark,
    Vote,
    Word,
)


@pytest.fixture
def told(mongo):
    """Store remarks a, b and c on two places and a person; give these."""
    oslo, rome = Place.objects.create(name="Oslo"), Place.objects.create(name="Rome")
    ann = Person.objects.create(name="Ann", home=oslo)
    for text, thing in (("a", oslo), ("b", ann), ("c", rome)):
        Remark.objects.create(text=text, about=thing)
    return oslo, ann, rome


class TestAssigning:
    """Documents and keys that are given to it."""

    def test_document(self, mongo):
        """Its class is stored in the field that tells it, its key in its own."""
        oslo, ann = Place.objects.create(name="Oslo"), Person.objects.create(name="Ann")
        remark = Remark(about=oslo)

        assert (remark.kind, remark.about_id, remark.about) == ("remarks.Place", oslo.pk, oslo)
        remark.about = ann
        remark.save()
        assert Remark.objects.raw_filter({"kind": "remarks.Person", "about": ann.pk}).exists()

    def test_document_of_a_class_that_is_told(self, mongo):
        """A subclass of what is told changes nothing."""
        city = City.objects.create(name="Bern")
        remark = Remark(kind="Place")
        remark.about = city

        assert (remark.kind, remark.about_id) == ("Place", city.pk)

    def test_short_names(self, mongo):
        """What stands for the class is what `targets` says."""
        vote = Vote(on=Word.objects.create(word="tea"))

        assert (vote.kind, vote.on_id) == (Kind.WORD, "tea")
        vote.save()
        assert Vote.objects.get().on.word == "tea"

    def test_keys(self, mongo):
        """A text of 24 digits is an ObjectId, unless the allowed classes take texts first."""
        key = ObjectId()
        assert Remark(kind="Place", about=str(key)).about_id == key
        assert Remark(kind="Word", about="tea").about_id == "tea"
        assert Like(kind="Place", on=str(key)).on_id == key
        assert Remark(about=None).about_id is None

    @pytest.mark.parametrize(
        ("values", "path", "message"),
        [
            ({"about": ObjectId()}, "about",
             "Nothing tells the class of the document; expected 'kind' to do so."),
            ({"kind": "Plase", "about": ObjectId()}, "about",
             "No document 'remarks.Plase' is declared. Did you mean 'remarks.Place'?"),
            ({"kind": "Place", "about": "tea"}, "about",
             "str as the key of remarks.Place, expected an ObjectId "
             "(24 hexadecimal digits)."),
            ({"parts": [Part(kind="Place", about="tea")]}, "parts.0.about",
             "str as the key of remarks.Place, expected an ObjectId "
             "(24 hexadecimal digits)."),
            ({"kind": "Place", "others": ["tea"]}, "others.0",
             "str as the key of remarks.Place, expected an ObjectId "
             "(24 hexadecimal digits)."),
            ({"about": Part()}, "about",
             "A document of remarks.Part, expected one of a document with a collection."),
            ({"about": Place(name="x")}, "about", "Place has no key yet; save it first."),
        ],
    )  # fmt: skip
    def test_mistakes(self, mongo, values, path, message):
        """They are validated with the class that is told."""
        remark = Remark(**values)

        with pytest.raises(ValidationError) as caught:
            remark.full_clean()

        assert caught.value.message_dict == {path: [message]}

    def test_classes_that_are_not_allowed(self, mongo):
        """Neither as a document nor by name."""
        like = Like(on=Word.objects.create(word="tea"))
        with pytest.raises(ValidationError) as caught:
            like.full_clean()
        assert caught.value.message_dict == {
            "on": ["A document of remarks.Word, expected one of remarks.Place, remarks.Person."]
        }
        with pytest.raises(ValidationError) as caught:
            Like(kind="Word", on=ObjectId()).full_clean()
        assert caught.value.message_dict == {
            "on": ["remarks.Like.on: remarks.Word, expected one of: remarks.Place, remarks.Person."]
        }
        with pytest.raises(LookupError) as unknown:
            Vote._meta.get_field("on").target_of(type("Any", (), {"kind": "x"})())
        assert unknown.value.args == (
            "remarks.Vote.on: 'x' names no class. Choices are: 'p', 'w'.",
        )

    def test_another_class_told_later(self, mongo):
        """A document of the one class and the name of another do not go together."""
        remark = Remark(about=Place.objects.create(name="Oslo"))
        remark.kind = "Person"

        with pytest.raises(ValidationError) as caught:
            remark.full_clean()

        assert caught.value.message_dict == {
            "about": ["A document of remarks.Place, expected one of remarks.Person."]
        }


class TestReading:
    """Documents that are loaded on access."""

    def test_class_by_class(self, told, assert_num_commands):
        """All of one class are loaded at once."""
        with assert_num_commands(3):
            names = [remark.about.name for remark in Remark.objects.all()]

        assert names == ["Oslo", "Ann", "Rome"]

    def test_keys_of_each_class(self, told):
        """Each query asks for the keys of its own class alone."""
        oslo, ann, rome = told
        with record_commands() as commands:
            [remark.about for remark in Remark.objects.all()]

        asked = [command.command["filter"]["_id"]["$in"] for command in commands[1:]]
        assert asked == [[oslo.pk, rome.pk], [ann.pk]]

    def test_embedded(self, told, assert_num_commands):
        """In an embedded document the field beside it tells the class."""
        oslo, ann, _rome = told
        Remark.objects.create(text="z", parts=[Part(about=oslo), Part(about=ann)])

        with assert_num_commands(3):
            remark = Remark.objects.get(text="z")
            assert [part.about for part in remark.parts] == [oslo, ann]
            assert [part.kind for part in remark.parts] == ["remarks.Place", "remarks.Person"]

    def test_after_the_class_changed(self, told):
        """What was loaded is not shown as the document of another class."""
        remark = Remark.objects.get(text="a")
        assert remark.about.name == "Oslo"
        remark.kind = "Person"

        with pytest.raises(Person.DoesNotExist):
            remark.about

    def test_nothing_told(self, mongo):
        """Without a class a key leads nowhere, which is said."""
        mongo.collection(Remark._meta.collection).insert_many(
            [{"text": "a", "about": 1}, {"text": "b", "kind": "Nope", "about": 1}, {"text": "c"}]
        )
        first, second, third = Remark.objects.all()

        with pytest.raises(LookupError) as caught:
            first.about
        assert caught.value.args == (
            "remarks.Remark.about: 1, but by_field('kind') tells no class.",
        )
        with pytest.raises(LookupError, match=r"No document 'remarks.Nope' is declared."):
            second.about
        assert third.about is None

    def test_forbidden(self, told):
        """Under RAISE nothing is loaded."""
        with pytest.raises(FieldFetchBlocked):
            Remark.objects.fetch_mode(documents.RAISE).first().about

    def test_pickled(self, told):
        """Documents and their classes' fields are found again."""
        remark = pickle.loads(pickle.dumps(Remark.objects.first()))

        assert remark.about.name == "Oslo"


class TestPopulate:
    """Documents that are loaded ahead."""

    def test_one_query_for_each_class(self, told, assert_num_commands):
        """However many documents there are."""
        with assert_num_commands(3):
            remarks = list(Remark.objects.populate("about"))
        with assert_num_commands(0):
            assert [remark.about.name for remark in remarks] == ["Oslo", "Ann", "Rome"]

    def test_lists_maps_and_embedded(self, told, assert_num_commands):
        """Their elements are of the class that their document tells."""
        oslo, ann, rome = told
        Remark.objects.all().delete(allow_all=True)
        Remark.objects.create(
            text="a", kind="Place", others=[rome, oslo], named={"best": rome},
            parts=[Part(about=ann), Part(about=oslo)],
        )  # fmt: skip
        Remark.objects.create(text="b", kind="Person", others=[ann])

        with assert_num_commands(6):
            first, second = Remark.objects.populate("others", "named", "parts.about")
        with assert_num_commands(0):
            assert (first.others, second.others) == ([rome, oslo], [ann])
            assert first.others_ids == [rome.pk, oslo.pk]
            assert first.named == {"best": rome}
            assert [part.about for part in first.parts] == [ann, oslo]

    def test_deeper(self, told, assert_num_commands):
        """A path behind it is followed from the classes that know it."""
        with assert_num_commands(4):
            remarks = list(Remark.objects.populate("about__home"))
        with assert_num_commands(0):
            assert remarks[1].about.home == told[0]

    def test_deeper_from_each_class(self, told, assert_num_commands):
        """So are paths that are given in a Populate, a part for each class."""
        ann = told[1]
        city = City.objects.create(name="Bern", mayor=ann)
        Remark.objects.create(text="d", about=city)

        with assert_num_commands(6):
            remarks = list(Remark.objects.populate(Populate("about", populate=["home", "mayor"])))
        with assert_num_commands(0):
            assert (remarks[1].about.home, remarks[3].about.mayor) == (told[0], ann)

    def test_paths_that_nobody_knows(self, told):
        """They are mistakes: where the classes are named at once, else where they are met."""
        with pytest.raises(FieldError) as caught:
            Like.objects.populate("on__nme")
        assert str(caught.value) == "Place.nme: Place has no field 'nme'. Choices are: none."
        with pytest.raises(FieldError, match="has no field 'nme'"):
            list(Remark.objects.populate("about__nme"))

    def test_chosen_class(self, told, assert_num_commands):
        """`model` wins over what the documents tell."""
        with assert_num_commands(2):
            remarks = list(Remark.objects.populate(Populate("about", model=Place)))
        with assert_num_commands(0):
            assert [remark.about and remark.about.name for remark in remarks] == [
                "Oslo", None, "Rome"
            ]  # fmt: skip

    def test_choosing_among_them(self, told):
        """Conditions and parts hold for each class."""
        remarks = Remark.objects.populate(Populate("about", match={"name": "Oslo"}, only=["name"]))

        assert [remark.about and remark.about.name for remark in remarks] == ["Oslo", None, None]

    def test_one_bad_document(self, told, mongo):
        """A document that tells no class keeps its key; the others are populated."""
        mongo.collection(Remark._meta.collection).insert_one(
            {"text": "z", "kind": "No", "about": 1}
        )

        remarks = list(Remark.objects.populate("about"))

        assert remarks[0].about.name == "Oslo"
        assert remarks[3].about_id == 1

    def test_other_alias(self, told, reports, assert_num_commands):
        """Each class is read from its own alias."""
        Remark.objects.create(text="z", about=Far.objects.create(name="Far"))

        with assert_num_commands(3), assert_num_commands(1, using="reports"):
            remarks = list(Remark.objects.populate("about"))

        assert remarks[3].about.name == "Far"


class TestQueries:
    """Filters and the other direction."""

    def test_filter(self, told):
        """By a document or its key; what the documents are is of no one class."""
        oslo, ann, _rome = told

        assert Remark.objects.get(about=oslo).text == "a"
        assert Remark.objects.get(kind="remarks.Person", about=ann.pk).text == "b"
        assert Remark.objects.get(about__pk=str(oslo.pk)).text == "a"
        assert Remark.objects.filter(about__in=[oslo, ann]).count() == 2
        with pytest.raises(FieldError) as caught:
            Remark.objects.filter(about__name="Oslo")
        assert str(caught.value) == (
            "Remark.about__name: 'name', expected a key: 'about' refers to documents of several "
            "classes. Filter by the class and by the keys, …__in=….values_list('pk', flat=True)."
        )

    def test_serialised(self, told):
        """It is its key."""
        remark = Remark.objects.first()

        assert remark.to_dict()["about"] == told[0].pk
        assert Remark(**{**remark.to_dict(), "id": None}).about == told[0]


class TestDeclaration:
    """Mistakes where it is declared."""

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: documents.ReferenceField(by_field("kind"), on_delete=documents.CASCADE),
             "ReferenceField: on_delete=CASCADE of a reference whose class the document tells, "
             "expected DO_NOTHING, or targets= that name the classes it may be."),
            (lambda: documents.ReferenceField(by_field("kind"), to_field="code"),
             "ReferenceField: to_field='code' of a reference whose class the document tells, "
             "expected targets= that name the classes it may be, all with that field."),
            (lambda: documents.ReferenceField(by_field("kind"), copies=["name"]),
             "ReferenceField: copies=['name'] of a reference whose class the document tells, "
             "expected none: nothing tells the fields of the copies."),
            (lambda: documents.ReferenceField(Place, targets=[Place]),
             "ReferenceField: targets= beside the class <class 'tests.relations.remarks.Place'>, "
             "expected by_field() or a function that tells the class."),
            (lambda: documents.ReferenceField(3),
             "ReferenceField: 3, expected a document class, or its name as in 'app_label.Name'."),
        ],
    )  # fmt: skip
    def test_refused(self, make, message):
        """They are told at once."""
        with pytest.raises(TypeError) as caught:
            make()

        assert str(caught.value) == message

    def test_checked(self, monkeypatch):
        """A field that is not there, and a class that nobody declared, are found by `check`."""
        monkeypatch.setattr(registry, "_documents", dict(registry._documents))

        class Wrong(documents.Document):
            kind = documents.CharField()
            on = documents.ReferenceField(by_field("kynd"), targets=["remarks.Plac"])

            class Meta:
                app_label = "wrong_remarks"

        found = [
            (m.id, m.msg) for m in check_documents(None) if m.obj is Wrong._meta.get_field("on")
        ]

        assert found == [
            (
                "docmodels.E100",
                "No document 'remarks.Plac' is declared. Did you mean 'remarks.Place'?",
            ),
            (
                "docmodels.E112",
                "wrong_remarks.Wrong.on: by_field('kynd'), expected a field of Wrong. Did you mean "
                "'kind'?",
            ),
        ]
