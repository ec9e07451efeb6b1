"""System checks: one module per subject, registered by the app."""
