"""Deletions that fail half-way, large ones, and those that go round in a circle."""

import pytest
from bson import ObjectId
from django.db.models import ProtectedError, RestrictedError

from docmodels import documents, signals, transaction
from docmodels.testing import assert_num_commands, record_commands


class Artist(documents.Document):
    name = documents.CharField(blank=True)
    alias = documents.CharField(blank=True, null=True)

    class Meta:
        app_label = "deletion"


class Album(documents.Document):
    artist = documents.ReferenceField(Artist, on_delete=documents.CASCADE)
    alias = documents.ReferenceField(
        Artist, to_field="alias", on_delete=documents.CASCADE, blank=True, null=True
    )

    class Meta:
        app_label = "deletion"


class Song(documents.Document):
    album = documents.ReferenceField(Album, on_delete=documents.CASCADE)
    artist = documents.ReferenceField(Artist, on_delete=documents.RESTRICT, blank=True)
    number = documents.IntegerField(default=0)

    class Meta:
        app_label = "deletion"


class Chart(documents.Document):
    songs = documents.ListField(documents.ReferenceField(Song, on_delete=documents.PULL))
    best = documents.ReferenceField(Song, on_delete=documents.PROTECT, blank=True)

    class Meta:
        app_label = "deletion"
        timestamps = True


class Folder(documents.Document):
    above = documents.ReferenceField("self", on_delete=documents.CASCADE, blank=True)

    class Meta:
        app_label = "deletion"


@pytest.fixture
def artist(mongo):
    """Store an artist with two albums of two songs each, one of them in a chart."""
    artist = Artist.objects.create(name="Ann")
    for album in [Album.objects.create(artist=artist), Album.objects.create(artist=artist)]:
        for number in range(2):
            song = Song.objects.create(album=album, artist=artist, number=number)
    Chart.objects.create(songs=[song])
    return artist


def counts():
    """Give how many documents there are."""
    return [model.objects.count() for model in (Artist, Album, Song)]


ALL = (
    7,
    {"deletion.Artist": 1, "deletion.Album": 2, "deletion.Song": 4},
)


class TestRestrict:
    """RESTRICT, as in Django."""

    def test_deleted_as_well(self, artist):
        """What refers by RESTRICT and is deleted by CASCADE, in the same deletion, is no reason."""
        assert artist.delete() == ALL

        assert counts() == [0, 0, 0]
        assert Chart.objects.get().songs_ids == []

    def test_not_deleted(self, artist):
        """A song of somebody else's album is one, and nothing is deleted."""
        other = Artist.objects.create(name="Bob")
        album = Album.objects.create(artist=other)
        song = Song.objects.create(album=album, artist=artist)

        for delete in (artist.delete, Artist.objects.filter(name="Ann").delete):
            with pytest.raises(RestrictedError) as caught:
                delete()
            assert caught.value.args == (
                f"Cannot delete artist {artist}: it is referenced through the restricted field "
                f"Song.artist.",
                {song},
            )
        assert counts() == [2, 3, 5]

    def test_of_one_queryset(self, artist):
        """What the queryset deletes itself is deleted as well."""
        other = Artist.objects.create(name="Bob")
        Song.objects.create(album=Album.objects.create(artist=other), artist=artist)

        assert Artist.objects.filter(name__in=["Ann", "Bob"]).delete()[0] == 10

    def test_behind_a_cascade(self, artist):
        """PROTECT two levels down refuses the whole, and names what it protects."""
        song = Song.objects.first()
        chart = Chart.objects.create(best=song)

        with pytest.raises(ProtectedError) as caught:
            artist.delete()

        assert caught.value.args == (
            f"Cannot delete song {song}: it is referenced through the protected field Chart.best.",
            {chart},
        )
        assert counts() == [1, 2, 4]


class TestHalfWay:
    """An error in the middle."""

    @pytest.fixture
    def failing(self):
        """Let the second album's deletion fail; give a function that ends it."""
        seen = []

        def fail(instance, **about):
            seen.append(instance.pk)
            raise ZeroDivisionError

        signals.post_delete.connect(fail, sender=Album)
        yield lambda: signals.post_delete.disconnect(fail, sender=Album)
        signals.post_delete.disconnect(fail, sender=Album)

    def test_again(self, artist, failing):
        """Without a transaction what refers is gone, what it referred to is there; it goes on."""
        with pytest.raises(ZeroDivisionError):
            artist.delete()

        assert counts() == [1, 0, 0]
        assert not artist._state.adding

        failing()
        assert artist.delete() == (1, {"deletion.Artist": 1})
        assert counts() == [0, 0, 0]

    def test_no_dangling(self, artist, failing):
        """Whatever is left refers to something that is there."""
        Folder.objects.create()
        with pytest.raises(ZeroDivisionError):
            Artist.objects.filter(name="Ann").delete()

        artists = set(Artist.objects.values_list("pk", flat=True))
        assert {album.artist_id for album in Album.objects.all()} <= artists

    def test_transaction(self, artist, failing):
        """In a transaction nothing has happened."""
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            artist.delete()

        assert counts() == [1, 2, 4]
        assert not artist._state.adding
        assert len(Chart.objects.get().songs_ids) == 1


