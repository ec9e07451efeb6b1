"""Make collections and their indexes what documents declare."""

from docmodels.indexing.collections import CollectionPlan
from docmodels.indexing.specs import Spec, declared, existing
from docmodels.indexing.syncing import IndexBuildError, Plan, aplan, async_, plan, sync

__all__ = [
    "CollectionPlan",
    "IndexBuildError",
    "Plan",
    "Spec",
    "aplan",
    "async_",
    "declared",
    "existing",
    "plan",
    "sync",
]
