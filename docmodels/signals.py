"""Signals of documents, named and sent as Django's model signals."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent when a document class is complete. Arguments: sender.
class_prepared = Signal()
#: Sent at the start of the constructor. Arguments: sender, args, kwargs.
pre_init = Signal(use_caching=True)
#: Sent after the constructor and after loading. Arguments: sender, instance.
post_init = Signal(use_caching=True)
#: Sent before validation of a save. Arguments: sender, instance, raw, using, update_fields.
pre_save = Signal(use_caching=True)
#: Sent after a save. Arguments: as pre_save, and created.
post_save = Signal(use_caching=True)
#: Sent before a delete. Arguments: sender, instance, using.
pre_delete = Signal(use_caching=True)
#: Sent after a delete. Arguments: sender, instance, using.
post_delete = Signal(use_caching=True)
