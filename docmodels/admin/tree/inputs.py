"""One place on the edit page: what is stored, what is shown, what was typed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from docmodels.admin.tree.controls import Control
from docmodels.admin.tree.slots import shape
from docmodels.admin.tree.snapshot import PAGE, ListInfo
from docmodels.admin.tree.values import INPUT_TYPES, inert
from docmodels.fields import Field, ImageField, TextField

VALUE, NULL, UNSET = "value", "null", "unset"

STATE_LABELS = {VALUE: _("a value"), NULL: _("null"), UNSET: _("unset")}


NO_CONTROL = Control("text", "")


@dataclasses.dataclass(slots=True, eq=False)
class EditNode:
    """One place in the document, with its input."""

    path: str
    #: The path of keys in MongoDB (`join_keys`).
    keys: str
    label: str
    field: Field[Any]
    #: The stored value (lists as the snapshot has them), or MISSING.
    base: Any
    #: "scalar", "embedded", "map", "list" or "readonly".
    kind: str = "scalar"
    declared: bool = True
    #: Whether the class of the document does not declare it.
    extra: bool = False
    control: Control = NO_CONTROL
    #: Which of value, null and unset a person may choose from.
    states: tuple[str, ...] = ()
    initial_state: str = VALUE
    state: str = VALUE
    #: The BSON type, of an undeclared value the chosen one.
    type: str = ""
    initial_type: str = ""
    text: str = ""
    errors: list[str] = dataclasses.field(default_factory=list)
    #: Why the stored value is not as declared.
    warning: str = ""
    children: list[EditNode] = dataclasses.field(default_factory=list)
    #: For a list of which a part is shown.
    info: ListInfo | None = None
    #: The index in a list, "+1" … for new elements; the key of a new map entry.
    part: str = ""
    is_item: bool = False
    is_entry: bool = False
    is_new: bool = False
    #: Whether a new element was offered unasked, and is none while it is empty.
    is_extra: bool = False
    deleted: bool = False
    can_delete: bool = True
    #: Whether a list takes more elements.
    can_add: bool = True
    #: Whether the group is closed at first.
    collapsed: bool = False
    #: Whether the elements of a list, or the parts of an element, stand in one row.
    tabular: bool = False
    #: The headings of such rows.
    columns: list[str] = dataclasses.field(default_factory=list)
    position: str = ""
    #: The typed key of a new entry of a map.
    new_key: str = ""
    #: For a list that is rebuilt: the part of the page that each index came from.
    origins: dict[int, str] = dataclasses.field(default_factory=dict)
    #: Whether the inputs are left to a page of their own.
    deferred: bool = False
    note: str = ""
    url: str = ""
    #: The stored file of an input for files; the one that was sent; whether to take it away.
    file: Any = None
    upload: Any = None
    clears: bool = False

    @property
    def name(self) -> str:
        """Return the name of the input."""
        return f"f:{self.path}"

    @property
    def html_id(self) -> str:
        """Return the id of the input."""
        return "f-" + re.sub(r"[^\w.+-]", "_", self.path)

    @property
    def parent_name(self) -> str:
        """Return the name of the list or map that a new element is in."""
        return f"f:{self.path.rpartition('.')[0]}"

    @property
    def number(self) -> str:
        """Return the number of a new element."""
        return self.part.removeprefix("+")

    @property
    def types(self) -> tuple[str, ...]:
        """Return the types to choose from; only undeclared values have a choice."""
        if self.kind != "scalar" or (self.declared and shape(self.field) != "any"):
            return ()
        return INPUT_TYPES

    @property
    def state_choices(self) -> list[tuple[str, Any]]:
        """Return the states with their labels."""
        return [(state, STATE_LABELS[state]) for state in self.states]

    @property
    def shows_states(self) -> bool:
        """Return whether the input alone cannot say which state is meant."""
        if len(self.states) != 2 or not self.declared:
            return bool(self.states)
        return isinstance(self.field, TextField) or shape(self.field) == "any" or self.is_entry

    @property
    def is_required(self) -> bool:
        """Return whether a value must be given."""
        return self.declared and self.field.required and not self.is_item and not self.states

    @property
    def has_empty_option(self) -> bool:
        """Return whether a select offers nothing."""
        return not self.text or UNSET in self.states or NULL in self.states

    @property
    def accepts_images(self) -> bool:
        """Return whether the input for files is for images alone."""
        return isinstance(self.field, ImageField)

    @property
    def can_clear(self) -> bool:
        """Return whether a stored file may be taken away."""
        return bool(self.control.text) and (self.field.blank or self.field.null)

    @property
    def rows(self) -> int:
        """Return the height of a text area."""
        lines = self.text.count("\n") + sum(len(line) // 80 for line in self.text.split("\n"))
        return min(max(lines + 1, 2), 14)

    @property
    def is_filled(self) -> bool:
        """Return whether a new element counts: one offered unasked must hold something."""
        if self.deleted or not self.is_extra:
            return not self.deleted
        return any(node.text != node.control.text for node in self.walk() if node.kind == "scalar")

    @property
    def item_summary(self) -> str:
        """Return one line about an element."""
        texts = [child.text for child in self.children if child.kind == "scalar" and child.text]
        return inert(" · ".join(texts), 90)

    @property
    def previous_start(self) -> int:
        """Return where the page of elements before starts."""
        return max(self.start - PAGE, 0)

    @property
    def total(self) -> int:
        """Return the number of stored elements."""
        if self.info is not None:
            return self.info.total
        return len(self.base) if isinstance(self.base, list) else 0

    @property
    def start(self) -> int:
        """Return the index of the first element shown."""
        return self.info.start if self.info is not None else 0

    @property
    def next_start(self) -> int | None:
        """Return where the next page of elements starts."""
        following = self.start + sum(not child.is_new for child in self.children)
        return following if following < self.total else None

    @property
    def has_errors(self) -> bool:
        """Return whether something here or below is wrong."""
        return bool(self.errors) or any(child.has_errors for child in self.children)

    @property
    def is_open(self) -> bool:
        """Return whether the group starts open."""
        return self.has_errors or (self.state == VALUE and not self.collapsed)

    def walk(self) -> Iterator[EditNode]:
        """Yield the node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()
