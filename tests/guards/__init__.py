"""`make guards`: each refusal of a function of the database is taken out once, and some test has to notice."""
