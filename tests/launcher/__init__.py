"""Tests of the launcher: no Django, real processes where that is what matters."""
