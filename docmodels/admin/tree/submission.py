"""What a submitted edit page changes: a list of changes, each at one path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.widgets import FILE_INPUT_CONTRADICTION
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from docmodels.admin.tree.controls import is_same, parse_declared, parse_typed
from docmodels.admin.tree.counts import judge_counts
from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.inputs import NULL, UNSET, VALUE, EditNode
from docmodels.admin.tree.values import summary, unchanged
from docmodels.fields import TextField
from docmodels.forms.mapping import formfield
from docmodels.tracking import MISSING, is_safe_key


class Unchanged:
    """The value of an input that nobody touched."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED = Unchanged()


@dataclass(slots=True)
class Change:
    """What is to be done at one path."""

    #: Dotted names; lists by the index that the element had on the page.
    path: str
    #: The keys in MongoDB, as `join_keys` joins them.
    keys: str
    node: EditNode
    #: "set", "unset", "append" or "arrange".
    kind: str
    #: What the page was made from.
    base: Any = MISSING
    #: The new value; for "append" a list of them.
    value: Any = MISSING
    #: For "arrange": old indexes and `Added` elements in their new order.
    order: list[Any] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    #: The names of appended elements on the page, for messages.
    parts: list[str] = field(default_factory=list)

    @property
    def shown(self) -> SafeString:
        """Return the new value on one line."""
        if self.kind == "arrange":
            return summary([_plain(item) for item in self.order], 300)
        return summary(_plain(self.value), 300)

    @property
    def base_shown(self) -> SafeString:
        """Return the value before on one line."""
        return summary(self.base, 300)


@dataclass(slots=True)
class Added:
    """A new element in a rearranged list."""

    value: Any
    part: str


def _plain(item: Any) -> Any:
    return item.value if isinstance(item, Added) else item


def read(tree: EditTree) -> list[Change]:
    """Return what the submitted tree changes; put what cannot be read into its errors."""
    changes = [change for node in tree.nodes for change in _changes(node)]
    judge_counts(tree)
    tree.changed_data = [change.path for change in changes]
    return changes


def compose_all(tree: EditTree) -> dict[str, Any]:
    """Return the values of a tree that makes a new document, by field name."""
    values = {}
    for node in tree.nodes:
        value = compose(node)
        if value is not MISSING:
            values[node.part] = value
    judge_counts(tree)
    tree.changed_data = list(values)
    return values


def _changes(node: EditNode) -> Iterator[Change]:
    if node.kind == "readonly" or node.deferred:
        return
    if node.kind == "scalar":
        value = _scalar(node)
        if value is not UNCHANGED:
            yield _set(node, value)
        return
    if node.initial_state != VALUE:
        yield from _filled(node)
    elif node.states and node.state != VALUE:
        yield _set(node, None if node.state == NULL else MISSING)
    elif node.kind == "list":
        yield from _list(node)
    else:
        yield from _inside(node)


def _set(node: EditNode, value: Any) -> Change:
    kind = "unset" if value is MISSING else "set"
    return Change(node.path, node.keys, node, kind, node.base, value)


def _filled(node: EditNode) -> Iterator[Change]:
    """Yield the change of a container that was not there, or was null."""
    if node.states and node.state != node.initial_state and node.state != VALUE:
        yield _set(node, None if node.state == NULL else MISSING)
        return
    value = compose(node)
    # Whoever fills an input means it, whatever the choice beside it says.
    if value is MISSING or (not value and (node.state != VALUE or not node.states)):
        return
    yield _set(node, value)


def _inside(node: EditNode) -> Iterator[Change]:
    taken = set(node.base if isinstance(node.base, dict) else ())
    for child in node.children:
        if not child.is_new:
            yield from _changes(child)
        elif not child.deleted and (key := _new_key(child, taken)):
            taken.add(key)
            value = compose(child)
            if value is not MISSING:
                yield Change(
                    f"{node.path}.{key}", f"{node.keys}\x00{key}", child, "set", MISSING, value
                )


def _new_key(child: EditNode, taken: set[str]) -> str:
    key = child.new_key.strip()
    if not key:
        if child.text or any(inner.text for inner in child.walk()):
            child.errors.append(_("Give the entry a key."))
        return ""
    if key in taken:
        child.errors.append(_("There is an entry with this key already."))
        return ""
    if not is_safe_key(key):
        child.errors.append(
            _("A key is text without a dot, and does not start with a dollar sign.")
        )
        return ""
    return key


# Lists


