"""Written with the feature."""
