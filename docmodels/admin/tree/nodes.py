"""The tree of the detail page: what a document holds, with types and reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from docmodels.admin.tree.slots import Slot, find_slot, read_error, shape, slots_of
from docmodels.admin.tree.values import display, summary, to_text, type_name
from docmodels.fields import ANY, DateField, Field
from docmodels.forms.texts import to_ejson
from docmodels.tracking import MISSING

#: Elements of an array, or keys of an object without declaration, shown at first.
FIRST = 20
#: How many more each request for more brings.
MORE = 50
#: Characters of a text that are shown in the tree.
TEXT = 2_000
#: Nodes of one page; what lies beyond is a link.
BUDGET = 300
#: Columns of a table of embedded documents.
COLUMNS = 8


@dataclass(slots=True)
class Cell:
    """One value in the table of an array."""

    value: SafeString
    type: str
    error: str = ""


@dataclass(slots=True)
class TableRow:
    """One embedded document in the table of an array."""

    index: int
    path: str
    cells: list[Cell]


@dataclass(slots=True)
class Node:
    """One line of the tree, with what lies below it."""

    path: str
    label: str
    type: str
    value: SafeString | str = ""
    #: "scalar", "object", "array" or "missing".
    kind: str = "scalar"
    #: Whether the class of the document does not declare it.
    extra: bool = False
    addressable: bool = True
    #: Why the stored value is not of the declared type.
    error: str = ""
    #: How many keys or elements there are.
    count: int = 0
    #: The number of the first child that is shown.
    offset: int = 0
    children: list[Node] = field(default_factory=list)
    #: Names of declared paths that are not stored.
    absent: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[TableRow] = field(default_factory=list)
    #: The offset of the children after those shown, None where there are none.
    next: int | None = None
    #: Whether the children are left to a request of their own.
    deferred: bool = False
    #: Whether the text is cut.
    cut: bool = False
    multiline: bool = False
    help_text: str = ""
    #: The display name of a choice, or the name of the document referred to.
    note: str = ""
    #: The page of the document referred to.
    url: str = ""
    copy: str = ""
    #: What is shown of the stored file that the value is the key of.
    file: Any = None

    @property
    def shown(self) -> int:
        """Return how many children are on the page."""
        return len(self.rows) or len(self.children)

    @property
    def can_be_table(self) -> bool:
        """Return whether the elements are embedded documents."""
        return self.kind == "array" and bool(self.rows or self.children) and self.type == "array"


@dataclass(slots=True)
class Reference:
    """A key of another document that the tree shows."""

    node: Node
    field: Field[Any]
    key: Any


class TreeBuilder:
    """Make nodes of one stored document."""

    def __init__(self, document: dict[str, Any], meta: Any, *, trees: Iterable[str] = ()) -> None:
        self.document = document
        self.meta = meta
        #: Paths of arrays to draw as trees, not as tables.
        self.trees = frozenset(trees)
        #: Names of declared fields that the document does not have.
        self.absent: list[str] = []
        #: The references on the page, for one query that names them all.
        self.references: list[Reference] = []
        self._left = BUDGET

    def root(self) -> list[Node]:
        """Return the nodes of the whole document."""
        slots = list(slots_of(self.document, ANY, self.meta))
        self.absent = _absent(slots)
        stored = [slot for slot in slots if slot.value is not MISSING]
        return [self.node(slot, slot.part, depth=0) for slot in stored]

    def at(self, path: str, offset: int = 0, limit: int = MORE) -> Node | None:
        """Return the node of one path with its children from `offset` on."""
        slot = find_slot(self.document, self.meta, path)
        if slot is None:
            return None
        return self.node(slot, path, depth=0, offset=offset, limit=limit, whole=True)

    def node(
        self,
        slot: Slot,
        path: str,
        *,
        depth: int,
        offset: int = 0,
        limit: int = FIRST,
        whole: bool = False,
    ) -> Node:
        """Return the node of one place."""
        self._left -= 1
        value = slot.value
        kind = type_name(value)
        node = Node(
            path,
            slot.part,
            kind,
            extra=slot.extra,
            addressable=slot.addressable,
            error=read_error(slot.field, value) if slot.declared else "",
            help_text=str(slot.field.help_text or ""),
        )
        if value is MISSING:
            node.kind = "missing"
        elif isinstance(value, dict):
            node.kind, node.count = "object", len(value)
            self._fill(node, slot, depth, offset, limit)
        elif isinstance(value, list):
            node.kind, node.count = "array", len(value)
            self._fill(node, slot, depth, offset, limit)
        else:
            self._scalar(node, slot, None if whole else TEXT)
        return node

    def _scalar(self, node: Node, slot: Slot, limit: int | None) -> None:
        value = slot.value
        shown = slot.field.from_db(value) if isinstance(slot.field, DateField) else value
        node.value = display(shown, limit)
        if isinstance(value, str):
            node.cut = limit is not None and len(value) > limit
            node.multiline = "\n" in value or len(value) > 160
        elif value is not None:
            node.copy = to_text(value)
        if slot.field.choices:
            node.note = str(dict(slot.field.flatchoices).get(_hashable(value), ""))
        if value is not None and shape(slot.field) == "reference":
            self.references.append(Reference(node, slot.field, value))

    def _fill(self, node: Node, slot: Slot, depth: int, offset: int, limit: int) -> None:
        if not slot.addressable:
            # No link could lead inside.
            node.value = summary(slot.value, TEXT)
            return
        if depth and self._left <= 0:
            node.deferred = True
            return
        if self._as_table(node, slot):
            self._fill_table(node, slot, offset, limit)
            return
        slots = list(slots_of(slot.value, slot.field))
        node.absent = _absent(slots)
        found = [inner for inner in slots if inner.value is not MISSING]
        declared = [inner for inner in found if inner.declared and not isinstance(inner.key, int)]
        if node.kind == "object" and len(declared) == len(found):
            limit = max(limit, len(found)) if shape(slot.field) == "embedded" else limit
        node.offset = offset
        for inner in found[offset : offset + limit]:
            node.children.append(self.node(inner, f"{node.path}.{inner.part}", depth=depth + 1))
        if offset + limit < len(found):
            node.next = offset + limit

    def _as_table(self, node: Node, slot: Slot) -> bool:
        return (
            node.kind == "array"
            and node.path not in self.trees
            and all(isinstance(item, dict) for item in slot.value)
            and len(slot.value) > 1
        )

    def _fill_table(self, node: Node, slot: Slot, offset: int, limit: int) -> None:
        inner: Field[Any] = getattr(slot.field, "base_field", ANY)
        items = slot.value[offset : offset + limit]
        lines = [{s.part: s for s in slots_of(item, inner)} for item in items]
        columns: dict[str, None] = {}
        for line in lines:
            for part, found in line.items():
                if found.value is not MISSING:
                    columns.setdefault(part)
        node.columns = list(columns)[:COLUMNS]
        node.offset = offset
        for index, line in enumerate(lines, offset):
            self._left -= 1
            cells = [_cell(line.get(column)) for column in node.columns]
            node.rows.append(TableRow(index, f"{node.path}.{index}", cells))
        if offset + limit < len(slot.value):
            node.next = offset + limit


def _cell(slot: Slot | None) -> Cell:
    if slot is None or slot.value is MISSING:
        return Cell(SafeString("—"), "missing")
    kind = type_name(slot.value)
    error = read_error(slot.field, slot.value) if slot.declared else ""
    if isinstance(slot.value, list):
        return Cell(SafeString(f"[{len(slot.value)}]"), kind, error)
    if isinstance(slot.value, dict):
        return Cell(SafeString(f"{{{len(slot.value)}}}"), kind, error)
    return Cell(display(slot.value, 80), kind, error)


def _absent(slots: list[Slot]) -> list[str]:
    return [slot.part for slot in slots if slot.value is MISSING]


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else str(value)


def raw_json(document: dict[str, Any], limit: int | None = None) -> tuple[str, bool]:
    """Return Extended JSON of a document for reading, and whether it is cut."""
    text = to_ejson(document, indent=2, relaxed=True)
    if limit is not None and len(text) > limit:
        return text[:limit], True
    return text, False
