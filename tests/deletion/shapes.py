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
    #: Makes what is stored from two keys, of which the first one is looked at. Of a shape whose
    #: class is told, also from what tells it, and from what another class' key is.
    raw: Callable[..., dict[str, Any]]
    #: The path in names, as messages have it.
    path: str = "ref"
    to_self: bool = False
    circular: bool = False
    alias: str | None = None
    #: How the class is told: "field", by the keys of `targets`; "label"; or "function".
    told: str | None = None


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


def kind():
    """Give the field that tells a class."""
    return {"kind": documents.CharField(blank=True)}


#: Those that say of which class a key is, each beside keys of another one.
TOLD_SHAPES = {
    "told": Shape(
        lambda ref: {"ref": ref(), **kind()},
        lambda a, b, k, o: {"ref": a, "kind": k}, told="field",
    ),
    "told by a label": Shape(
        lambda ref: {"ref": ref(), **kind()},
        lambda a, b, k, o: {"ref": a, "kind": k}, told="label",
    ),
    "told by a function": Shape(
        lambda ref: {"ref": ref(), "refs": documents.ListField(ref())},
        lambda a, b, k, o: {"ref": a}, told="function",
    ),
    "told list": Shape(
        lambda ref: {"refs": documents.ListField(ref()), **kind()},
        lambda a, b, k, o: {"refs": [b, a, b], "kind": k}, "refs", told="field",
    ),
    "told map": Shape(
        lambda ref: {"roles": documents.MapField(ref()), **kind()},
        lambda a, b, k, o: {"roles": {"x": a, "y": b}, "kind": k}, "roles", told="field",
    ),
    "told list of lists": Shape(
        lambda ref: {"grid": documents.ListField(documents.ListField(ref())), **kind()},
        lambda a, b, k, o: {"grid": [[b], [], [b, a]], "kind": k}, "grid", told="label",
    ),
    "told embedded": Shape(
        lambda ref: {"box": documents.EmbeddedField(embedded(ref, **kind())), **kind()},
        lambda a, b, k, o: {"box": {"by": a, "kind": k}, "kind": "o"}, "box.by", told="field",
    ),
    "told list of embedded": Shape(
        lambda ref: {"boxes": documents.EmbeddedListField(embedded(ref, **kind()))},
        lambda a, b, k, o: {
            "boxes": [{"by": o, "kind": "o"}, {"by": b, "kind": k}, {"by": a, "kind": k}, {"by": o}]
        },
        "boxes.by", told="field",
    ),
    "told list in list of embedded": Shape(
        lambda ref: {
            "boxes": documents.EmbeddedListField(
                embedded(ref, refs=documents.ListField(ref()), **kind())
            )
        },
        lambda a, b, k, o: {
            "boxes": [{"refs": [o, b], "kind": "o"}, {"refs": [b, a], "kind": k}, {"refs": [o]}]
        },
        "boxes.refs", told="field",
    ),
    "told embedded in list of embedded": Shape(
        lambda ref: {
            "shelves": documents.EmbeddedListField(
                embedded(ref, box=documents.EmbeddedField(embedded(ref, **kind())), **kind())
            )
        },
        lambda a, b, k, o: {
            "shelves": [
                {"box": {"by": o, "kind": "o"}, "kind": k}, {"kind": k},
                {"box": {"by": a, "kind": k}, "kind": "o"},
            ]
        },
        "shelves.box.by", told="field",
    ),
    "told map of embedded": Shape(
        lambda ref: {"roles": documents.MapField(documents.EmbeddedField(embedded(ref, **kind())))},
        lambda a, b, k, o: {
            "roles": {"x": {"by": o, "kind": "o"}, "y": {"by": a, "kind": k}, "z": {"kind": k}}
        },
        "roles.by", told="field",
    ),
    "told across aliases": Shape(
        lambda ref: {"refs": documents.ListField(ref()), **kind()},
        lambda a, b, k, o: {"refs": [b, a], "kind": k}, "refs", alias="other", told="field",
    ),
}  # fmt: skip
SHAPES |= TOLD_SHAPES


class Unlike(documents.Document):
    """The other class that a reference may be to."""

    class Meta:
        app_label = "rules_of_deletion"


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
        rule, told, targets = getattr(documents, self.rule), self.shape.told, None
        if told:
            targets = {"o": Unlike, "m": to} if told == "field" else [Unlike, to]
            to = (lambda holder: to) if told == "function" else documents.by_field("kind")
        return documents.ReferenceField(
            to, on_delete=rule, null=True, blank=True, default=DEFAULT, targets=targets
        )

    def raw(self, first, second, *, is_other=False):
        """Return what is stored for two keys, `is_other` for keys of the other class."""
        told = self.shape.told
        if told is None:
            return self.shape.raw(first, second)
        label = (Unlike if is_other else self.target)._meta.label
        told_by = label if told == "label" else "o" if is_other else "m"
        return self.shape.raw(first, second, told_by, self.first)

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
                {"_id": self.key, **self.raw(self.first, self.second)},
                {"_id": self.spare, **self.raw(self.second, self.second)},
            ]
        )
        self.unlike = None
        if self.shape.told not in {None, "function"}:
            self.unlike = {"_id": ObjectId(), **self.raw(self.first, self.second, is_other=True)}
            self.referrers.insert_one(self.unlike)

    def referring(self, value):
        """Return what is to be stored with `value` in the place of the first key."""
        return cleaned({"_id": self.key, **self.raw(value, self.second)})

    def stored(self):
        """Return the document that refers, as it is stored now, and whether the target is."""
        found = self.referrers.find_one({"_id": self.key})
        return found, self.targets.find_one({"_id": self.first}) is not None
