"""`Client` against the real server: the same, waiting."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from conftest import Demo

from cloakroom import Client, CloakroomError, File, Receiver, SecureMediaMode


def logged_in(demo: Demo, uid: str) -> Client:
    client = Client(demo.app_id, demo.api_url, secure_media_mode=SecureMediaMode.HEADER_BASED)
    client.login_with_auth_token(demo.auth_token(uid))
    return client


def test_all_of_it_waits(demo: Demo) -> None:
    data = os.urandom(200_000)
    alice, bob = logged_in(demo, "alice"), logged_in(demo, "bob")
    progress: list[int] = []
    upload = alice.upload(
        Receiver.user("bob"),
        File(data=data, name="data.bin"),
        chunk_bytes=100_000,
        on_progress=lambda stored, _: progress.append(stored),
    )
    attachment = upload.send()
    assert progress == [0, 100_000, 200_000]
    alice.send_media(Receiver.user("bob"), "file", attachment)

    file = bob.messages(Receiver.user("alice")).fetch_previous()[-1].attachments[0]
    assert demo.get(bob.fetch_presigned_url(file.url)) == (200, data)
    assert b"".join(bob.download(file.url)) == data
    assert bob.download(file.url, first=5, end=9).read() == data[5:9]
    path = Path(demo.folder) / "waited.bin"
    assert bob.download_to_file(file.url, path).size_bytes == 200_000
    assert path.read_bytes() == data
    outsider = logged_in(demo, demo.line["outsider"])
    with pytest.raises(CloakroomError) as caught:
        outsider.download(file.url)
    assert caught.value.reason == "not_permitted"
    bob.logout()
    with pytest.raises(CloakroomError, match="ERR_NOT_LOGGED_IN"):
        bob.fetch_presigned_url(file.url)


def test_other_threads_run_while_a_call_waits(demo: Demo) -> None:
    """The clock is asked from the SDK's threads while all of Python's threads are in calls."""
    client = Client(demo.app_id, demo.api_url, clock=demo.now)
    client.login_with_auth_token(demo.auth_token("alice"))
    text = client.send_text(Receiver.user("bob"), "hello")
    fetched: list[str] = []
    threads = [
        threading.Thread(target=lambda: fetched.append(client.message(text.id).id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [text.id] * 8


def test_a_call_inside_a_callback_of_the_sdk_is_refused(demo: Demo) -> None:
    alice = logged_in(demo, "alice")
    codes: list[str] = []

    def ask_again(stored: int, total: int) -> None:
        try:
            alice.logout()
        except CloakroomError as error:
            codes.append(error.code)

    file = File(data=b"abc", name="abc.txt")
    alice.upload(Receiver.user("bob"), file, on_progress=ask_again).send()
    assert codes == ["ERR_BAD_REQUEST", "ERR_BAD_REQUEST"]
    assert alice.get_logged_in_user() is not None
