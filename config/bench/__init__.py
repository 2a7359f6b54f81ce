"""Measurements against limits, and the large installation that they need."""
