"""Carry out planned changes on a document, and lead its errors back to the inputs."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.submission import Added, Change
from docmodels.documents import edited, paths
from docmodels.tracking import MISSING

if TYPE_CHECKING:
    from docmodels.admin.conflicts import Planned


class Applier:
    """Apply changes to one loaded document."""

    def __init__(self, document: Any, tree: EditTree) -> None:
        self.document = document
        self.tree = tree
        self._base = tree.snapshot.document
        #: Messages by the path of an input.
        self.errors: dict[str, list[str]] = {}

    def apply(self, planned: Sequence[Planned]) -> None:
        """Apply all changes, inner ones before the lists around them are rearranged."""
        for plan in sorted(planned, key=lambda plan: plan.change.kind in {"append", "arrange"}):
            try:
                self._apply(plan)
            except ValidationError as error:
                self._refuse(plan.change, error)

    def _apply(self, plan: Planned) -> None:
        change, path = plan.change, plan.place.path
        if plan.restore:
            self._restore(plan)
        elif change.kind == "append":
            self._append(path, change)
        elif change.kind == "arrange":
            self._arrange(path, plan)
        elif change.value is MISSING:
            self.document.unset_path(path)
        else:
            self._origins_of_index(plan)
            self.document.set_path(path, change.value)

    def _origins_of_index(self, plan: Planned) -> None:
        # An element may stand elsewhere now than on the page.
        here, there = plan.place.path.split("."), plan.change.path.split(".")
        for depth, (now, then) in enumerate(zip(here, there, strict=True)):
            if now != then and (node := self.tree.find(".".join(there[:depth]))) is not None:
                node.origins[int(now)] = then

    def _append(self, path: str, change: Change) -> None:
        items = self.document.get_path(path)
        origins = change.node.origins
        if not isinstance(items, list):
            self.document.set_path(path, change.value)
            origins.update(enumerate(change.parts))
            return
        for part, value in zip(change.parts, change.value, strict=True):
            try:
                items.append(value)
            except ValidationError as error:
                self._note(f"{change.path}.{part}", error)
            else:
                origins[len(items) - 1] = part

    def _arrange(self, path: str, plan: Planned) -> None:
        items = self.document.get_path(path)
        stored = list(items) if isinstance(items, list) else []
        old = plan.change.node.origins
        origins: dict[int, str] = {}
        rearranged: list[Any] = []
        for item in plan.order:
            if isinstance(item, Added):
                origins[len(rearranged)] = item.part
                rearranged.append(item.value)
            elif item < len(stored):
                origins[len(rearranged)] = old.get(item, str(item))
                rearranged.append(stored[item])
        plan.change.node.origins = origins
        if isinstance(items, list):
            items[:] = rearranged
        else:
            self.document.set_path(path, rearranged)

    def _restore(self, plan: Planned) -> None:
        """Make again what somebody else removed, with the change in it."""
        names, keys = plan.change.path.split("."), plan.change.keys.split("\x00")
        depth = plan.place.reached
        base: Any = self._base
        for key in keys[:depth]:
            base = base[int(key)] if isinstance(base, list) else base[key]
        parent = self.document.get_path(".".join(names[:depth])) if depth else self.document
        if not isinstance(base, list) or not isinstance(parent, list):
            self._restore_parent(plan, names, keys, depth)
            return
        field = self.document._meta.resolve(".".join(names[: depth + 1])).field
        item = field.from_db(copy.deepcopy(base[int(keys[depth])]))
        rest = ".".join(names[depth + 1 :])
        if not rest:
            item = plan.change.value
        elif plan.change.value is not MISSING:
            paths.set_path(item, rest, plan.change.value)
        parent.append(item)

    def _restore_parent(self, plan: Planned, names: list[str], keys: list[str], depth: int) -> None:
        field = self.document._meta.resolve(".".join(names[:depth])).field
        base: Any = self._base
        for key in keys[:depth]:
            base = base[int(key)] if isinstance(base, list) else base[key]
        item = field.from_db(copy.deepcopy(base))
        if plan.change.value is not MISSING:
            paths.set_path(item, ".".join(names[depth:]), plan.change.value)
        self.document.set_path(".".join(names[:depth]), item)

    # Errors

    def _refuse(self, change: Change, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self._note(change.path, error)
            return
        for path, messages in error.message_dict.items():
            self.errors.setdefault(self.tree.page_path(path), []).extend(messages)

    def _note(self, path: str, error: ValidationError) -> None:
        if hasattr(error, "error_dict"):
            for inner, messages in error.message_dict.items():
                where = path if inner in {"", NON_FIELD_ERRORS} else f"{path}.{inner}"
                self.errors.setdefault(where, []).extend(messages)
        else:
            self.errors.setdefault(path, []).extend(error.messages)

    def add_errors(self, error: ValidationError) -> None:
        """Take all errors of a refused save."""
        if not hasattr(error, "error_dict"):
            self.errors.setdefault(NON_FIELD_ERRORS, []).extend(error.messages)
            return
        for path, messages in error.message_dict.items():
            found = self.errors.setdefault(self.tree.page_path(path), [])
            found.extend(message for message in messages if message not in found)

    def validate(self) -> None:
        """Judge what was changed; a bad value elsewhere does not stand in the way."""
        concerns = edited.make_test(self.document)
        self.add_errors(ValidationError(self.document.collect_errors(concerns=concerns)))
