"""The rules of populate, and its exact number of commands, over two servers as well."""

import itertools

import pytest

from docmodels import documents
from docmodels.connections import connections
from docmodels.connections.embedded import EmbeddedServer
from docmodels.documents import Populate, Q, by_field
from docmodels.exceptions import IncompleteList
from tests.relations.trade import Customer, Order, numbers


class Node(documents.Document):
    """A step of a chain, of k others at a time."""

    name = documents.CharField()
    a = documents.ReferenceField("self", blank=True)
    b = documents.ReferenceField("self", blank=True)
    c = documents.ListField(documents.ReferenceField("self"))

    class Meta:
        app_label = "chains"
        ordering = ["name"]


class There(documents.Document):
    """A class on another server."""

    name = documents.CharField()
    country = documents.CharField(blank=True)
    back = documents.ReferenceField("Here", blank=True)

    class Meta:
        app_label = "chains"
        db_alias = "other"


class Here(documents.Document):
    name = documents.CharField()
    there = documents.ReferenceField(There, blank=True)
    theres = documents.ListField(documents.ReferenceField(There))
    kind = documents.CharField(blank=True)
    any = documents.ReferenceField(by_field("kind"), blank=True)
    back_count = documents.RelatedCount(There, foreign_field="back")
    backs = documents.Related(There, foreign_field="back", order_by=["name"], limit=1)

    class Meta:
        app_label = "chains"
        ordering = ["name"]


@pytest.fixture(scope="module")
def other_server(tmp_path_factory):
    """Start a second server in a folder of its own; give its address."""
    folder = tmp_path_factory.mktemp("other") / "mongo"
    yield f"embedded://{folder}"
    EmbeddedServer(folder).stop()


@pytest.fixture
def other(settings, other_server, mongo):
    """Give an alias on the second server."""
    chosen = {"HOST": other_server, "NAME": "chains"}
    settings.MONGO_DATABASES = {**settings.MONGO_DATABASES, "other": chosen}
    yield connections["other"]
    connections["other"].client.drop_database("chains")


class TestCommands:
    """One for the documents, one for each path and level."""

    @pytest.mark.parametrize(
        ("parents", "depth", "paths"), list(itertools.product([1, 30], [1, 3], ["a", "ab", "abc"]))
    )
    def test_exact_number(self, mongo, assert_num_commands, parents, depth, paths):
        """N parents, depth d and k paths: 1 + d * k, whatever N is."""
        last = Node.objects.create(name="z")
        for _level in range(depth - 1):
            last = Node.objects.create(name="z", a=last, b=last, c=[last])
        for number in range(parents):
            Node.objects.create(name=f"{number:02}", a=last, b=last, c=[last])
        wanted = ["__".join([path] * level) for path in paths for level in range(1, depth + 1)]
        nodes = Node.objects.exclude(name="z").populate(*wanted)

        with assert_num_commands(1 + depth * len(paths)):
            found = list(nodes)
        with assert_num_commands(0):
            for node in found:
                for path in paths:
                    step = node
                    for _level in range(depth):
                        step = getattr(step, path)
                        step = step[0] if path == "c" else step
                    assert step.name == "z"
        assert len(found) == parents

    def test_two_servers(self, other, assert_num_commands):
        """Each server is asked once for each path and level that leads there."""
        theres = [There.objects.create(name=f"t{n}") for n in range(3)]
        for number in range(20):
            Here.objects.create(name=f"{number:02}", there=theres[number % 3], theres=theres)
        back = Here.objects.get(name="07")
        There.objects.all().update(allow_all=True, back=back)
        assert other.client.address != connections["default"].client.address

        with assert_num_commands(2), assert_num_commands(2, using="other"):
            found = list(Here.objects.populate("there__back", "theres"))
        with assert_num_commands(0), assert_num_commands(0, using="other"):
            assert all(here.there.back.name == "07" for here in found)
            assert all(
                [there.name for there in here.theres] == ["t0", "t1", "t2"] for here in found
            )

    def test_the_other_direction_on_another_server(self, other, assert_num_commands):
        """Documents that refer from there, and their numbers."""
        first, second = (Here.objects.create(name=name) for name in "ab")
        for name in "yxz":
            There.objects.create(name=name, back=first)

        with assert_num_commands(1), assert_num_commands(2, using="other"):
            found = list(Here.objects.populate("backs", "back_count"))

        assert [[there.name for there in here.backs] for here in found] == [["x"], []]
        assert [here.back_count for here in found] == [3, 0]
        assert second == found[1]

    def test_targets_on_two_servers(self, other, assert_num_commands):
        """Each class that a dynamic reference leads to is asked for where it is."""
        there, here = There.objects.create(name="t"), Here.objects.create(name="h")
        Here.objects.create(name="1", any=there)
        Here.objects.create(name="2", any=here)

        with assert_num_commands(2), assert_num_commands(1, using="other"):
            found = list(Here.objects.exclude(name="h").populate("any"))

        assert [one.any for one in found] == [there, here]

    def test_filters_over_two_servers(self, other, assert_num_commands):
        """The keys come from the one server, the documents from the other."""
        norway, sweden = (There.objects.create(name=c, country=c) for c in ("NO", "SE"))
        Here.objects.create(name="a", there=norway, theres=[sweden])
        Here.objects.create(name="b", there=sweden)

        with assert_num_commands(1), assert_num_commands(1, using="other"):
            assert Here.objects.get(there__country="NO").name == "a"
        assert Here.objects.get(theres__country="SE").name == "a"
        assert Here.objects.exclude(there__country="NO").get().name == "b"


