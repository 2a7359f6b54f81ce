"""Tests, as the database role of the web process. They mirror the source; journeys/, security/ and browser/ cross it."""
