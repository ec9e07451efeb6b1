"""Run checks over whole collections, in batches, from where an earlier run was ended."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from docmodels.connections import connections, router
from docmodels.integrity.positions import Position
from docmodels.integrity.scanning import pages
from docmodels.tracking import MISSING


@dataclasses.dataclass
class Finding:
    """What is wrong at one path in some documents."""

    #: The class and the path.
    label: str
    #: What mending does.
    action: str
    #: The keys of the documents.
    ids: list[Any]
    #: How many documents were mended.
    mended: int = 0
    #: Why they could not be, if something forbids it.
    refusal: str = ""


class Check(ABC):
    """What is looked for in the documents of one class."""

    #: What it is about, in one word.
    kind = ""
    #: Keys of the stored documents that are read.
    keys: set[str]

    def __init__(self, model: Any, using: str | None = None, *, mend: bool = False) -> None:
        self.model = model
        self.mend = mend
        #: The alias that is read.
        self.alias = using or router.db_for_read(model)
        is_read_only = connections[self.alias].read_only
        #: The alias that mending writes to, and that knows the truth.
        self.writing_alias = (
            router.db_for_write(model) if using is None or is_read_only else self.alias
        )

    @property
    def name(self) -> str:
        """Return what tells the check from others of a run."""
        return f"{self.kind} of {self.model._meta.label}"

    @abstractmethod
    def __bool__(self) -> bool:
        """Return whether there is anything to look at."""

    @abstractmethod
    def look(self, raws: list[dict[str, Any]]) -> Iterable[Finding]:
        """Yield what is wrong in some stored documents; mend it if that is wanted."""


class Run:
    """Checks one after the other, and where they are."""

    def __init__(self, checks: Iterable[Check], position: Position, *, size: int) -> None:
        self.checks = [check for check in checks if check]
        self.position = position
        self.size = size

    def __iter__(self) -> Iterator[Check]:
        """Yield the running check after each batch, when its position is kept."""
        position = self.position
        for check in self.checks:
            if check.name in position.done:
                continue
            after = position.after if position.current == check.name else MISSING
            for raws in pages(check.model, check.alias, check.keys, size=self.size, after=after):
                for finding in check.look(raws):
                    position.add(finding)
                position.move(check.name, raws[-1]["_id"], len(raws))
                yield check
            position.finish(check.name)
            yield check
        position.forget()
