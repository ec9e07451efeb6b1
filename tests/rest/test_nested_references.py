"""Specify serializers of documents that are referred to, inside of others."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from rest_framework import serializers
from rest_framework.test import APIRequestFactory, force_authenticate

from docmodels import documents, rest
from docmodels.documents import Populate, by_field
from docmodels.testing import record_commands

pytestmark = pytest.mark.django_db


class Country(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "stud"


class Owner(documents.Document):
    name = documents.CharField()
    country = documents.ReferenceField(Country, blank=True)
    secret = documents.CharField(blank=True, hidden=True)
    horses = documents.Related("Horse", foreign_field="owner", order_by=["name"])

    class Meta:
        app_label = "stud"


class Shoe(documents.EmbeddedDocument):
    size = documents.IntegerField()
    maker = documents.ReferenceField(Owner, blank=True)

    class Meta:
        app_label = "stud"


class Horse(documents.Document):
    name = documents.CharField()
    owner = documents.ReferenceField(Owner, blank=True, null=True)
    riders = documents.ListField(documents.ReferenceField(Owner))
    shoes = documents.EmbeddedListField(Shoe)
    kind = documents.CharField(blank=True)
    won = documents.ReferenceField(by_field("kind"), blank=True)

    class Meta:
        app_label = "stud"
        ordering = ["name"]


class CountrySerializer(rest.DocumentSerializer):
    class Meta:
        model = Country
        fields = ["name"]


class OwnerSerializer(rest.DocumentSerializer):
    country = CountrySerializer(read_only=True)

    class Meta:
        model = Owner
        fields = ["name", "country"]


class ShoeSerializer(rest.DocumentSerializer):
    maker = OwnerSerializer(read_only=True)

    class Meta:
        model = Shoe
        fields = ["size", "maker"]


class HorseSerializer(rest.DocumentSerializer):
    keeper = OwnerSerializer(source="owner", read_only=True)
    riders = OwnerSerializer(many=True, read_only=True)
    shoes = ShoeSerializer(many=True, read_only=True)

    class Meta:
        model = Horse
        fields = ["name", "owner", "keeper", "riders", "shoes"]


class HorseViewSet(rest.DocumentViewSet):
    queryset = Horse.objects
    serializer_class = HorseSerializer


@pytest.fixture
def horses(mongo):
    """Store six horses of two owners, one of whom is not there any more."""
    norway = Country.objects.create(name="Norway")
    ann = Owner.objects.create(name="Ann", country=norway, secret="canary")
    bob = Owner.objects.create(name="Bob", country=norway, secret="canary")
    gone = Owner.objects.create(name="Gone")
    for number in range(4):
        shoes = [Shoe(size=number, maker=bob)]
        Horse.objects.create(name=f"{number}", owner=ann, riders=[bob, gone, ann], shoes=shoes)
    Horse.objects.create(name="4", owner=gone)
    Horse.objects.create(name="5")
    gone.delete()
    return ann, bob


def ask(view, user=None, **kwargs):
    """Return the data of a list, or of one document."""
    request = APIRequestFactory().get("/")
    if user is not None:
        force_authenticate(request, user)
    response = view.as_view({"get": "retrieve" if kwargs else "list"})(request, **kwargs)
    assert response.status_code == 200, response.data
    return response.data if kwargs else response.data["results"]


class TestShown:
    """What answers have."""

    def test_list(self, horses):
        """The documents, in their own serializers; what is not there is null or left out."""
        first, *_others, fifth, sixth = ask(HorseViewSet)
        ann = {"name": "Ann", "country": {"name": "Norway"}}
        bob = {"name": "Bob", "country": {"name": "Norway"}}

        assert first == {
            "name": "0",
            "owner": str(horses[0].pk),
            "keeper": ann,
            "riders": [bob, ann],
            "shoes": [{"size": 0, "maker": bob}],
        }
        assert fifth["keeper"] is None
        assert "keeper" not in sixth or sixth["keeper"] is None

    def test_one_query_for_each_path(self, horses, assert_num_commands):
        """However many documents there are: three references, and a level behind each."""
        with assert_num_commands(1 + 2 * 3):
            ask(HorseViewSet)

    def test_detail(self, horses):
        """The same of one document."""
        key = Horse.objects.get(name="0").pk

        assert ask(HorseViewSet, pk=str(key))["keeper"]["country"] == {"name": "Norway"}

    def test_hidden_fields(self, horses):
        """What the other class hides stays hidden, whatever the serializer names."""

        class Everything(rest.DocumentSerializer):
            class Meta:
                model = Owner
                fields = "__all__"

        class Outer(rest.DocumentSerializer):
            owner = Everything(read_only=True)

            class Meta:
                model = Horse
                fields = ["owner"]

        view = type("View", (HorseViewSet,), {"serializer_class": Outer})

        assert "canary" not in str(ask(view))
        assert ask(view)[0]["owner"]["name"] == "Ann"

    def test_the_views_own_populate(self, horses):
        """What the queryset says of a path holds."""
        queryset = Horse.objects.populate(Populate("owner", match={"name": "Nobody"}))
        view = type("View", (HorseViewSet,), {"queryset": queryset})

        assert ask(view)[0]["keeper"] is None
        assert ask(view)[0]["riders"][0]["name"] == "Bob"

    def test_reverse_relations(self, horses, assert_num_commands):
        """Documents that refer are shown as well."""

        class Short(rest.DocumentSerializer):
            class Meta:
                model = Horse
                fields = ["name"]

        class WithHorses(rest.DocumentSerializer):
            horses = Short(many=True, read_only=True)

            class Meta:
                model = Owner
                fields = ["name", "horses"]

        view = type(
            "View", (rest.ReadOnlyDocumentViewSet,),
            {"queryset": Owner.objects, "serializer_class": WithHorses},
        )  # fmt: skip

        with assert_num_commands(2):
            found = ask(view)
        assert [horse["name"] for horse in found[0]["horses"]] == ["0", "1", "2", "3"]

    def test_numbers(self, horses, assert_num_commands):
        """What the queryset counts a number field shows, in one query for the page."""

        class WithNumber(rest.DocumentSerializer):
            horse_count = serializers.IntegerField(source="horses", read_only=True)

            class Meta:
                model = Owner
                fields = ["name", "horse_count"]

        view = type(
            "View", (rest.ReadOnlyDocumentViewSet,),
            {"queryset": Owner.objects.populate(Populate("horses", count=True)),
             "serializer_class": WithNumber},
        )  # fmt: skip

        with assert_num_commands(2):
            assert ask(view) == [
                {"name": "Ann", "horse_count": 4},
                {"name": "Bob", "horse_count": 0},
            ]

    def test_numbers_are_no_documents(self, horses):
        """A serializer of documents cannot show a number."""

        class Outer(rest.DocumentSerializer):
            horses = HorseSerializer(many=True, read_only=True)

            class Meta:
                model = Owner
                fields = ["horses"]

        queryset = Owner.objects.populate(Populate("horses", count=True))
        view = type("View", (HorseViewSet,), {"queryset": queryset, "serializer_class": Outer})

        with pytest.raises(ImproperlyConfigured) as caught:
            ask(view)

        assert str(caught.value) == (
            "Owner.horses: counted by the queryset, and shown by a serializer of documents; "
            "expected an IntegerField, or a Populate without count."
        )

    def test_a_class_that_the_document_tells(self, horses):
        """A serializer of anything shows what each document refers to."""

        class Outer(rest.DocumentSerializer):
            won = CountrySerializer(read_only=True)

            class Meta:
                model = Horse
                fields = ["won"]

        Horse.objects.all().update(allow_all=True, kind="Country", won=Country.objects.first().pk)
        view = type("View", (HorseViewSet,), {"serializer_class": Outer})

        with record_commands() as commands:
            assert ask(view)[5] == {"won": {"name": "Norway"}}
        assert len(commands) == 2


class TestPermissions:
    """Documents of a class that the user may not view are in no answer."""

    @pytest.fixture
    def clerk(self, db):
        """Give a function that makes a user who may view some classes."""

        def make(*models):
            user = User.objects.create_user("-".join(models))
            for model in models:
                content_type, _made = ContentType.objects.get_or_create(
                    app_label="stud", model=model
                )
                permission, _made = Permission.objects.get_or_create(
                    codename=f"view_{model}", content_type=content_type, defaults={"name": model}
                )
                user.user_permissions.add(permission)
            return User.objects.get(pk=user.pk)

        return make

    @pytest.fixture
    def view(self):
        """Give a view that demands permissions."""
        return type("View", (HorseViewSet,), {"permission_classes": [rest.DocumentPermissions]})

    def test_all(self, horses, view, clerk):
        """Who may view all sees all."""
        found = ask(view, clerk("horse", "owner", "country"))

        assert found[0]["keeper"] == {"name": "Ann", "country": {"name": "Norway"}}

    def test_inner(self, horses, view, clerk, assert_num_commands):
        """What is behind is left out, and not even asked for."""
        user = clerk("horse", "owner")
        with assert_num_commands(4):
            found = ask(view, user)

        assert found[0]["keeper"] == {"name": "Ann"}
        assert found[0]["shoes"] == [{"size": 0, "maker": {"name": "Bob"}}]

    def test_outer(self, horses, view, clerk, assert_num_commands):
        """The key stays, the document does not."""
        user = clerk("horse", "country")
        with assert_num_commands(1):
            found = ask(view, user)

        assert found[0] == {"name": "0", "owner": str(horses[0].pk), "shoes": [{"size": 0}]}
        assert ask(view, user, pk=str(Horse.objects.first().pk)) == found[0]

    def test_one_user_after_the_other(self, horses, view, clerk):
        """What the one may not view is not kept from the next."""
        ask(view, clerk("horse"))

        assert ask(view, clerk("horse", "owner"))[0]["keeper"]["name"] == "Ann"
