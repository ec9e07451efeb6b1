"""
A document edited as Extended JSON: what the new text changes, path by path.

The result is a list of changes like that of the inputs, so that the same
guarded save carries them out: what was not touched is not written, and what
the options of the DocumentAdmin lock stays locked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from docmodels.admin.tree.diff import digest
from docmodels.admin.tree.edit import EditTree, is_left_out, is_locked_inside
from docmodels.admin.tree.inputs import EditNode
from docmodels.admin.tree.slots import Slot, embedded_in, hides, shape, slots_of
from docmodels.admin.tree.snapshot import join_keys
from docmodels.admin.tree.submission import Added, Change
from docmodels.admin.tree.values import unchanged
from docmodels.fields import ANY, Field, ListField
from docmodels.forms.texts import from_ejson, to_ejson
from docmodels.tracking import MISSING

# A value of one type, as the encoder breaks it into lines; no string has a line break.
_WRAPPED = re.compile(r'\{\n\s+("\$\w+": (?:"[^"\\]*"|\{"\$\w+": "[^"\\]*"\}))\n\s*\}')


def document_text(document: dict[str, Any]) -> str:
    """Return canonical Extended JSON with each value on one line."""
    text = to_ejson(document, indent=2)
    # Twice: a date is a number of milliseconds inside of a date.
    return _WRAPPED.sub(r"{\1}", _WRAPPED.sub(r"{\1}", text))


def parse_document(text: str) -> dict[str, Any]:
    """Read a document from Extended JSON; raise ValidationError."""
    value = from_ejson(text)
    if not isinstance(value, dict):
        raise ValidationError(_("Expected an object: { … }."))
    json.loads(text, object_pairs_hook=_unique_keys)
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> None:
    # The decoder would keep the last one and say nothing.
    seen: set[str] = set()
    for key, _value in pairs:
        if key in seen:
            raise ValidationError(_("The key “%(key)s” stands there twice."), params={"key": key})
        seen.add(key)


def shown_document(tree: EditTree) -> dict[str, Any]:
    """Return the part of the document that may be edited as a whole."""
    meta = tree.meta
    slots = {slot.key: slot for slot in slots_of(tree.snapshot.document, ANY, meta)}
    return {
        key: value
        for key, value in tree.snapshot.document.items()
        if key != meta.version_key and key in slots and not tree.is_excluded(slots[key])
    }


class RawReader:
    """Compare the document of a page with the one that was typed."""

    def __init__(self, tree: EditTree) -> None:
        self.tree = tree
        self.changes: list[Change] = []

    def read(self, new: dict[str, Any]) -> list[Change]:
        """Return the changes; put what cannot be changed into the errors of the tree."""
        old = shown_document(self.tree)
        # Nodes are made along the changed paths alone: errors have their places there.
        self.tree.nodes = []
        self._objects(old, new, None, ANY)
        self.tree.changed_data = [change.path for change in self.changes]
        return self.changes

    # Objects

    def _objects(
        self, old: dict[str, Any], new: dict[str, Any], node: EditNode | None, field: Field[Any]
    ) -> None:
        meta = self.tree.meta if node is None else None
        model = embedded_in(field) if shape(field) == "embedded" else None
        declaring = meta or getattr(model, "_meta", None)
        for declared in declaring.fields if declaring else ():
            if declared.hidden and declared.db_field in new:
                self._refuse(node, declared.db_field, _("This key cannot be changed here."))
        left = {slot.key: slot for slot in slots_of(old, field, meta)}
        right = {slot.key: slot for slot in slots_of(new, field, meta)}
        for key, slot in (left | right).items():
            before = left[key].value if key in left else MISSING
            after = right[key].value if key in right else MISSING
            if not unchanged(before, after):
                self._place(slot._replace(value=before), after, node)

    def _place(self, slot: Slot, after: Any, parent: EditNode | None) -> None:
        if not slot.addressable:
            message = _("No path can name this key, so it can only stay as it is.")
            self._refuse(parent, slot.part, message)
        elif self._is_locked(slot, parent):
            self._refuse(parent, slot.part, _("This cannot be changed here."))
        else:
            self._compare(self._node(slot, parent), after)

    def _is_locked(self, slot: Slot, parent: EditNode | None) -> bool:
        if parent is None:
            is_version = slot.key == self.tree.meta.version_key
            return is_version or self.tree.is_excluded(slot) or self.tree.is_locked(slot)
        inline = self.tree.inline(parent.path)
        if inline is not None and is_left_out(inline, slot):
            return True
        return is_locked_inside(inline, slot)

    def _compare(self, node: EditNode, after: Any) -> None:
        before = node.base
        if unchanged(before, after):
            return
        if isinstance(before, dict) and isinstance(after, dict):
            self._objects(before, after, node, node.field)
        elif isinstance(before, list) and isinstance(after, list):
            self._lists(before, after, node)
        else:
            kind = "unset" if after is MISSING else "set"
            self.changes.append(Change(node.path, node.keys, node, kind, before, after))

    # Lists

    def _lists(self, old: list[Any], new: list[Any], node: EditNode) -> None:
        order: list[Any] = []
        removed: list[int] = []
        before, after = list(map(digest, old)), list(map(digest, new))
        for tag, left, left_end, right, right_end in _opcodes(before, after):
            if tag == "equal":
                order += range(left, left_end)
            elif left_end - left == right_end - right:
                order += range(left, left_end)
                for index, value in zip(range(left, left_end), new[right:right_end], strict=True):
                    self._item(node, index, old[index], value)
            else:
                if left < left_end and right < right_end and self._hides(node.field):
                    message = _("Nobody can tell which elements were kept. Edit them in the form.")
                    node.errors.append(message)
                removed += range(left, left_end)
                order += [Added(new[at], f"+{at + 1}") for at in range(right, right_end)]
        added = [item for item in order if isinstance(item, Added)]
        if not removed and not added:
            return
        change = Change(node.path, node.keys, node, "arrange", old, order=order, removed=removed)
        if not removed and order == [*range(len(old)), *added]:
            change.kind, change.order = "append", []
            change.value = [item.value for item in added]
            change.parts = [item.part for item in added]
        self.changes.append(change)

    def _hides(self, field: Field[Any]) -> bool:
        model = embedded_in(field)
        return model is not None and hides(model._meta)

    def _item(self, node: EditNode, index: int, old: Any, new: Any) -> None:
        inner = node.field.base_field if isinstance(node.field, ListField) else ANY
        slot = Slot(str(index), str(index), inner, old, declared=inner is not ANY)
        self._compare(self._node(slot, node), new)

    # Nodes

    def _node(self, slot: Slot, parent: EditNode | None) -> EditNode:
        path = slot.part if parent is None else f"{parent.path}.{slot.part}"
        keys = slot.key if parent is None else join_keys(parent.keys, slot.key)
        node = EditNode(path, keys, slot.part, slot.field, slot.value, part=slot.part)
        (self.tree.nodes if parent is None else parent.children).append(node)
        return node

    def _refuse(self, parent: EditNode | None, part: str, message: str) -> None:
        path = part if parent is None else f"{parent.path}.{part}"
        self.tree.non_field_errors.append(f"{path}: {message}")


def _opcodes(before: list[bytes], after: list[bytes]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(before) == len(after):
        # Element by element: who changes a value means this element.
        return [("replace", 0, len(before), 0, len(after))]
    return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
