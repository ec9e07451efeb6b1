"""The rows of the table for those who come from MongoEngine."""

from django.core.exceptions import ValidationError
from django.core.management import call_command

from docmodels import documents, signals
from docmodels.connections import connections
from docmodels.documents import RAISE, Avg, F, Slice, Sum, ops
from tests.docs.coming.models import Author, Order, Picky
from tests.docs.coming.mongoose import child, hooked, meta_takes, one, orders, synced


class Loose(documents.DynamicDocument):
    class Meta:
        app_label = "coming"


class Pinned(documents.Document):
    """A manager by a queryset class."""

    stock = documents.IntegerField(default=0)
    serial = documents.SequenceField()
    paper = documents.FileField(blank=True)
    objects = Picky.as_manager()

    class Meta:
        app_label = "coming"


def told():
    """Return whether a receiver is told of a save."""
    seen = []

    def receiver(sender, instance, **more):
        seen.append(instance.number)

    signals.pre_save.connect(receiver, sender=Order)
    try:
        orders.create(number="7")
    finally:
        signals.pre_save.disconnect(receiver, sender=Order)
    return seen == ["7"] and hooked()


def by_path():
    """Return the paths of all errors of a document."""
    try:
        Order(lines=[{"price": 3}]).full_clean()
    except ValidationError as error:
        return set(error.message_dict)
    return None


def mended():
    """Return whether references that lead nowhere are found and mended."""
    orders.filter(number="1").update(tags=["a"])
    connections["default"].collection("coming_order").update_one(
        {"number": "1"}, {"$set": {"readers": [1]}}
    )
    call_command("checkreferences", "coming.Order", "--mend", verbosity=0)
    return one().readers_ids == []


ROWS = {
    "`StringField`, `IntField`, `LongField`, `BooleanField`": lambda: (
        documents.CharField()
        and documents.TextField()
        and documents.IntegerField()
        and documents.Int64Field()
        and documents.BooleanField()
    ),
    "`EmbeddedDocumentField`, `EmbeddedDocumentListField`": lambda: (
        one().lines[0].sku == "a"
        and isinstance(Order._meta.get_field("cover"), documents.EmbeddedField)
    ),
    "`DictField`, `MapField(F())`, `DynamicField`": lambda: (
        one().data["key"] == 1
        and documents.MapField(documents.IntegerField())
        and documents.MapField()
        and documents.AnyField()
    ),
    "`ReferenceField`, `LazyReferenceField`": lambda: (
        one().author_id == Author.objects.get(name="Ann").pk
    ),
    "`reverse_delete_rule=CASCADE, NULLIFY, DENY, PULL`": lambda: all(
        documents.ReferenceField(Author, on_delete=rule, null=True, blank=True)
        for rule in (documents.CASCADE, documents.SET_NULL, documents.PROTECT, documents.PULL)
    ),
    "references that lead nowhere": mended,
    "`required=True` (the default is False)": lambda: by_path() >= {"number", "lines.0.sku"},
    "`null=True`": lambda: (
        orders.filter(number="1").update(note=None) == 1
        and orders.filter(note__type="null").count() == 1
        and orders.filter(note__exists=False).count() == 1
    ),
    '`meta = {"collection": …, "indexes": […]}`': lambda: meta_takes(
        collection="made", indexes=[documents.Index(fields=["name"])]
    ),
    '`meta = {"allow_inheritance": True}`, `_cls`': lambda: (
        child() and meta_takes(discriminator_key="_cls")
    ),
    '`meta = {"strict": False}`, `DynamicDocument`': lambda: (
        meta_takes(strict=False) and Loose.objects.create(anything=1).undeclared == {"anything": 1}
    ),
    '`meta = {"max_size", "max_documents"}`': lambda: meta_takes(capped={"size": 4096, "max": 9}),
    "`connect()`, `switch_db`": lambda: orders.using("slow").get(number="1").number == "1",
    "`Order.objects(stock__gt=3)`": lambda: orders.filter(stock__gt=3).get() == one(),
    "`__raw__={...}`": lambda: orders.raw_filter({"stock": {"$gt": 3}}).get() == one(),
    '`update(inc__stock=1, push__tags="x", set__note="y")`': lambda: (
        orders.filter(number="1").update(stock=F("stock") + 1, tags=ops.Push("x"), note="y") == 1
        and (one().stock, one().tags[-1], one().note) == (6, "x", "y")
    ),
    "`update_one(set__x=1)`, `modify()`": lambda: (
        orders.filter(pk=one().pk).update_one(stock=1) == 1
        and orders.filter(number="1").find_one_and_update(stock=2).stock == 1
    ),
    "`modify(upsert=True)`, `upsert_one`": lambda: (
        orders.filter(number="8").find_one_and_update(stock=2, upsert=True) is None
        and orders.upsert(number="8", defaults={"stock": 3})[1] is False
    ),
    '`item_frequencies("tags")`, `sum("stock")`, `average("stock")`': lambda: (
        len(list(orders.unwind("tags").sort_by_count("tags"))) == 2
        and orders.aggregate(n=Sum("stock")) == {"n": 6}
        and orders.aggregate(n=Avg("stock")) == {"n": 3.0}
    ),
    '`aggregate([…])`, `search_text("…")`': lambda: (
        list(orders.pipeline([{"$count": "n"}])) == [{"n": 2}] and orders.search("1").get() == one()
    ),
    "`queryset_manager`": lambda: (
        Pinned.objects.create(stock=1) and Pinned.objects.scarce().filter(stock=1).exists()
    ),
    "`reload()`, `in_bulk`, `first`, `count`": lambda: (
        one().refresh_from_db() is None
        and orders.in_bulk([one().pk])[one().pk].number == "1"
        and orders.order_by("number").first() == one()
        and orders.count() == 2
    ),
    "`SequenceField`, `FileField` (GridFS), `PointField`": lambda: (
        Pinned.objects.create().serial + 1 == Pinned.objects.create().serial
        and isinstance(Pinned._meta.get_field("paper"), documents.FileField)
        and one().place.longitude == 7
    ),
    "`GenericReferenceField`, `GenericLazyReferenceField`": lambda: (
        one(number="2").about.name == "Ann"
    ),
    "`no_dereference()`, `select_related()`": lambda: (
        [o.author and o.author.name for o in orders.order_by("number")] == ["Ann", None]
        and orders.populate("author").fetch_mode(RAISE).get(number="1").author.name == "Ann"
    ),
    '`only`, `exclude("field")`, `scalar`': lambda: (
        orders.only("number").get(number="1").number == "1"
        and orders.defer("note").get(number="1").number == "1"
        and list(orders.order_by("number").values_list("number", flat=True)) == ["1", "2"]
    ),
    "`fields(slice__comments=5)`, `as_pymongo()`, `no_cache()`": lambda: (
        orders.select(Slice("tags", 1)).get(number="1").tags == ["a"]
        and {raw["number"] for raw in orders.raw()} == {"1", "2"}
        and len(list(orders.iterator())) == 2
    ),
    "`timeout(False)`": lambda: orders.max_time_ms(5_000).count() == 2,
    "`signals.pre_save` with `connect`": told,
    "`clean()`": lambda: by_path() >= {"number", "lines.0.sku"},
    "`ensure_indexes()` at first use": synced,
}
