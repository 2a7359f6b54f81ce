"""What people see when a server is in trouble."""
