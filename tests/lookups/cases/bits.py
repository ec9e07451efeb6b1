"""Bits of whole numbers and of bytes."""

from bson import Binary, Int64
from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import any_element, bracket

NUMBERS = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.sampled_from([5.0, 5.5, -2.0, float("nan"), 1e300, 2.0**62]),
)
BYTES = st.binary(max_size=2)
documents = documents_of(
    n=mostly(NUMBERS),
    v=mostly(st.one_of(NUMBERS, BYTES, st.lists(NUMBERS | BYTES, max_size=3))),
)


def bits(path, positions, combine, wanted):
    """Return the predicate of bits at positions that are all, or any, 0 or 1."""

    def test(value):
        if bracket(value) == "bytes":
            value = int.from_bytes(value, "little")
        elif bracket(value) != "number" or value % 1 or not -(2**63) <= value < 2**63:
            return False
        return combine(int(value) >> position & 1 == wanted for position in positions)

    return any_element(path, test)


CASES = [
    Case("number__bits_all_set", 5, {"n": {"$bitsAllSet": 5}}, bits("n", [0, 2], all, 1)),
    Case("number__bits_all_set", "5", {"n": {"$bitsAllSet": 5}}, bits("n", [0, 2], all, 1)),
    Case("number__bits_any_set", [1, 63], {"n": {"$bitsAnySet": [1, 63]}},
         bits("n", [1, 63], any, 1)),
    Case("number__bits_all_clear", 6, {"n": {"$bitsAllClear": 6}}, bits("n", [1, 2], all, 0)),
    Case("number__bits_any_clear", (0, 70), {"n": {"$bitsAnyClear": [0, 70]}},
         bits("n", [0, 70], any, 0)),
    Case("anything__bits_all_set", b"\x01", {"v": {"$bitsAllSet": Binary(b"\x01")}},
         bits("v", [0], all, 1)),
    Case("anything__bits_any_set", 0, {"v": {"$bitsAnySet": 0}}, lambda stored: False),
    Case("anything__bits_any_clear", 3, {"v": {"$bitsAnyClear": 3}}, bits("v", [0, 1], any, 0)),
    Case("anything__bits_all_clear", [9], {"v": {"$bitsAllClear": [9]}}, bits("v", [9], all, 0)),
]  # fmt: skip
