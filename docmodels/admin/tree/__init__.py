"""A document as a tree of paths: shown, edited, compared."""