class TestRules:
    """R1 to R5 of the contract."""

    def test_order_of_the_keys(self, trade):
        """R1: in the order of the keys, duplicates repeated; an explicit sort wins."""
        ann, bob, cid = trade
        Order.objects.create(number=9, helpers=[cid, ann, cid, bob])

        order = Order.objects.populate("helpers").get(number=9)
        assert order.helpers == [cid, ann, cid, bob]
        order = Order.objects.populate(Populate("helpers", order_by=["name"])).get(number=9)
        assert order.helpers == [ann, bob, cid, cid]

    def test_missing(self, trade):
        """R2: None, dropped from a list unless it is to be kept; [] and 0 in reverse."""
        orders = Order.objects.populate("customer", "helpers", "roles")
        gone = orders.get(number=5)
        assert (gone.customer, gone.helpers, gone.roles) == (None, [], {"lead": trade[1]})
        kept = Order.objects.populate(Populate("helpers", keep_missing=True)).get(number=5)
        assert kept.helpers == [None]

        Customer.objects.create(name="Eve")
        eve = Customer.objects.populate("orders", "last_order", "order_count").get(name="Eve")
        assert (eve.orders, eve.last_order, eve.order_count) == ([], None, 0)

    def test_match_and_parts(self, trade):
        """R3: conditions choose children, never parents; parts are for each parent."""
        for number in (11, 12, 13):
            Order.objects.create(number=number, customer=trade[0])

        customers = Customer.objects.populate(
            Populate("orders", match=Q(number__gt=1), order_by=["-number"], skip=1, limit=1)
        )
        assert {c.name: numbers(c.orders) for c in customers} == {"Ann": [12], "Bob": [], "Cid": []}

    def test_paths(self, trade):
        """R4: a second one replaces the first; the foreign field is loaded with the rest."""
        customers = Customer.objects.populate(Populate("orders", limit=1)).populate(
            Populate("orders", only=["number"])
        )
        ann = customers.get(name="Ann")

        assert numbers(ann.orders) == [1]
        assert ann.orders[0].customer_id == ann.pk

    def test_writing(self, trade, mongo):
        """R5: keys are saved, never documents; a key in a populated list shows keys again."""
        ann, bob, cid = trade
        order = Order.objects.populate("customer", "helpers").get(number=1)
        order.customer.name = "Nobody"
        order.helpers.append(ann)
        order.save()

        stored = mongo.collection(Order._meta.collection).find_one({"number": 1})
        assert stored["customer"] == ann.pk
        assert stored["helpers"] == [bob.pk, cid.pk, ann.pk]
        order.helpers.append(bob.pk)
        assert order.helpers == [bob.pk, cid.pk, ann.pk, bob.pk]
        partly = Order.objects.populate(Populate("helpers", limit=1)).get(number=1)
        with pytest.raises(IncompleteList):
            partly.helpers.pop()
