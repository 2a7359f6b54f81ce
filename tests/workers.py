"""A plugin of pytest, loaded before the settings: each worker of a parallel run gets the servers that are its own.

`python -m config.launcher exec --test --workers 2` starts as many sets of servers as pytest (-n 2) has workers. They
share nothing, so a test may do to its database, its roles and its broker what it may do alone.
"""

import json
import os

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.update(json.loads(os.environ.pop("TEST_WORKERS"))[int(worker.removeprefix("gw"))])
