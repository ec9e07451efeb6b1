"""Where an expression stands: over documents or in a group, with which names and variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from docmodels.fields import ANY, Field


class Accumulators:
    """Collect the accumulators of a `$group` while its values are compiled."""

    def __init__(self) -> None:
        self.stage: dict[str, Any] = {}

    def add(self, accumulator: dict[str, Any]) -> str:
        """Return the key of an accumulator in the group's row; equal ones share it."""
        for key, known in self.stage.items():
            if known == accumulator:
                return key
        key = f"a{len(self.stage)}"
        self.stage[key] = accumulator
        return key


@dataclass(frozen=True, slots=True)
class Context:
    """
    Where an expression stands.

    `DOCUMENT` is the plain one: over the values of one stored document or row.
    """

    #: Takes the accumulators in a `$group`; None over single documents.
    accumulators: Accumulators | None = None
    #: What names stand for instead of paths: expressions of the same stage.
    names: Mapping[str, Any] = field(default_factory=dict)
    #: Names of variables (`$$item`), with the field of what they hold.
    variables: Mapping[str, Field[Any]] = field(default_factory=dict)

    def with_variable(self, name: str, of: Field[Any] | None) -> Context:
        """Return the context inside of an expression that defines a variable."""
        return replace(self, variables={**self.variables, name: ANY if of is None else of})

    def knows(self, name: str) -> bool:
        """Return whether a name is not a path, but stands for something of the context."""
        return name in self.names or name.partition("__")[0] in self.variables


DOCUMENT = Context()
