"""The canary: unique strings in every sensitive field, and a search for them wherever they must not be (make canary)."""
