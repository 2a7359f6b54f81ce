"""Every write of the accounts app is one function here."""
