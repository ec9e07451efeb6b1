"""What a type checker knows of documents beside their fields."""

from typing import Any, Self, reveal_type

from docmodels import documents


class Customer(documents.Document):
    name = documents.CharField(max_length=80)

    @documents.virtual
    def initial(self) -> str:
        return self.name[:1]

    @initial.setter
    def initial(self, value: str) -> None:
        self.name = value + self.name[1:]

    @documents.pre("save")
    def tidy(self) -> int:
        return len(self.name)

    @documents.post("find")
    @classmethod
    def note(cls, queryset: documents.QuerySet[Self], result: list[Self]) -> None:
        """Take note."""

    @documents.on_error("save", "delete")
    def tell(self, error: Exception) -> None:
        """Tell somebody."""

    @documents.upgrade(1, 2)
    @staticmethod
    def split(raw: dict[str, Any]) -> None:
        raw["first"] = raw.pop("name")


CustomerCopy = documents.pick(Customer, "name", name="CustomerCopy")


class Line(documents.EmbeddedDocument):
    sku = documents.CharField(max_length=32)


class Order(documents.Document):
    customer = documents.EmbeddedField(CustomerCopy)
    lines = documents.EmbeddedListField(Line)


customer = Customer(name="Ada")
order = Order.from_dict({})
customer.initial = "E"
shown = Customer().initial

reveal_type(shown)  # str
reveal_type(customer.tidy())  # int
reveal_type(customer.tell(ValueError()))  # None
reveal_type(CustomerCopy.from_document(customer))  # PickedDocument
reveal_type(order.customer.name)  # Any
reveal_type(order)  # Order
reveal_type(Order.from_json("{}"))  # Order
reveal_type(Order.from_mongo({}))  # Order
reveal_type(Line.from_dict({}))  # Line
reveal_type(order.pk)  # Any
reveal_type(order.to_dict())  # dict[str, Any]
reveal_type(order.to_json())  # str
reveal_type(order.to_mongo())  # dict[str, Any]
reveal_type(order.delete())  # tuple[int, dict[str, int]]
reveal_type(order.modified_paths())  # list[str]
reveal_type(order.pending_update())  # tuple[dict[str, Any], dict[str, Any]]
reveal_type(order.is_set("lines"))  # bool
reveal_type(order.undeclared)  # TrackedDict[Any]
reveal_type(order.read_errors)  # dict[str, str]
reveal_type(order.save())  # None
reveal_type(order.lines[0].parent)  # Any
reveal_type(Order.DoesNotExist)  # type[Exception]
