"""
The tree of the edit page: every scalar is an input named by its dotted path.

Elements of a list keep the index that they have in the stored list for as long
as they are edited; new ones are numbered `+1`, `+2` …, so that no name ever
means two things. What a browser did not send is unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.http import QueryDict
from django.utils.translation import gettext as _

from docmodels.admin.tree.controls import control_for
from docmodels.admin.tree.inputs import NULL, UNSET, VALUE, EditNode
from docmodels.admin.tree.slots import CONTAINERS, Slot, read_error, shape, slots_of
from docmodels.admin.tree.snapshot import Snapshot, join_keys
from docmodels.admin.tree.values import summary, type_name
from docmodels.fields import ANY
from docmodels.tracking import MISSING

#: Inputs of one page: Django refuses requests of more than 1,000 parameters.
BUDGET = 600


class EditTree:
    """
    Inputs for one document.

    With `data`, what a browser sent, the inputs show that; `submission.read`
    tells what it changes. It stands where Django's hooks have a form:
    `changed_data`, `errors` and `instance` are there.
    """

    def __init__(
        self,
        meta: Any,
        snapshot: Snapshot,
        *,
        data: QueryDict | None = None,
        files: Mapping[str, Any] | None = None,
        adding: bool = False,
        readonly: Collection[str] = (),
        fields: Collection[str] | None = None,
        exclude: Collection[str] = (),
        inlines: Collection[Any] = (),
    ) -> None:
        self.meta = meta
        self.snapshot = snapshot
        self.data = data
        self.files: Mapping[str, Any] = files or {}
        self.adding = adding
        self.readonly = frozenset(readonly)
        self.fields = fields
        self.exclude = frozenset(exclude)
        #: EmbeddedInline options by the path that they are for.
        self.inlines = {inline.path: inline for inline in inlines}
        self.instance: Any = None
        self.changed_data: list[str] = []
        #: Messages that belong to no path.
        self.non_field_errors: list[str] = []
        self._left = BUDGET
        self.nodes = list(self._root())

    def _root(self) -> Iterator[EditNode]:
        slots = list(slots_of(self.snapshot.document, ANY, self.meta))
        if self.fields is not None:
            order = {name: place for place, name in enumerate(self.fields)}
            slots.sort(key=lambda slot: order.get(slot.part, len(order)))
        for slot in slots:
            if slot.key == self.meta.version_key or self.is_excluded(slot):
                continue
            yield self._node(slot, slot.part, slot.key, locked=self.is_locked(slot))

    def is_excluded(self, slot: Slot) -> bool:
        """Tell whether the page leaves a place of the document out."""
        if slot.part in self.exclude:
            return True
        if self.adding and (not slot.declared or not slot.field.editable):
            return True
        return self.fields is not None and slot.part not in self.fields

    def inline(self, path: str) -> Any:
        """Return the EmbeddedInline of an embedded document or a list, or None."""
        names = [p for p in path.split(".") if not (p.isdecimal() or p.startswith("+"))]
        return self.inlines.get(".".join(names))

    def is_locked(self, slot: Slot) -> bool:
        """Tell whether a place of the document is shown and cannot be changed."""
        return (
            slot.part in self.readonly
            or not slot.field.editable
            or (slot.field.primary_key and not self.adding)
        )

    def _node(
        self,
        slot: Slot,
        path: str,
        keys: str,
        *,
        locked: bool = False,
        is_item: bool = False,
        is_entry: bool = False,
    ) -> EditNode:
        value = slot.value
        node = EditNode(
            path,
            keys,
            _label(slot),
            slot.field,
            value,
            declared=slot.declared,
            extra=slot.extra,
            type=type_name(value),
            initial_type=type_name(value),
            warning=read_error(slot.field, value) if slot.declared else "",
            part=slot.part,
            is_item=is_item,
            is_entry=is_entry,
        )
        if locked or not slot.addressable or "\r" in path or "\n" in path:
            node.kind = "readonly"
            node.text = summary(value, 500)
            return node
        node.kind = self._kind(slot)
        node.states = () if is_item or self._is_key(slot) else _states(slot)
        if is_entry and UNSET not in node.states:
            node.states = (*(node.states or (VALUE,)), UNSET)
        node.initial_state = node.state = _state(value)
        if node.kind == "scalar":
            self._scalar(node)
        elif self._left <= 0:
            node.deferred = True
        else:
            self._container(node)
        return node

    def _is_key(self, slot: Slot) -> bool:
        return slot.declared and slot.field.primary_key

    def _kind(self, slot: Slot) -> str:
        """Return how a value is edited: by its declaration if it fits, else by its type."""
        kind = shape(slot.field)
        if kind in CONTAINERS:
            fits = slot.value in (MISSING, None) or type_name(slot.value) == CONTAINERS[kind]
            return kind if fits else "scalar"
        if kind == "any":
            if isinstance(slot.value, dict):
                return "map"
            return "list" if isinstance(slot.value, list) else "scalar"
        return "scalar"

    # Scalars

    def _scalar(self, node: EditNode) -> None:
        self._left -= 2 if node.states or node.types else 1
        node.control = control_for(node.field, node.base, declared=node.declared)
        node.text = node.control.text
        if node.types and (node.control.kind == "json" or node.base is MISSING):
            node.type = "json" if node.control.kind == "json" else "string"
            node.initial_type = node.type
        if node.control.kind == "file":
            self._take_file(node)
            return
        if self.data is None:
            return
        node.text = self.data.get(node.name, node.text)
        node.type = self.data.get(f"{node.name}:type", node.type) if node.types else node.type
        self._take_state(node)

    def _take_state(self, node: EditNode) -> None:
        if self.data is not None and node.states:
            state = self.data.get(f"{node.name}:state", node.state)
            node.state = state if state in node.states else node.state

    def _take_file(self, node: EditNode) -> None:
        # Without a box for it, nothing else than a file can be meant.
        node.states = ()
        if self.data is None:
            return
        node.upload = self.files.get(node.name)
        node.clears = f"{node.name}:clear" in self.data
        again = f"{node.name}:again" in self.data
        if again and node.upload is None and self.data.get(f"choice:{node.path}") != "theirs":
            node.errors.append(_("Choose the file again: a page cannot keep it."))

    # Containers

    def _container(self, node: EditNode) -> None:
        self._take_state(node)
        inline = self.inline(node.path)
        if inline is not None and not node.is_item:
            node.label = str(inline.verbose_name or node.label)
            node.collapsed = inline.collapsed
            node.tabular = node.kind == "list" and inline.layout == "tabular"
        node.info = self.snapshot.lists.get(node.keys)
        inside = (
            slots_of(node.base, node.field)
            if isinstance(node.base, (dict, list)) or node.kind == "embedded"
            else ()
        )
        for slot in inside:
            index = slot.key + node.start if isinstance(slot.key, int) else None
            if index is None and inline is not None and is_left_out(inline, slot):
                continue
            part = slot.part if index is None else str(index)
            child = self._node(
                slot._replace(part=part),
                f"{node.path}.{part}",
                join_keys(node.keys, part if index is not None else slot.key),
                locked=index is None and is_locked_inside(inline, slot),
                is_item=index is not None,
                is_entry=node.kind == "map",
            )
            if index is not None:
                child.tabular = node.tabular
                self._place(child, index, can_delete=inline is None or inline.can_delete)
            node.children.append(child)
        if self.data is not None and node.kind in {"list", "map"}:
            for number in self.data.getlist(f"{node.name}:new")[:BUDGET]:
                if number.isdecimal() and len(number) < 5:
                    node.children.append(self.new_child(node, number))
        if inline is not None and node.kind == "list" and not node.is_new:
            self._offer(node, inline)

    def _offer(self, node: EditNode, inline: Any) -> None:
        """Add the empty elements that an inline wants to a list, and its headings."""
        room = None if inline.max_num is None else inline.max_num - node.total
        node.can_add = room is None or room > 0
        if self.data is None:
            wanted = max(inline.extra, (inline.min_num or 0) - node.total)
            for count in range(1, (wanted if room is None else min(wanted, room)) + 1):
                child = self.new_child(node, str(count))
                child.is_extra = True
                node.children.append(child)
        if node.tabular:
            left = self._left
            node.columns = [child.label for child in self.new_child(node, "0").children]
            self._left = left

    def _place(self, child: EditNode, index: int, *, can_delete: bool) -> None:
        self._left -= 2
        child.can_delete = can_delete
        child.position = str(index + 1)
        if self.data is not None:
            child.deleted = can_delete and f"{child.name}:delete" in self.data
            child.position = self.data.get(f"{child.name}:position", child.position)

    def new_child(self, node: EditNode, number: str) -> EditNode:
        """Return an empty element of a list, or entry of a map."""
        inner = getattr(node.field, "base_field", ANY)
        part = f"+{number}"
        slot = Slot(part, part, inner, MISSING, declared=inner is not ANY)
        child = self._node(
            slot, f"{node.path}.{part}", join_keys(node.keys, part), is_item=node.kind == "list"
        )
        child.is_new = True
        child.tabular = node.tabular
        child.states = ()
        child.state = VALUE
        child.label = _("New entry") if node.kind == "map" else _("New element")
        if self.data is not None:
            child.deleted = f"{child.name}:delete" in self.data
            child.is_extra = f"{child.name}:extra" in self.data
            child.position = self.data.get(f"{child.name}:position", "")
            child.new_key = self.data.get(f"{child.name}:key", "")
        return child

    def add_item(self, path: str) -> EditNode | None:
        """Add an empty element to the list or map at `path`; return it."""
        node = self.find(path)
        if node is None or node.kind not in {"list", "map"} or node.deferred:
            return None
        taken = [int(child.part[1:]) for child in node.children if child.is_new]
        child = self.new_child(node, str(max(taken, default=0) + 1))
        node.children.append(child)
        node.state = VALUE
        return child

    @property
    def files_wanted(self) -> list[EditNode]:
        """Return the inputs for files."""
        return [node for node in self.walk() if node.control.kind == "file"]

    # Finding

    def walk(self) -> Iterator[EditNode]:
        """Yield all nodes."""
        for node in self.nodes:
            yield from node.walk()

    def find(self, path: str) -> EditNode | None:
        """Return the node of a path."""
        return next((node for node in self.walk() if node.path == path), None)

    def page_path(self, path: str) -> str:
        """Return the path that a path of the saved document has on the page."""
        nodes, node, parts = self.nodes, None, []
        for part in path.split("."):
            if node is not None and part.isdecimal():
                part = node.origins.get(int(part), part)
            node = next((n for n in nodes if part in (n.part, n.new_key)), None)
            parts.append(part if node is None else node.part)
            nodes = [] if node is None else node.children
        return ".".join(parts)

    def make(self, path: str) -> EditNode | None:
        """Return the node of a path, with the new elements that the path names."""
        nodes = self.nodes
        node: EditNode | None = None
        for part in path.split("."):
            found = next((n for n in nodes if n.part == part), None)
            if found is None:
                number = part.removeprefix("+")
                if node is None or node.kind not in {"list", "map"}:
                    return None
                if number == part or not number.isdecimal():
                    return None
                found = self.new_child(node, number)
            node, nodes = found, found.children
        return node

    @property
    def errors(self) -> dict[str, list[str]]:
        """Return the messages by path, as Django's forms do."""
        found = {node.path: node.errors for node in self.walk() if node.errors}
        return found | ({"__all__": self.non_field_errors} if self.non_field_errors else {})

    def add_errors(self, errors: Mapping[str, list[str]]) -> None:
        """Put messages at their paths, or at the nearest path that is on the page."""
        for path, messages in errors.items():
            target, rest = self.find(path), ""
            while target is None and "." in path:
                path, _dot, part = path.rpartition(".")
                rest = f"{part}.{rest}" if rest else part
                target = self.find(path)
            shown = [f"{rest}: {text}" for text in messages] if rest else messages
            if target is not None:
                target.errors.extend(text for text in shown if text not in target.errors)
            else:
                self.non_field_errors.extend(
                    text if path == "__all__" else f"{path}: {text}" for text in shown
                )


