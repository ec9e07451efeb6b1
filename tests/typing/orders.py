"""What a type checker knows of documents; `test_types.py` compares what it reveals."""

import enum
from typing import reveal_type

from docmodels import documents
from docmodels.fields.typed import Blank, Default, Null


class State(enum.Enum):
    OPEN = "o"
    SENT = "s"


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=32)
    price = documents.DecimalField(max_digits=10, decimal_places=2)


class Customer(documents.Document):
    name = documents.CharField(max_length=80)


class Slug(documents.CharField):
    """A field of one's own, which knows no options."""


class Code(documents.CharField[Null, Blank, Default]):
    """A field of one's own, which knows what the options say."""


class Order(documents.Document):
    number = documents.CharField(max_length=20)
    amount = documents.IntegerField()
    weight = documents.FloatField()
    placed_at = documents.DateTimeField(auto_now_add=True)
    day = documents.DateField()
    time = documents.TimeField()
    length = documents.DurationField()
    paid = documents.BooleanField(default=False)
    key = documents.UUIDField()
    owner_key = documents.ObjectIdField()
    content = documents.BinaryField()
    counted = documents.SequenceField()
    stamp = documents.TimestampField()
    pattern = documents.RegexField()
    code = documents.CodeField()
    dbref = documents.DBRefField()
    place = documents.PointField()
    area = documents.PolygonField(blank=True)
    invoice = documents.FileField(blank=True)
    state = documents.EnumField(State)
    anything = documents.AnyField(blank=True)
    slug = Slug(blank=True)
    colour = Code(blank=True)
    colour_or_red = Code(blank=True, default="red")
    # None
    note = documents.TextField(blank=True)
    note_or_text = documents.TextField(blank=True, default="")
    nullable = documents.IntegerField(null=True)
    nullable_or_1 = documents.IntegerField(null=True, default=1)
    optional = documents.CharField(required=False)
    demanded = documents.CharField(required=True)
    state_or_none = documents.EnumField(State, blank=True)
    # Containers
    tags = documents.ListField(documents.CharField())
    matrix = documents.ListField(documents.ListField(documents.FloatField()))
    no_list = documents.ListField(documents.CharField(), null=True)
    scores = documents.MapField(documents.IntegerField())
    by_sku = documents.MapField(documents.EmbeddedField(Line), blank=True)
    first_line = documents.EmbeddedField(Line)
    gift = documents.EmbeddedField(Line, blank=True)
    lines = documents.EmbeddedListField(Line)
    either = documents.UnionField(documents.IntegerField(), documents.CharField())
    any_of_three = documents.UnionField(
        documents.IntegerField(), documents.CharField(), documents.EmbeddedField(Line), null=True
    )
    # References
    customer = documents.ReferenceField(Customer, on_delete=documents.PROTECT)
    payer = documents.ReferenceField(Customer, on_delete=documents.SET_NULL, null=True)
    agent = documents.ReferenceField("crm.Agent", on_delete=documents.PROTECT)
    subject = documents.ReferenceField(documents.by_field("number"))
    witness = documents.ReferenceField(lambda order: order.number, targets=[Customer])


order = Order(number="1")
reveal_type(order.number)  # str
reveal_type(order.amount)  # int
reveal_type(order.weight)  # float
reveal_type(order.placed_at)  # datetime
reveal_type(order.day)  # date
reveal_type(order.time)  # time
reveal_type(order.length)  # timedelta
reveal_type(order.paid)  # bool
reveal_type(order.key)  # UUID
reveal_type(order.owner_key)  # ObjectId
reveal_type(order.content)  # bytes
reveal_type(order.counted)  # int
reveal_type(order.stamp)  # Timestamp
reveal_type(order.pattern)  # Regex[str]
reveal_type(order.code)  # Code
reveal_type(order.dbref)  # DBRef
reveal_type(order.place)  # Point
reveal_type(order.area)  # Polygon | None
reveal_type(order.invoice)  # StoredFile
reveal_type(order.state)  # State
reveal_type(order.anything)  # Any | None
reveal_type(order.slug)  # str
reveal_type(order.colour)  # str | None
reveal_type(order.colour_or_red)  # str

reveal_type(order.note)  # str | None
reveal_type(order.note_or_text)  # str
reveal_type(order.nullable)  # int | None
reveal_type(order.nullable_or_1)  # int | None
reveal_type(order.optional)  # str | None
reveal_type(order.demanded)  # str
reveal_type(order.state_or_none)  # State | None

reveal_type(order.tags)  # TrackedList[str]
reveal_type(order.tags[0])  # str
reveal_type(order.matrix[0][0])  # float
reveal_type(order.no_list)  # TrackedList[str] | None
reveal_type(order.scores)  # TrackedDict[int]
reveal_type(order.scores["a"])  # int
reveal_type(order.by_sku)  # TrackedDict[Line] | None
reveal_type(order.first_line.sku)  # str
reveal_type(order.gift)  # Line | None
reveal_type(order.lines[0])  # Line
reveal_type(order.lines[0].price)  # Decimal
reveal_type(order.lines.get(sku="tea"))  # Line
reveal_type(order.lines.filter(sku="tea"))  # list[Line]
reveal_type(order.lines.create(sku="tea"))  # Line
reveal_type(order.lines.add_to_set({"sku": "tea"}))  # list[Line]
reveal_type(order.either)  # int | str
reveal_type(order.any_of_three)  # int | str | Line | None

reveal_type(order.customer)  # Customer
reveal_type(order.customer.name)  # str
reveal_type(order.payer)  # Customer | None
reveal_type(order.agent)  # Any
reveal_type(order.subject)  # Any
reveal_type(order.witness)  # Any

order.amount = "12"  # cast
order.lines = [{"sku": "tea"}]
order.first_line = {"sku": "tea"}
order.customer = Customer()
order.nullable = None
