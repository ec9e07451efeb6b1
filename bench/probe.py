"""
Measure one thing in a process of its own, and print it: `python -m bench.probe`.

`import <modules>` prints the milliseconds of CPU time that they take to import
when the driver and Django are there already. `memory <system> <uri> <database>`
prints the bytes that Python's allocators hold for the documents, as tracemalloc
counts them: read, then with everything touched.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
import tracemalloc

from bench.setup import configure


def measure_import(modules: list[str]) -> float:
    """Return the milliseconds of the import of modules."""
    import django
    import pymongo  # noqa: F401
    from django.conf import settings

    settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
    django.setup()
    start = time.process_time()
    for module in modules:
        importlib.import_module(module)
    return (time.process_time() - start) * 1e3


def measure_memory(name: str, uri: str, database: str) -> list[int]:
    """Return the bytes of all documents as they were read, and after touching them."""
    configure()
    from bench.systems import load_system

    system = load_system(name)()
    system.open(uri, database)
    try:
        # What is made once belongs to no document.
        system.touch_all(system.do("read_some", 2))
        gc.collect()
        tracemalloc.start()
        documents = system.do("read_all")
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        system.touch_all(documents)
        gc.collect()
        touched = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    finally:
        system.close()
    return [held, touched]


if __name__ == "__main__":
    action, *args = sys.argv[1:]
    print(json.dumps(measure_import(args) if action == "import" else measure_memory(*args)))
