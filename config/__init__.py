"""Settings, addresses, processes and the database's rules: the layer that knows all the others."""
