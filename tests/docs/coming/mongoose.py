"""The rows of the table for those who come from Mongoose."""

import io

from django.core.exceptions import ValidationError
from django.core.management import call_command

from docmodels import documents, transaction
from docmodels.documents import RAISE, Circle, Count, ElemMatch, F, Populate, Q, Slice, ops
from docmodels.exceptions import FieldFetchBlocked, UnknownField
from tests.docs.coming.models import Author, Line, Order

orders = Order.objects
field_of = Order._meta.get_field


def one(**conditions):
    """Give the first order."""
    return orders.get(**{"number": "1", **conditions})


def meta_takes(**options):
    """Return whether a class can be declared with these options."""
    made = type("Meta", (), {"app_label": "coming", **options})
    cls = type(documents.Document)(
        f"Made{'_'.join(options)}", (documents.Document,),
        {"__module__": __name__, "name": documents.CharField(max_length=9), "Meta": made},
    )  # fmt: skip
    return all(getattr(cls._meta, name) is not None for name in options)


def refuses(call, error):
    """Return whether a call raises this error."""
    try:
        call()
    except error:
        return True
    return False


def saved(**changes):
    """Change the first order, save it and give it as it is stored."""
    order = one()
    for name, value in changes.items():
        setattr(order, name, value)
    order.save()
    return one()


def child():
    """Return whether a subclass has a key of its own in the same collection."""

    class Base(documents.Document):
        name = documents.CharField(max_length=9)

        class Meta:
            app_label, discriminator_key = "coming", "__t"

    class Special(Base):
        class Meta:
            app_label = "coming"

    Special.objects.create(name="x")
    return type(Base.objects.get()) is Special and next(Base.objects.raw())["__t"] == "Special"


def hooked():
    """Return whether hooks run before and after a save."""
    seen = []

    class Noted(documents.Document):
        name = documents.CharField(max_length=9)

        @documents.virtual
        def shout(self):
            return self.name.upper()

        @documents.pre("save")
        def before(self, **info):
            seen.append("before")

        @documents.post("save")
        def after(self, **info):
            seen.append("after")

        class Meta:
            app_label = "coming"

    made = Noted.objects.create(name="x")
    return seen == ["before", "after"] and made.shout == "X"


def in_transactions():
    """Return whether both ways of a transaction work."""
    work = transaction.atomic(lambda: orders.filter(number="1").update(stock=7))
    with transaction.atomic():
        orders.filter(number="1", stock=8).update(stock=9)
    return work() == 1 and one().stock == 7


def in_sessions():
    """Return whether reads of a session are of one moment."""
    with transaction.session():
        first = one().stock
    with transaction.session(snapshot=True):
        return one().stock == first == one().stock


def required():
    """Return whether a function says what must be there."""

    class Post(documents.Document):
        public = documents.BooleanField(default=False)
        title = documents.CharField(max_length=9, required=lambda post: post.public)

        class Meta:
            app_label = "coming"

    return Post().full_clean() is None and refuses(Post(public=True).full_clean, ValidationError)


def synced():
    """Return whether the command makes the indexes of a class."""
    out = io.StringIO()
    call_command("syncindexes", "coming.Author", stdout=out)
    return "name" in repr(Author.objects.filter(name="Ann").plan().indexes)


def watched():
    """Return whether an insert is told of."""
    with orders.watch() as changes:
        orders.create(number="3")
        return next(iter(changes)).document.number == "3"


def upserted():
    """Return whether an upsert stores defaults on insert."""
    counted = orders.filter(number="8").update(stock=2, upsert=True)
    made, created = orders.upsert(number="9", defaults={"stock": 3})
    return counted == 1 and created and (made.stock, one(number="8").tags) == (3, [])


def modified():
    """Return whether changes are known."""
    order = one()
    order.tags.append("z")
    return order.is_modified("tags") and set(order.modified_paths()) == {"tags"}


def get_and_set():
    """Return whether paths are read and written by their text."""
    order = one()
    order.set_path("lines.0.sku", "z")
    return order.get_path("lines.0.sku") == "z" == order.lines[0].sku


picked = documents.pick(Author, "name", name="picked")

