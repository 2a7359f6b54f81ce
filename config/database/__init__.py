"""Who may do what in PostgreSQL: roles, one declarative table of rights and policies, and the definer functions."""
