"""Ciphertext and wrapped keys. Only cases/services/sealed/ may import this package."""
