"""How many elements a list may have, as its EmbeddedInline says."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from docmodels.admin.tree.edit import EditTree
from docmodels.admin.tree.inputs import VALUE, EditNode


def judge_counts(tree: EditTree) -> None:
    """Put errors to lists that a submitted page makes too short or too long."""
    for node in tree.walk():
        inline = tree.inline(node.path)
        if inline is None or node.kind != "list" or node.deferred or node.is_new:
            continue
        removed = sum(child.deleted for child in node.children if not child.is_new)
        added = sum(child.is_new and child.is_filled for child in node.children)
        if node.states and node.state != VALUE and not added:
            continue
        # A stored list that nobody touched does not stand in the way of other changes.
        if added or removed or tree.adding:
            _judge(node, inline, node.total - removed + added)


def _judge(node: EditNode, inline: Any, count: int) -> None:
    least, most = inline.min_num or 0, inline.max_num
    if count < least:
        text = _("%(count)s given, expected at least %(limit)s.")
        node.errors.append(text % {"count": count, "limit": least})
    elif most is not None and count > most:
        text = _("%(count)s given, expected at most %(limit)s.")
        node.errors.append(text % {"count": count, "limit": most})
