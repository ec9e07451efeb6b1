"""Signals of documents, named and sent as Django's model signals."""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal

from docmodels.connections.bridging import is_bridged, wait_for


class DocumentSignal(Signal):
    """A signal that awaits its asynchronous receivers where it is sent for a coroutine."""

    def send(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        """Call the receivers, those that are coroutine functions last."""
        if not is_bridged():
            return super().send(sender, **named)
        # Django would run the ones in a thread, or the others in another event loop.
        synchronous, asynchronous = self._live_receivers(sender)
        named = {"signal": self, "sender": sender, **named}
        return [
            *((receiver, receiver(**named)) for receiver in synchronous),
            *((receiver, wait_for(receiver(**named))) for receiver in asynchronous),
        ]


#: Sent when a document class is complete. Arguments: sender.
class_prepared = DocumentSignal()
#: Sent at the start of the constructor. Arguments: sender, args, kwargs.
pre_init = DocumentSignal(use_caching=True)
#: Sent after the constructor and after loading. Arguments: sender, instance.
post_init = DocumentSignal(use_caching=True)
#: Sent before validation of a save. Arguments: sender, instance, raw, using, update_fields.
pre_save = DocumentSignal(use_caching=True)
#: Sent after a save. Arguments: as pre_save, and created.
post_save = DocumentSignal(use_caching=True)
#: Sent before a delete. Arguments: sender, instance, using.
pre_delete = DocumentSignal(use_caching=True)
#: Sent after a delete. Arguments: sender, instance, using.
post_delete = DocumentSignal(use_caching=True)
