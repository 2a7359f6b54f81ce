"""Backups: sealed to a key of the month that the keepers hold, restored with everything erased since erased again."""
