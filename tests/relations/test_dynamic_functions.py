"""References whose class a function tells, read one by one."""

import gc
import pickle

import pytest

from docmodels import documents
from docmodels.testing import record_commands


class Bird(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "told_functions"


class Fish(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "told_functions"


def by_text(holder):
    """Tell the class by the beginning of the text; of a broken one raise."""
    if holder.text == "broken":
        raise ZeroDivisionError
    return {"b": Bird, "f": "Fish"}.get(holder.text[:1])


class Line(documents.EmbeddedDocument):
    text = documents.CharField()
    of = documents.ReferenceField(lambda line: by_text(line.parent), blank=True)
    own = documents.ReferenceField(by_text, blank=True)

    class Meta:
        app_label = "told_functions"


class Song(documents.Document):
    text = documents.CharField()
    of = documents.ReferenceField(by_text, blank=True)
    lines = documents.EmbeddedListField(Line)

    class Meta:
        app_label = "told_functions"
        ordering = ["id"]


@pytest.fixture
def animals(mongo):
    """Store a bird and two fish, and songs of them."""
    bird = Bird.objects.create(name="Ann")
    fish = [Fish.objects.create(name=name) for name in ("Bob", "Cid")]
    for text, animal in (("b", bird), ("f", fish[0]), ("f", fish[1])):
        Song.objects.create(text=text, of=animal)
    for text in ("broken", "none"):
        # No save would store it.
        mongo.collection(Song._meta.collection).insert_one({"text": text, "of": bird.pk})
    Song.objects.create(text="b")
    return bird, *fish


def asked(commands):
    """Return the collection and the keys of each query."""
    return [
        (sent.command["find"].partition("_functions_")[2], sent.command["filter"]["_id"]["$in"])
        for sent in commands
    ]


def test_one_command_for_each_class(animals):
    """Each asks for the keys of its own class alone."""
    bird, *fish = animals
    songs = list(Song.objects.all())

    with record_commands() as commands:
        assert [song.of for song in songs[:3]] == [bird, *fish]

    assert asked(commands) == [("bird", [bird.pk]), ("fish", [found.pk for found in fish])]


def test_what_tells_nothing(animals):
    """One that tells no class, or whose function raises, keeps the others from nothing."""
    bird, *_fish = animals
    *_others, broken, none, empty = Song.objects.all()

    assert empty.of is None
    with pytest.raises(ZeroDivisionError):
        broken.of
    with pytest.raises(LookupError, match="tells no class"):
        none.of
    assert _others[0].of == bird


def test_embedded(animals):
    """The function gets the embedded document, and finds what is around it."""
    bird, *fish = animals
    for text, animal in (("b", bird), ("f", fish[0])):
        lines = [Line(text="f", of_id=animal.pk, own_id=found.pk) for found in fish]
        Song.objects.create(text=text, lines=lines)
    first, second = Song.objects.filter(lines__exists=True, lines__size=2)

    with record_commands() as commands:
        assert [line.own for song in (first, second) for line in song.lines] == [*fish, *fish]
        assert [song.lines[1].of for song in (first, second)] == [bird, fish[0]]

    keys = [found.pk for found in fish]
    assert asked(commands) == [("fish", keys), ("bird", [bird.pk]), ("fish", [fish[0].pk])]


def test_after_the_class_changed(animals):
    """A class that was told later is asked for what nobody knew of."""
    _bird, *fish = animals
    songs = list(Song.objects.all())
    songs[0].of

    songs[4].text, songs[4].of_id = "fish", fish[0].pk

    assert songs[4].of == fish[0]


def test_those_that_are_gone(animals):
    """Documents that nobody holds any more are not loaded for."""
    _bird, *fish = animals
    song = Song.objects.all()[2:3][0]
    assert song.of == fish[1]
    songs = list(Song.objects.all())
    second = songs[1]
    del songs
    gc.collect()

    with record_commands() as commands:
        assert second.of == fish[0]

    assert asked(commands) == [("fish", [fish[0].pk])]


def test_fields_that_were_left_out(animals):
    """A reference that was not loaded is loaded for all, then its documents are."""
    bird, *fish = animals
    songs = list(Song.objects.only("text"))

    with record_commands() as commands:
        assert [song.of for song in songs[:3]] == [bird, *fish]

    assert [sent.command["find"].partition("_functions_")[2] for sent in commands] == [
        "song", "bird", "fish",
    ]  # fmt: skip


def test_pickled(animals):
    """A document leaves its peers behind."""
    song = pickle.loads(pickle.dumps(list(Song.objects.all())))[0]

    assert song.of == animals[0]
