"""A form whose token does not fit: nothing is saved, and what was typed comes back only to our own pages."""

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("headers", "comes_back"),
    [
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_ORIGIN": "http://testserver"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "https://evil.example"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
        ({}, False),
    ],
)
def test_what_was_typed_comes_back_to_our_own_pages_only(transactional_db, headers, comes_back):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in", {"login_name": "typed here", "password": "never this"}, **headers)
    assert response.status_code == 403
    assert (b"typed here" in response.content) is comes_back
    assert b"never this" not in response.content
