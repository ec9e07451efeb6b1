"""One module per third-party library or optional feature."""
