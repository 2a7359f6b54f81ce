"""Effort budgets, counted in the browser on the real servers: `make effort`."""
