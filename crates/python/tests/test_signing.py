"""Delegated signing: no call to the server, and it opens there."""

from __future__ import annotations

import pytest
from conftest import Demo

from cloakroom import Client, CloakroomError, DelegatedSigner, File, Receiver


def test_a_delegated_url_opens_for_its_user(demo: Demo) -> None:
    client = Client(demo.app_id, demo.api_url)
    client.login_with_auth_token(demo.auth_token("alice"))
    message = client.send_media(Receiver.user("bob"), "file", File(data=b"mail", name="m.txt"))
    url = message.attachments[0].raw["url"].split("?")[0]
    key = demo.back_end("POST", "delegated_keys", {"name": "mailer", "maxTtlSeconds": 3600})
    signer = DelegatedSigner(
        demo.line["mediaUrl"], demo.app_id, key["id"], key["secret"], key["generation"]
    )
    now = demo.now()
    signed = signer.sign(url, "bob", lifetime_seconds=600, now=now)
    assert "Principal=u:bob" in signed.url and now + 400 <= signed.expires_at <= now + 600
    assert demo.get(signed.url) == (200, b"mail")
    saved = signer.sign(url, "bob", lifetime_seconds=600, now=now, disposition="attachment")
    assert "Disposition=attachment" in saved.url and demo.get(saved.url)[0] == 200
    outsider = signer.sign(url, demo.line["outsider"], lifetime_seconds=600, now=now)
    assert demo.get(outsider.url)[0] == 403
    with pytest.raises(CloakroomError, match="ERR_INVALID_URL"):
        signer.sign("https://elsewhere.test/x.jpg", "bob", lifetime_seconds=600)
    with pytest.raises(CloakroomError, match="ERR_BAD_REQUEST"):
        signer.sign(url, "bob", lifetime_seconds=5)
    with pytest.raises(ValueError):
        signer.sign(url, "bob", lifetime_seconds=600, views=0)
