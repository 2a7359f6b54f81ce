"""Starts Sidro on one machine from nothing: servers, database, sites, worker. For demo, development and tests.

Production starts the same processes with its own supervisor and its own servers. Nothing here imports Django's
settings: each process gets an environment of its own, with its own secrets only.
"""
