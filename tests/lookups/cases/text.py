"""Text: parts of it, prefixes, patterns; whatever the case or not."""

import re

from hypothesis import strategies as st

from tests.lookups.cases.base import Case, documents_of, mostly
from tests.lookups.stored import any_element, is_text

TEXTS = st.text(st.sampled_from("abAB.*^$ é\n"), max_size=5)
documents = documents_of(
    text=mostly(TEXTS),
    v=mostly(st.one_of(TEXTS, st.lists(TEXTS, max_size=2))),
    tags=mostly(st.lists(mostly(TEXTS), max_size=2)),
    parts=mostly(st.lists(mostly(documents_of(sku=mostly(TEXTS))), max_size=2)),
)


def text(path, test):
    """Return the predicate of a test of text."""
    return any_element(path, is_text(test))


CASES = [
    Case("text__contains", "a.", {"text": {"$regex": r"a\."}}, text("text", lambda t: "a." in t)),
    Case("text__contains", "*", {"text": {"$regex": r"\*"}}, text("text", lambda t: "*" in t)),
    Case("text__contains", "", {"text": {"$regex": ""}}, text("text", lambda t: True)),
    Case("text__icontains", "Ab", {"text": {"$regex": "Ab", "$options": "i"}},
         text("text", lambda t: "ab" in t.lower())),
    Case("text__startswith", "^", {"text": {"$regex": r"^\^"}},
         text("text", lambda t: t.startswith("^"))),
    Case("text__startswith", "a", {"text": {"$regex": "^a"}},
         text("text", lambda t: t.startswith("a"))),
    Case("text__istartswith", "a", {"text": {"$regex": "^a", "$options": "i"}},
         text("text", lambda t: t.lower().startswith("a"))),
    Case("text__endswith", "$", {"text": {"$regex": r"\$\z"}},
         text("text", lambda t: t.endswith("$"))),
    Case("text__endswith", "b", {"text": {"$regex": r"b\z"}},
         text("text", lambda t: t.endswith("b"))),
    Case("text__iendswith", "B", {"text": {"$regex": r"B\z", "$options": "i"}},
         text("text", lambda t: t.lower().endswith("b"))),
    Case("text__iexact", "aB", {"text": {"$regex": r"^aB\z", "$options": "i"}},
         text("text", lambda t: t.lower() == "ab")),
    Case("text__regex", "^[ab]+é?", {"text": {"$regex": "^[ab]+é?"}},
         text("text", lambda t: bool(re.search("^[ab]+é?", t)))),
    Case("text__iregex", "b.$", {"text": {"$regex": "b.$", "$options": "i"}},
         text("text", lambda t: bool(re.search("b.$", t, re.IGNORECASE)))),
    Case("anything__contains", "a", {"v": {"$regex": "a"}}, text("v", lambda t: "a" in t)),
    Case("tags__icontains", "a", {"tags": {"$regex": "a", "$options": "i"}},
         text("tags", lambda t: "a" in t.lower())),
    Case("tags__0__startswith", "a", {"tags.0": {"$regex": "^a"}},
         text("tags.0", lambda t: t.startswith("a"))),
    Case("parts__sku__endswith", "b", {"parts.sku": {"$regex": r"b\z"}},
         text("parts.sku", lambda t: t.endswith("b"))),
]  # fmt: skip
