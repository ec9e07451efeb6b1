"""
Write the signatures of a manager's methods from those of the queryset.

Type checkers do not see that a manager passes its methods on to a queryset.
`python -m tests.typing.signatures` writes the file that tells them, after a
method of the queryset was added or changed.
"""

import ast
import builtins
import inspect
import os
import re
import sys
from pathlib import Path
from typing import get_overloads

import django

from docmodels.queryset.asynchronous import AsyncMixin
from docmodels.queryset.manager import BaseManager, _methods
from docmodels.queryset.queryset import QuerySet

HEADER = '''\
"""
The methods that a manager passes on to a queryset, for type checkers.

Written by `python -m tests.typing.signatures` from the queryset's own.
`D` is what a queryset gives, `QS` the class of the manager's querysets.
"""

# fmt: off
# ruff: noqa
'''

#: Names of the signatures that are those of the stub itself.
OWN = {"Self": "QS", "D": "D"}

_NAME = re.compile(r"(?<![.\w\"'])[A-Za-z_]\w*")


class Stub:
    """The text of the stub, and what it has to import."""

    def __init__(self):
        self.imports = set()

    def text(self):
        """Return the whole file."""
        methods = [line for name in names() for line in self.method(getattr(QuerySet, name))]
        imports = "".join(f"from {module} import {name}\n" for module, name in sorted(self.imports))
        return (
            f"{HEADER}\nfrom typing import Generic, overload\n\n"
            f"from typing_extensions import TypeVar\n\n{imports}\n"
            f'D = TypeVar("D")\nQS = TypeVar("QS", covariant=True)\n\n'
            f"class Methods(Generic[D, QS]):\n" + "".join(f"    {line}\n" for line in methods)
        )

    def method(self, method):
        """Yield the lines of one method, of each overload where there are several."""
        function = inspect.unwrap(method, stop=lambda found: hasattr(found, "__signature__"))
        overloads = get_overloads(function)
        for variant in overloads or [function]:
            if overloads:
                yield "@overload"
            kind = "async def" if inspect.iscoroutinefunction(method) else "def"
            yield f"{kind} {method.__name__}{self.signature(variant)}:"
            first = inspect.getdoc(method).partition("\n\n")[0].splitlines()
            yield f'    """{" ".join(first)}"""'

    def signature(self, function):
        """Return parameters and result, with the names that they use imported."""
        known = {}
        # The twin of a method has names of its own module besides those of the method.
        for module in (AsyncMixin.__module__, function.__module__):
            known |= imported_names(sys.modules[module].__file__, module)
        signature = inspect.signature(function)
        parameters = [
            parameter.replace(
                annotation=Verbatim(self.annotation(parameter.annotation, known)),
                default=shown(parameter.default),
            )
            if index
            else parameter
            for index, parameter in enumerate(signature.parameters.values())
        ]
        result = self.annotation(signature.return_annotation, known)
        bare = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
        return f"{bare} -> {result}"

    def annotation(self, text, known):
        """Return an annotation by the names of the stub."""
        if text is inspect.Parameter.empty:
            raise TypeError("A method of the queryset has no annotation.")

        def name(match):
            found = match[0]
            if found in OWN:
                return OWN[found]
            if not hasattr(builtins, found):
                self.imports.add((known[found], found))
            return found

        return _NAME.sub(name, text)


class Verbatim:
    """A text that a signature shows as it is."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def shown(default):
    """Return a default for a stub: plain values as they are, others as dots."""
    plain = default is inspect.Parameter.empty or isinstance(default, (bool, int, str, type(None)))
    return default if plain else ...


def imported_names(file, module):
    """Return the module that each name of a file comes from."""
    found = {}
    for node in ast.walk(ast.parse(Path(file).read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: node.module for alias in node.names}
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.setdefault(node.name, module)
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            found |= dict.fromkeys(names, module)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.setdefault(node.target.id, module)
    return found


def names():
    """Return the methods that a manager passes on, in the order of the queryset's classes."""
    wanted = set(_methods(BaseManager, QuerySet))
    ordered = dict.fromkeys(n for cls in reversed(QuerySet.__mro__) for n in vars(cls))
    return [name for name in ordered if name in wanted]


#: Where type checkers look.
PATH = Path(sys.modules[BaseManager.__module__].__file__).with_name("methods.pyi")

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PATH.write_text(Stub().text())