def is_left_out(inline: Any, slot: Slot) -> bool:
    """Tell whether an inline does not show a field."""
    if inline.fields is not None and slot.part not in inline.fields:
        return True
    return slot.part in (inline.exclude or ())


def is_locked_inside(inline: Any, slot: Slot) -> bool:
    """Tell whether a field of an embedded document cannot be changed."""
    if slot.declared and not slot.field.editable:
        return True
    return inline is not None and slot.part in inline.readonly_fields


def _label(slot: Slot) -> str:
    if slot.declared and slot.field.name == slot.part and slot.field.verbose_name:
        return str(slot.field.verbose_name)
    return slot.part


def _state(value: Any) -> str:
    if value is MISSING:
        return UNSET
    return NULL if value is None else VALUE


def _states(slot: Slot) -> tuple[str, ...]:
    """Return the states that the declaration allows, and the stored one."""
    states = [VALUE]
    if not slot.declared:
        return (VALUE, UNSET)
    if slot.field.null or slot.value is None:
        states.append(NULL)
    if slot.field.blank or (slot.value is MISSING and shape(slot.field) in CONTAINERS):
        states.append(UNSET)
    return tuple(states) if len(states) > 1 else ()


def readonly_names(meta: Any, names: Collection[str]) -> frozenset[str]:
    """Check that each name is a field; raise FieldDoesNotExist."""
    for name in names:
        try:
            meta.get_field(name)
        except FieldDoesNotExist:
            if not hasattr(meta.model, name):
                raise
    return frozenset(names)
