"""Every rule of the document layer has a test that is named after it."""

import ast
import re
from pathlib import Path

import pytest

#: How many rules each part has.
RULES = {"S": 9, "V": 8, "C": 5, "D": 4, "T": 7, "P": 4, "R": 5, "I": 3, "K": 2, "X": 2}
IDENTIFIERS = [f"{part}{number}" for part, count in RULES.items() for number in range(1, count + 1)]
_NAMED = re.compile(r"test_((?:[a-z]\d_)+)")


def named_rules(path):
    """Yield the rules in the names of the tests of a module: S1 of `test_s1_order`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (match := _NAMED.match(node.name)):
            yield from match[1].upper().split("_")[:-1]


TESTED = {rule for path in Path(__file__).parent.glob("test_*.py") for rule in named_rules(path)}


@pytest.mark.parametrize("rule", IDENTIFIERS)
def test_rule_has_a_test(rule):
    """A test is named after the rule."""
    assert rule in TESTED


def test_names_are_of_rules():
    """No test is named after a rule that there is not."""
    assert {*IDENTIFIERS} >= TESTED
