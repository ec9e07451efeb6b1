"""The pages of the browsing UI, one class each."""
