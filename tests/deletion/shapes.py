"""Classes that refer to another one, for each rule in each shape."""

import dataclasses
from collections.abc import Callable
from typing import Any

from bson import ObjectId

from docmodels import documents
from docmodels.connections import connections

#: What a reference holds that was taken out.
GONE = object()
#: The key that SET_DEFAULT stores.
DEFAULT = ObjectId("0123456789abcdef01234567")
RULES = [rule.name for rule in documents.DO_NOTHING.__class__]


@dataclasses.dataclass
class Shape:
    """A way in which a document holds keys of others."""

    #: Makes the fields from one that makes a reference.
    fields: Callable[[Any], dict[str, Any]]
    #: Makes what is stored from two keys, of which the first one is looked at.
    raw: Callable[[Any, Any], dict[str, Any]]
    #: The path in names, as messages have it.
    path: str = "ref"
    to_self: bool = False
    circular: bool = False
    alias: str | None = None


def embedded(reference, **more):
    """Give a class of embedded documents with a reference."""
    fields = {"by": reference(), "text": documents.CharField(blank=True), **more}
    return type("Box", (documents.EmbeddedDocument,), {"__module__": __name__, **fields})


SHAPES = {
    "single": Shape(lambda ref: {"ref": ref()}, lambda a, b: {"ref": a}),
    "list": Shape(
        lambda ref: {"refs": documents.ListField(ref())}, lambda a, b: {"refs": [b, a, b]}, "refs"
    ),
    "embedded": Shape(
        lambda ref: {"box": documents.EmbeddedField(embedded(ref))},
        lambda a, b: {"box": {"by": a, "text": "t"}}, "box.by",
    ),
    "list of embedded": Shape(
        lambda ref: {"boxes": documents.EmbeddedListField(embedded(ref))},
        lambda a, b: {"boxes": [{"by": b}, {"by": a, "text": "t"}, {"text": "none"}]}, "boxes.by",
    ),
    "list in list of embedded": Shape(
        lambda ref: {
            "boxes": documents.EmbeddedListField(embedded(ref, refs=documents.ListField(ref())))
        },
        lambda a, b: {"boxes": [{"refs": [b]}, {"refs": [a, b]}, {"text": "none"}]}, "boxes.refs",
    ),
    "list of embedded in list of embedded": Shape(
        lambda ref: {
            "shelves": documents.EmbeddedListField(
                embedded(ref, boxes=documents.EmbeddedListField(embedded(ref)))
            )
        },
        lambda a, b: {"shelves": [{"text": "none"}, {"boxes": [{"by": b}, {"by": a}]}]},
        "shelves.boxes.by",
    ),
    "list of lists": Shape(
        lambda ref: {"grid": documents.ListField(documents.ListField(ref()))},
        lambda a, b: {"grid": [[b], [], [b, a]]}, "grid",
    ),
    "map": Shape(
        lambda ref: {"roles": documents.MapField(ref())}, lambda a, b: {"roles": {"x": a, "y": b}},
        "roles",
    ),
    "map of embedded": Shape(
        lambda ref: {"roles": documents.MapField(documents.EmbeddedField(embedded(ref)))},
        lambda a, b: {"roles": {"x": {"by": b}, "y": {"by": a, "text": "t"}, "z": {"text": "n"}}},
        "roles.by",
    ),
    "map of lists": Shape(
        lambda ref: {"roles": documents.MapField(documents.ListField(ref()))},
        lambda a, b: {"roles": {"x": [b], "y": [a, b]}}, "roles",
    ),
    "self-reference": Shape(lambda ref: {"ref": ref()}, lambda a, b: {"ref": a}, to_self=True),
    "cycle": Shape(lambda ref: {"ref": ref()}, lambda a, b: {"ref": a}, circular=True),
    "across aliases": Shape(
        lambda ref: {"refs": documents.ListField(ref())}, lambda a, b: {"refs": [b, a]}, "refs",
        alias="other",
    ),
}  # fmt: skip


def cleaned(value):
    """Return a stored value without what is `GONE`."""
    if isinstance(value, dict):
        return {key: cleaned(inner) for key, inner in value.items() if inner is not GONE}
    if isinstance(value, list):
        return [cleaned(inner) for inner in value if inner is not GONE]
    return value


class Case:
    """One rule in one shape: a class that is referred to, and one that refers."""

    def __init__(self, rule: str, name: str):
        self.shape = SHAPES[name]
        self.rule = rule
        title = f"{rule.title()}{name.title()}".translate({ord(c): None for c in " -_"})
        self.target: Any = self._make(f"{title}Target", {}, "targets")
        to = self.target
        if self.shape.to_self:
            to = "self"
        fields = self.shape.fields(lambda: self._reference(to))
        if self.shape.to_self:
            self.target = self._make(f"{title}Node", fields, "nodes")
            self.model = self.target
            return
        self.model = self._make(f"{title}Referrer", fields, f"referrers_{name}", self.shape.alias)
        if self.shape.circular:
            fields = {"back": self._reference(self.model)}
            self.target = self._make(f"{title}Circle", fields, "targets")
            self.model._meta.get_field("ref").to = self.target
            # Who refers to whom is found out when a class is made.
            self._make(f"{title}Last", {}, "targets")

    def _reference(self, to):
        rule = getattr(documents, self.rule)
        return documents.ReferenceField(to, on_delete=rule, null=True, blank=True, default=DEFAULT)

    def _make(self, name, fields, collection, alias=None):
        meta = {"app_label": "rules_of_deletion", "collection": collection, "db_alias": alias}
        return type(
            name,
            (documents.Document,),
            {"__module__": __name__, "Meta": type("Meta", (), meta), **fields},
        )

    def store(self, place):
        """Store a document that refers to one of two, and one that refers to the second."""
        self.alias = self.shape.alias or place.alias
        self.targets = connections[place.alias].collection(self.target._meta.collection)
        self.referrers = connections[self.alias].collection(self.model._meta.collection)
        self.first, self.second, self.key, self.spare = (ObjectId() for _number in range(4))
        target = {"_id": self.first}
        if self.shape.circular:
            target["back"] = self.key
        self.targets.insert_many([target, {"_id": self.second}])
        self.referrers.insert_many(
            [
                {"_id": self.key, **self.shape.raw(self.first, self.second)},
                {"_id": self.spare, **self.shape.raw(self.second, self.second)},
            ]
        )

    def referring(self, value):
        """Return what is to be stored with `value` in the place of the first key."""
        return cleaned({"_id": self.key, **self.shape.raw(value, self.second)})

    def stored(self):
        """Return the document that refers, as it is stored now, and whether the target is."""
        found = self.referrers.find_one({"_id": self.key})
        return found, self.targets.find_one({"_id": self.first}) is not None
