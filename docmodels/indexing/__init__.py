"""Make collections and their indexes what documents declare."""

from docmodels.indexing.collections import CollectionPlan
from docmodels.indexing.specs import Spec, declared, existing
from docmodels.indexing.syncing import IndexBuildError, Plan, plan, sync

__all__ = [
    "CollectionPlan",
    "IndexBuildError",
    "Plan",
    "Spec",
    "declared",
    "existing",
    "plan",
    "sync",
]
