"""Rules K1 and K2: several classes in one collection, told apart by a key."""

import pytest
from bson import ObjectId
from django.core.exceptions import FieldError, ValidationError

from docmodels import documents
from docmodels.testing.commands import record_commands


class Event(documents.Document):
    at = documents.IntegerField()

    class Meta:
        app_label = "discriminated"


class Click(Event):
    url = documents.CharField(unique=True)


class Purchase(Event):
    price = documents.DecimalField()

    class Meta:
        verbose_name = "order"


class Refund(Purchase):
    reason = documents.CharField(blank=True)


class Shape(documents.EmbeddedDocument):
    name = documents.CharField()


class Circle(Shape):
    radius = documents.FloatField()


class Square(Shape):
    side = documents.FloatField()


class Drawing(documents.Document):
    shapes = documents.EmbeddedListField(Shape)
    main = documents.EmbeddedField(Shape, blank=True)

    class Meta:
        app_label = "discriminated"


@pytest.fixture
def events():
    """Store one event of each class."""
    return [
        Event.objects.create(at=1),
        Click.objects.create(at=2, url="/a"),
        Purchase.objects.create(at=3, price="1.50"),
        Refund.objects.create(at=4, price="2", reason="late"),
    ]


class TestK1:
    """A subclass of a concrete document shares its collection."""

    def test_k1_stored_under_the_class_name(self, events):
        """The key names the class; the base stores none."""
        stored = list(Event.objects.order_by("at").raw())

        assert [raw.get("__t") for raw in stored] == [None, "Click", "Purchase", "Refund"]
        assert Click._meta.collection == Event._meta.collection == "discriminated_event"

    def test_k1_reads_through_the_base_give_the_right_class(self, events):
        """What is read is what was saved, whatever it is read through."""
        found = list(Event.objects.order_by("at"))

        assert [type(event) for event in found] == [Event, Click, Purchase, Refund]
        assert found == events
        assert found[1].url == "/a"
        assert found[1].undeclared == {}
        assert str(found[3].price) == "2"

    def test_k1_reads_of_some_fields(self, events):
        """Whatever is left out, the key tells the class; the rest is loaded when it is read."""
        found = list(Event.objects.only("at").order_by("at"))

        assert [type(event) for event in found] == [Event, Click, Purchase, Refund]
        assert (found[1].url, found[3].reason, str(found[3].price)) == ("/a", "late", "2")
        assert [type(event) for event in Purchase.objects.only("at").order_by("at")] == [
            Purchase,
            Refund,
        ]
        with record_commands() as commands:
            list(Refund.objects.only("at"))
        assert "__t" not in commands[0].command["projection"]

    def test_k1_children_query_their_own(self, events):
        """Queries of a child carry the key, descendants included."""
        with record_commands() as commands:
            purchases = list(Purchase.objects.order_by("at"))

        assert commands[0].command["filter"] == {"__t": {"$in": ["Purchase", "Refund"]}}
        assert purchases == events[2:]
        assert Click.objects.count() == 1
        assert Purchase.objects.aggregate(n=documents.Count("pk")) == {"n": 2}
        assert Refund.objects.values_list("reason", flat=True).get() == "late"

    def test_k1_every_query_carries_the_key(self, events):
        """Counts, aggregations, updates and deletions too."""
        with record_commands() as commands:
            Click.objects.aggregate(n=documents.Count("pk"))
            Click.objects.filter(at=2).count()
            Click.objects.filter(at=2).update(at=5)
            Click.objects.filter(at=5).delete()

        filters = [
            command.command["pipeline"][0]["$match"]
            if command.name == "aggregate"
            else command.command["updates"][0]["q"]
            for command in commands
            if command.name in {"aggregate", "update"}
        ]
        assert len(filters) == 3
        assert all(found["__t"] == "Click" for found in filters)
        assert Event.objects.count() == 3

    def test_k1_another_key(self, mongo):
        """`discriminator_key` names it."""

        class Vehicle(documents.Document):
            wheels = documents.IntegerField(default=4)

            class Meta:
                app_label = "discriminated"
                discriminator_key = "kind"

        class Bike(Vehicle):
            pass

        Bike.objects.create(wheels=2)

        raw = mongo.collection("discriminated_vehicle").find_one()
        assert (raw["kind"], raw["wheels"]) == ("Bike", 2)
        assert type(Vehicle.objects.get()) is Bike

    def test_k1_paths_of_children_through_the_base(self, events):
        """The base can be filtered by what only a child declares."""
        assert Event.objects.get(url="/a") == events[1]
        with pytest.raises(FieldError):
            Event.objects.filter(nothing=1)

    def test_k1_child_save_sends_the_change_alone(self, events):
        """A loaded child is saved as any document."""
        click = Event.objects.get(at=2)
        click.url = "/b"

        assert click.pending_update() == ({"_id": click.pk}, {"$set": {"url": "/b"}})

        click.save()
        assert Click.objects.get().url == "/b"

    def test_k1_deleting_all_of_a_child_still_asks(self, events):
        """The key alone is no filter that permits a mass deletion."""
        with pytest.raises(ValueError, match="no filter"):
            Click.objects.delete()

        Click.objects.delete(allow_all=True)
        assert Event.objects.count() == 3

    def test_k1_unknown_key_is_kept(self, mongo):
        """A class that is not declared here reads as the base, its key kept."""
        key = ObjectId()
        mongo.collection("discriminated_event").insert_one({"_id": key, "at": 9, "__t": "Gone"})

        event = Event.objects.get(pk=key)

        assert type(event) is Event
        assert event.undeclared == {"__t": "Gone"}

    def test_k1_embedded_lists_hold_several_classes(self):
        """The same inside embedded documents and lists of them."""
        drawing = Drawing(shapes=[Circle(name="c", radius=1), Square(name="s", side=2)])
        drawing.main = Square(name="m", side=3)
        drawing.save()

        stored = next(Drawing.objects.raw())
        loaded = Drawing.objects.get()

        assert [shape["__t"] for shape in stored["shapes"]] == ["Circle", "Square"]
        assert [type(shape) for shape in loaded.shapes] == [Circle, Square]
        assert loaded.main == Square(name="m", side=3)
        loaded.shapes[0].radius = 5
        assert loaded.pending_update()[1] == {"$set": {"shapes.0.radius": 5.0}}

    def test_k1_dicts_choose_the_class_by_the_key(self):
        """A dict that names the class becomes one of it."""
        drawing = Drawing(shapes=[{"__t": "Circle", "name": "c", "radius": "2"}])

        assert drawing.shapes == [Circle(name="c", radius=2)]
        with pytest.raises(ValidationError) as caught:
            Drawing(shapes=[{"__t": "Circle", "name": "c", "side": 2}]).full_clean()
        assert list(caught.value.message_dict) == ["shapes.0"]