class TestOrder:
    """What is deleted first, and what is told of it."""

    def test_children_first(self, artist):
        """The commands delete songs, then albums, then the artist."""
        with record_commands() as commands:
            artist.delete()

        deleted = [sent.command["delete"] for sent in commands if sent.name == "delete"]
        assert deleted == ["deletion_song", "deletion_album", "deletion_artist"]

    def test_signals(self, artist):
        """They are sent around each document, those of cascades too."""
        heard = []

        def hear(sender, instance, using, signal, **about):
            when = "pre" if signal is signals.pre_delete else "post"
            heard.append((when, sender.__name__, using))

        for signal in (signals.pre_delete, signals.post_delete):
            signal.connect(hear, sender=Album)
            signal.connect(hear, sender=Artist)
        try:
            artist.delete()
        finally:
            for signal in (signals.pre_delete, signals.post_delete):
                signal.disconnect(hear, sender=Album)
                signal.disconnect(hear, sender=Artist)

        assert heard == [
            ("pre", "Artist", "default"),
            *[("pre", "Album", "default")] * 2,
            *[("post", "Album", "default")] * 2,
            ("post", "Artist", "default"),
        ]

    def test_time_of_change(self, artist):
        """A rule that changes a document is a change of it."""
        before = Chart.objects.get().updated_at

        artist.delete()

        assert Chart.objects.get().updated_at > before


class TestKeys:
    """What is no reference to the document."""

    def test_null(self, artist):
        """A key that is null refers to nothing: albums without an alias stay."""
        nobody = Artist.objects.create(name="Nobody")
        assert nobody.alias is None

        assert nobody.delete() == (1, {"deletion.Artist": 1})
        assert counts() == [1, 2, 4]

    def test_stored_key(self, artist):
        """The stored value counts, not one that was assigned since."""
        Artist.objects.filter(name="Ann").update(alias="a")
        Album.objects.update(alias="a", allow_all=True)
        found = Artist.objects.get()
        found.alias = "b"

        assert found.delete()[0] == 7

    def test_other_shapes(self, mongo, artist):
        """A list in the place of a key, as somebody stored it, ends nothing and stays."""
        songs = Song.objects.values_list("pk", flat=True)
        odd = {"_id": 1, "songs": {"0": songs[0]}, "best": None}
        mongo.collection("deletion_chart").insert_one(odd)

        artist.delete()

        assert mongo.collection("deletion_chart").find_one({"_id": 1}) == odd


class TestLarge:
    """Many documents."""

    def test_batches(self, artist):
        """They are deleted by the thousand."""
        album = Album.objects.first()
        Song.objects.bulk_create([Song(album=album) for _number in range(2_500)])

        with record_commands() as commands:
            assert artist.delete()[0] == 2_507

        sizes = [
            len(sent.command["deletes"][0]["q"]["_id"]["$in"])
            for sent in commands
            if sent.name == "delete" and sent.command["delete"] == "deletion_song"
        ]
        assert sizes == [1000, 1000, 504]

    def test_one_level(self, mongo):
        """A deletion that nothing refers to sends what looks for it, and itself."""
        song = Song.objects.create(album=ObjectId())

        with assert_num_commands(3):
            song.delete()

    def test_chain(self, mongo):
        """A chain of documents longer than Python's stack is deep."""
        keys = [ObjectId() for _number in range(1_500)]
        above = dict(zip(keys[1:], keys, strict=False))
        mongo.collection("deletion_folder").insert_many(
            {"_id": key, "above": above.get(key)} for key in keys
        )
        mongo.collection("deletion_folder").create_index("above")

        assert Folder.objects.get(pk=keys[0]).delete() == (1_500, {"deletion.Folder": 1_500})

    def test_circle(self, mongo):
        """Documents that refer to each other in a circle are each deleted once."""
        folders = [Folder.objects.create() for _number in range(3)]
        for number, folder in enumerate(folders):
            folder.above = folders[number - 1]
            folder.save()

        assert folders[0].delete() == (3, {"deletion.Folder": 3})
        assert Folder.objects.count() == 0

    def test_trees_in_one_queryset(self, mongo):
        """What a queryset finds and deletes with something else is deleted once."""
        top = Folder.objects.create()
        for _number in range(3):
            Folder.objects.create(above=Folder.objects.create(above=top))

        assert Folder.objects.all().delete(allow_all=True) == (7, {"deletion.Folder": 7})
