"""A type checker without a plugin knows the types of documents."""

import re
from pathlib import Path

import pytest

from tests.typing.checkers import ask_mypy, ask_pyright

HERE = Path(__file__).parent

#: The type that is expected, as the comment behind `reveal_type(…)`.
REVEALED = re.compile(r"reveal_type\(.*\)  # (.+)$")

CHECKERS = pytest.mark.parametrize("ask", [ask_mypy, ask_pyright], ids=["mypy", "pyright"])


def lines_of(name):
    """Return the lines of a file by their number."""
    return dict(enumerate((HERE / name).read_text().splitlines(), start=1))


@CHECKERS
@pytest.mark.parametrize("name", ["orders.py", "querysets.py", "classes.py"])
def test_revealed_types(ask, name, tmp_path):
    """What is read, asked for and called has the type that the file says, without an error."""
    expected = {
        n: found[1] for n, line in lines_of(name).items() if (found := REVEALED.search(line))
    }

    answers = ask(HERE / name, tmp_path)

    assert answers.errors == {}
    assert answers.revealed == expected


@CHECKERS
def test_mistakes(ask, tmp_path):
    """Exactly the marked lines are refused."""
    expected = {n for n, line in lines_of("mistakes.py").items() if line.endswith("# error")}

    answers = ask(HERE / "mistakes.py", tmp_path)

    assert set(answers.errors) == expected