class TestK2:
    """The key is not the user's to change."""

    def test_k2_redeclared_key(self):
        """A field stored under the key is refused."""
        with pytest.raises(TypeError, match="the key '__t' is declared as a field"):

            class Bad(Event):
                kind = documents.CharField(db_field="__t")

    def test_k2_taken_value(self):
        """Two classes of one name cannot be told apart."""
        with pytest.raises(TypeError) as caught:
            type(Event)("Click", (Event,), {"__module__": "elsewhere", "__qualname__": "Click"})

        assert str(caught.value) == (
            f"elsewhere.Click: Event has a subclass of that name in {__name__}, expected another "
            f"name."
        )
        assert type(Event.from_mongo({"__t": "Click"})) is Click

    def test_k2_options_of_the_collection_are_the_parents(self):
        """A child cannot have a collection or a key of its own."""
        with pytest.raises(TypeError) as caught:

            class Elsewhere(Event):
                class Meta:
                    collection = "elsewhere"

        assert str(caught.value) == (
            "Elsewhere.Meta.collection: set, expected it on Event alone, whose collection "
            "Elsewhere shares."
        )

    def test_k2_two_concrete_parents(self):
        """A class has one collection."""
        with pytest.raises(TypeError, match="are all concrete, expected one concrete parent"):

            class Both(Click, Drawing):
                pass

    def test_k2_key_cannot_be_updated(self, events):
        """Neither a save nor an update changes the key."""
        with pytest.raises(FieldError):
            Event.objects.filter(at=2).update(__t="Purchase")

        click = Event.objects.get(at=2)
        click.undeclared["__t"] = "Purchase"
        with pytest.raises(ValidationError) as caught:
            click.save()
        assert caught.value.message_dict == {
            "__t": ["The class of a stored document cannot change."]
        }
