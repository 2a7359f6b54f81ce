"""The practice installation: invented people, requests and cases, made by the real services."""
