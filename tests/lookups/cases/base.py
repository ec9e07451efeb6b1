"""One case of the table, and what stored documents are made of."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st


class Case(NamedTuple):
    """A condition, the filter it compiles to, and the same in plain Python."""

    #: The condition: `path__lookup` of a keyword, or a Q as a whole.
    key: str
    value: Any
    #: The filter that is sent.
    compiled: dict[str, Any]
    #: Whether a stored document meets the condition.
    matches: Callable[[dict[str, Any]], bool]

    def __repr__(self) -> str:
        return f"{self.key}={self.value!r}"


def documents_of(**paths):
    """Return a strategy of stored documents; each path may be missing."""
    return st.fixed_dictionaries({}, optional=paths)


#: Values that may stand anywhere, whatever is declared.
JUNK = st.sampled_from([None, "", "x", 0, 3, -1.5, True, [], {}, [None], {"a": 1}, ["x"]])


def mostly(strategy):
    """Return a strategy of values, and here and there of something else."""
    return st.one_of(strategy, strategy, strategy, JUNK)
