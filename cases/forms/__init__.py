"""Forms of the desk: they check shape, never write."""