def _list(node: EditNode) -> Iterator[Change]:
    kept: list[tuple[float, int]] = []
    removed: list[int] = []
    moved = False
    for child in node.children:
        if child.is_new:
            continue
        index = int(child.part)
        if child.deleted:
            removed.append(index)
            continue
        wanted = _position(child, index)
        moved = moved or wanted != index
        # One that moves down stands after the element whose place it takes.
        kept.append((wanted + (0.5 if wanted > index else -0.5 if wanted < index else 0), index))
        yield from _changes(child)
    added = [
        (_position(child, node.total), Added(value, child.part))
        for child in node.children
        if child.is_new and not child.deleted and (value := _new_item(child)) is not MISSING
    ]
    inserted = any(place < node.total for place, _added in added)
    if not (removed or moved or inserted):
        if added:
            values = [item.value for _place, item in added]
            parts = [item.part for _place, item in added]
            yield Change(node.path, node.keys, node, "append", node.base, values, parts=parts)
        return
    shown = {index for _place, index in kept} | set(removed)
    kept += [(index, index) for index in range(node.total) if index not in shown]
    places: list[tuple[float, Any]] = [*kept, *((place - 0.5, item) for place, item in added)]
    places.sort(key=lambda pair: pair[0])
    order = [item for _place, item in places]
    yield Change(node.path, node.keys, node, "arrange", node.base, order=order, removed=removed)


def _position(child: EditNode, default: int) -> int:
    text = child.position.strip()
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= 10_000_000:
        child.errors.append(
            _("“%(value)s” is no position, expected 1, 2, 3 …") % {"value": text[:20]}
        )
        return default
    return int(text) - 1


def _new_item(child: EditNode) -> Any:
    if not child.is_filled:
        return MISSING
    if child.kind == "scalar" and child.text == "" and child.type != "null":
        return MISSING
    return compose(child)


# New values


def compose(node: EditNode) -> Any:
    """Return the value that the inputs of `node` make, or MISSING."""
    if node.kind == "readonly" or node.deferred:
        return MISSING
    if node.kind == "scalar":
        value = _scalar(node)
        return node.base if value is UNCHANGED else value
    if node.kind == "list":
        value = _compose_list(node)
    else:
        value = {}
        for child in node.children:
            key = child.part
            if child.is_new:
                key = "" if child.deleted else _new_key(child, set(value))
            if key and (inner := compose(child)) is not MISSING:
                value[key] = inner
    if value:
        return value
    if node.states:
        return {VALUE: value, NULL: None, UNSET: MISSING}[node.state]
    return MISSING if node.kind == "list" else value


def _compose_list(node: EditNode) -> list[Any]:
    placed: list[tuple[float, str, Any]] = []
    for number, child in enumerate(node.children):
        if child.deleted:
            continue
        value = _new_item(child) if child.is_new else compose(child)
        if value is not MISSING:
            wanted = _position(child, number)
            bias = 0.5 if wanted > number else -0.5 if wanted < number else 0
            placed.append((wanted + bias, child.part, value))
    placed.sort(key=lambda item: item[0])
    node.origins = {index: part for index, (_place, part, _value) in enumerate(placed)}
    return [value for _place, _part, value in placed]


# Scalars


def _scalar(node: EditNode) -> Any:
    """Return the new value of an input, MISSING to remove it, or UNCHANGED."""
    if node.control.kind == "file":
        return _file(node)
    state = node.state if node.states else VALUE
    same_input = is_same(node.control, node.text)
    if state != VALUE and state == node.initial_state and not same_input:
        # Typing a value means it, also without the choice beside it.
        state = node.state = VALUE
    if state != VALUE:
        absent = MISSING if state == UNSET else None
        return UNCHANGED if node.base is absent else absent
    untouched = same_input and node.type == node.initial_type
    if untouched and (node.initial_state == VALUE or node.state == node.initial_state):
        return UNCHANGED
    try:
        value = _parse(node)
    except ValidationError as error:
        node.errors.extend(error.messages)
        return UNCHANGED
    return UNCHANGED if unchanged(node.base, value) else value


def _file(node: EditNode) -> Any:
    """Return the file that was sent, MISSING or None to take it away, or UNCHANGED."""
    if node.upload is None:
        if not (node.clears and node.can_clear):
            return UNCHANGED
        return MISSING if node.field.blank else None
    # The form field of Django knows empty and damaged files, and two answers at once.
    judge = formfield(node.field, states=False, required=False)
    given = FILE_INPUT_CONTRADICTION if node.clears else node.upload
    try:
        return judge.clean(given)  # type: ignore[union-attr]
    except ValidationError as error:
        node.errors.extend(error.messages)
        return UNCHANGED


def _parse(node: EditNode) -> Any:
    if node.types:
        return parse_typed(node.type, node.base, node.text)
    is_text = isinstance(node.field, TextField) and node.control.kind not in {"json", "select"}
    if is_text and node.text == "":
        return ""
    value = parse_declared(node.field, node.control, node.base, node.text)
    if value is not None or node.text.strip() == "null":
        return value
    if node.field.blank:
        return MISSING
    if node.field.null:
        return None
    raise node.field.error("required")
