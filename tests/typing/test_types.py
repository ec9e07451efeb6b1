"""A type checker without a plugin knows the types of documents."""

import re
from pathlib import Path

import pytest

from tests.typing.checkers import ask_mypy, ask_pyright

HERE = Path(__file__).parent
RIGHT, WRONG = ["orders.py", "querysets.py", "classes.py"], "mistakes.py"

#: The type that is expected, as the comment behind `reveal_type(…)`.
REVEALED = re.compile(r"reveal_type\(.*\)  # (.+)$")


@pytest.fixture(scope="module", params=[ask_mypy, ask_pyright], ids=["mypy", "pyright"])
def answers(request, tmp_path_factory):
    """What a checker says of all the files, by their names."""
    files = [HERE / name for name in (*RIGHT, WRONG)]
    return request.param(files, tmp_path_factory.mktemp("checker"))


def lines_of(name):
    """Return the lines of a file by their number."""
    return dict(enumerate((HERE / name).read_text().splitlines(), start=1))


@pytest.mark.parametrize("name", RIGHT)
def test_revealed_types(answers, name):
    """What is read, asked for and called has the type that the file says, without an error."""
    expected = {
        n: found[1] for n, line in lines_of(name).items() if (found := REVEALED.search(line))
    }

    assert answers[name].errors == {}
    assert answers[name].revealed == expected


def test_mistakes(answers):
    """Exactly the marked lines are refused."""
    expected = {n for n, line in lines_of(WRONG).items() if line.endswith("# error")}

    assert set(answers[WRONG].errors) == expected
