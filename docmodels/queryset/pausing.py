"""The cyclic garbage collector rests while docmodels makes many objects at once."""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import AbstractContextManager, nullcontext

from docmodels.conf import docmodels_settings

#: Whether Python looks through all objects after some rounds over younger ones. Since 3.14 it
#: looks through them bit by bit.
HAS_ROUNDS = sys.version_info < (3, 14)


class CollectorPause:
    """
    Keep the cyclic garbage collector off while a block runs.

    Several threads may be inside; the last one out switches it on again, and
    only if it was on before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._was_on = False
        self._looks = 0
        self._rounds = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._was_on = gc.isenabled()
                gc.disable()
                self._looks = 0
                self._rounds = gc.get_count()[2]
            self._inside += 1

    def __exit__(self, *exc_info: object) -> None:
        # Before the collector is on: it would begin with the next object that is made. Not
        # under the lock: finalizers may run.
        self.look_through()
        if self._looks > 1 and self._inside == 1 and HAS_ROUNDS:
            _count_one_round(self._rounds)
        with self._lock:
            self._inside -= 1
            if not self._inside and self._was_on:
                gc.enable()

    def look_through(self) -> None:
        """
        Look through the new objects, if they are many.

        Python would look through them twice, as the youngest generation and then
        as the next one; both together are one pass. The first one waits until
        both are due: what a small result makes is gone before. Those after it
        come as often as Python's own: while the objects are in the processor's
        caches, that takes a tenth of the time that it takes after a large batch.
        """
        if not (self._inside and self._was_on):
            return
        youngest, second, _oldest = gc.get_threshold()
        enough = youngest if self._looks else youngest * max(second, 1)
        if gc.get_count()[0] > enough > 0:
            self._looks += 1
            gc.collect(1)


def _count_one_round(before: int) -> None:
    """
    Let the looks of a pause count as one round over the younger objects.

    After ten rounds Python looks through all objects, if they have become a
    quarter more, and hundreds of looks at the parts of one batch are not more
    than one look at the whole. What else it goes by is left as it is.
    """
    if gc.get_freeze_count():
        # Somebody set objects aside, who would find them back among the others.
        return
    # All that there is to be moved to the oldest objects is there since the last look but for a
    # few that are younger. There is no other way to set the counts to zero.
    gc.freeze()
    gc.unfreeze()
    for _round in range(min(before, gc.get_threshold()[2]) + 1):
        gc.collect(1)


collector_pause = CollectorPause()


def make_pause() -> AbstractContextManager[None]:
    """Return the pause, or nothing where `DOCMODELS["GC_PAUSE"]` is False."""
    return collector_pause if docmodels_settings.GC_PAUSE else nullcontext()