ROWS = {
    '`new Schema({...})`, `mongoose.model("Order", schema)`': lambda: issubclass(
        Order, documents.Document
    ),
    "subdocument schema": lambda: issubclass(Line, documents.EmbeddedDocument),
    "`[lineSchema]`, `[String]`, `Map`, `Mixed`": lambda: (
        isinstance(field_of("lines"), documents.EmbeddedListField)
        and isinstance(field_of("tags"), documents.ListField)
        and isinstance(field_of("data"), documents.MapField)
        and isinstance(field_of("data").base_field, documents.AnyField)
    ),
    "`required: true` (the default is not required)": lambda: refuses(
        Order().full_clean, ValidationError
    ),
    "`required: function () {…}`": required,
    "`enum`, `match`, `minlength`, `min`": lambda: (
        documents.CharField(choices=["a"], match=r"^a", min_length=1)
        and documents.IntegerField(min_value=1)
    ),
    '`select: false`, `.select("+field")`': lambda: (
        refuses(lambda: Author.objects.fetch_mode(RAISE).first().bio, FieldFetchBlocked)
        and Author.objects.fetch_mode(RAISE).select("+bio").get(name="Ann").bio == "long"
    ),
    '`.select("name email")`, `.select("-bio")`': lambda: (
        orders.only("number").first().number
        == orders.defer("note").first().number
        == orders.select("number", "tags").first().number
        == orders.select("-note").first().number
    ),
    "`default: function () {…}` with `this`": lambda: Order(number="5", stock=4).serial == 5,
    "`alias`": lambda: next(orders.filter(label="x").raw())["l"] == "x",
    "`lowercase`, `trim`, `set`, `get`": lambda: (
        Order(label="ABC").label == "abc" and documents.CharField(set="trim", get=str.upper)
    ),
    "`immutable: true`": lambda: refuses(lambda: saved(serial=3), ValidationError),
    '`refPath: "kind"`': lambda: one(number="2").about.name == "Ann",
    '`ref: "Author"`, `doc.author` is an id or a document': lambda: (
        one().author_id == one().author.pk
    ),
    '`.populate("author", "name")`, `populate({match, options, populate})`': lambda: (
        orders.populate("author").get(number="1").author.name == "Ann"
        and orders.populate(Populate("author", only=["name"], match=Q(name="Ann")))
        .get(number="1")
        .author.name
        == "Ann"
    ),
    "virtual populate: `localField`, `foreignField`, `justOne`, `count`": lambda: (
        [o.number for o in Author.objects.populate("books").get(name="Ann").books] == ["1"]
        and Author.objects.populate("book_count").get(name="Ann").book_count == 1
        and Author.objects.populate("first").get(name="Ann").first.number == "1"
    ),
    "`timestamps: true` (`createdAt`)": lambda: one().created_at is not None,
    "`versionKey`, `optimisticConcurrency`": lambda: (
        next(orders.raw())["__v"] == 0 and meta_takes(optimistic_concurrency=True, version_key="v")
    ),
    '`strict: true / "throw" / false`': lambda: (
        meta_takes(strict=True)
        and meta_takes(strict=False)
        and refuses(lambda: Order(nubmer="1"), UnknownField)
    ),
    '`discriminatorKey`, `Base.discriminator("Child")`': child,
    "`minimize`, `collation`, `read`, `writeConcern`, `shardKey`, `capped`, `timeseries`": lambda: (
        meta_takes(
            minimize=False,
            collation={"locale": "de"},
            read_preference="secondary",
            write_concern="majority",
            shard_key=["name"],
        )
        and meta_takes(capped={"size": 4096})
    ),
    '`index: true`, `unique: true`, `expires: "1d"`, `schema.index({a: 1, b: -1})`': lambda: (
        documents.CharField(db_index=True, unique=True)
        and documents.Index(fields=["at"], expire_after=86_400)
        and documents.Index(fields=["stock", "-number"]) == Order._meta.indexes[2]
    ),
    "`autoIndex`, `syncIndexes()`": synced,
    "subset of a schema, `pick`": lambda: picked.from_document(Author(name="Ann")).name == "Ann",
    "copies kept by hand in hooks": lambda: documents.ReferenceField(
        Author, on_delete=documents.PROTECT, copies=["name"]
    ),
    "`connection.transaction(fn)`, `session.withTransaction(fn)`": in_transactions,
    "`startSession({causalConsistency, snapshot})`": in_sessions,
    "virtuals, methods, statics": hooked,
    '`schema.pre("save", …)`, `post`': hooked,
    "`Model.find({age: {$gt: 3}})`": lambda: (
        orders.filter(stock__gt=3).get() == orders.raw_filter({"stock": {"$gt": 3}}).get()
    ),
    "`findById`, `findOne`": lambda: (
        refuses(lambda: orders.get(pk="0" * 24), Order.DoesNotExist)
        and orders.filter(number="none").first() is None
    ),
    '`countDocuments`, `distinct("tags")`, `exists`': lambda: (
        (orders.count(), orders.distinct("tags"), orders.exists()) == (2, ["a", "b"], True)
    ),
    "`$text: {$search}`, `$near`, `$geoWithin`": lambda: (
        orders.search("1").get().number == "1"
        and orders.filter(place__near=(7, 46)).get().number == "1"
        and orders.filter(place__within=Circle((7, 46), 1000)).get().number == "1"
    ),
    "`Model.aggregate([…])`": lambda: (
        orders.aggregate(n=Count("pk")) == {"n": 2}
        and len(list(orders.values("stock").annotate(n=Count("pk")))) == 2
        and list(orders.pipeline([{"$count": "n"}])) == [{"n": 2}]
    ),
    "`Model.watch()`": watched,
    "`$elemMatch`": lambda: orders.filter(lines__elemmatch=Q(sku="a", price__gt=2)).get() == one(),
    "`.lean()`": lambda: (
        orders.values("number")[0]["number"]
        == next(orders.raw())["number"]
        == next(iter(orders.lazy())).number
    ),
    '`.slice("comments", 5)`, `.select({lines: {$elemMatch: …}})`': lambda: (
        orders.select(Slice("tags", 1)).get(number="1").tags == ["a"]
        and len(orders.only(ElemMatch("lines", Q(sku="a"))).get(number="1").lines) == 1
    ),
    "`.cursor()`, `estimatedDocumentCount()`": lambda: (
        len(list(orders.iterator())) == orders.estimated_count() == 2
    ),
    '`.read("secondary")`, `.readConcern("majority")`, `.maxTimeMS(200)`': lambda: (
        orders.read_preference("secondaryPreferred")
        .read_concern("majority")
        .max_time_ms(5_000)
        .count()
        == 2
    ),
    "`.hint()`, `.comment()`, `.collation()`, `.allowDiskUse()`": lambda: (
        len(orders.hint("_id_").comment("x").collation("de").allow_disk_use()) == 2
    ),
    "`.explain()`": lambda: orders.explain() and orders.plan().stage == "COLLSCAN",
    '`.sort("-n").skip(5).limit(5)`': lambda: (
        [order.number for order in orders.order_by("-number")[1:2]] == ["1"]
    ),
    "`updateMany(filter, {$push: …})`": lambda: (
        orders.filter(number="1").update(tags=ops.Push("x")) == 1 and one().tags[-1] == "x"
    ),
    '`"lines.$.price"`, `arrayFilters`': lambda: (
        orders.filter(lines__sku="a").update({"lines.$.price": 3}) == 1
        and orders.filter(number="1").update(
            {"lines.$[line].price": 4}, array_filters={"line": Q(sku="b")}
        )
        and [int(line.price) for line in one().lines] == [3, 4]
    ),
    "`findOneAndUpdate(f, u, {new: true})`": lambda: (
        orders.filter(number="1").find_one_and_update(stock=F("stock") + 1, return_new=True).stock
        == 6
        and orders.filter(number="1").find_one_and_delete().number == "1"
    ),
    "`{upsert: true}`, `setDefaultsOnInsert`": upserted,
    "`Model.create`, `deleteOne`, `deleteMany`, `doc.deleteOne()`": lambda: (
        orders.create(number="7").delete()[0] == 1
        and orders.filter(number="1").delete_one()[0] == 1
        and orders.filter(number="2").delete()[0] == 1
    ),
    "`bulkSave`, `bulkWrite`, `insertMany`": lambda: (
        len(orders.bulk_create([Order(number="5"), Order(number="6")])) == 2
        and orders.bulk_write([ops.DeleteOne({"number": "5"})]).deleted == 1
        and orders.bulk_save([one(number="6")]) is not False
    ),
    "`doc.validate()`, `doc.isNew`": lambda: (
        one().full_clean() is None and Order()._state.adding and not one()._state.adding
    ),
    "`isModified`, `modifiedPaths`, `directModifiedPaths`": modified,
    '`doc.set("a.b", 1)`, `doc.get("a.b")`': get_and_set,
    "`toObject`, `toJSON`": lambda: (
        one().to_dict()["number"] == "1" and "number" in one().to_json()
    ),
}
