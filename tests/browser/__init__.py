"""Journeys in headless Chromium through the real servers."""
