"""Every write of the cases app is one function here."""
