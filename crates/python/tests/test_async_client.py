"""`AsyncClient` against the real server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from conftest import Demo

from cloakroom import (
    AsyncClient,
    Attachment,
    CloakroomError,
    File,
    NetworkError,
    NotLoggedInError,
    Receiver,
    SecureMediaMode,
    UploadCancelledError,
    has_fat_query_param,
    strip_fat_query_param,
)

BOB = Receiver.user("bob")
HEADER_BASED = SecureMediaMode.HEADER_BASED
CHUNK = 64 * 1024


async def logged_in(
    demo: Demo, uid: str = "alice", mode: SecureMediaMode = SecureMediaMode.EMBEDDED
) -> AsyncClient:
    client = AsyncClient(demo.app_id, demo.api_url, secure_media_mode=mode, clock=demo.now)
    await client.login_with_auth_token(demo.auth_token(uid))
    return client


async def sent(client: AsyncClient, data: bytes) -> Attachment:
    message = await client.send_media(BOB, "file", File(data=data, name="data.bin"))
    return message.attachments[0]


async def refused(call: Awaitable[object]) -> CloakroomError:
    with pytest.raises(CloakroomError) as caught:
        await call
    return caught.value


def run(test: Callable[[Demo], Awaitable[None]]) -> Callable[[Demo], None]:
    def as_pytest_runs_it(demo: Demo) -> None:
        asyncio.run(test(demo))  # type: ignore[arg-type]

    as_pytest_runs_it.__name__ = test.__name__
    return as_pytest_runs_it


async def both_modes_open_a_file(demo: Demo) -> None:
    alice = await logged_in(demo, mode=HEADER_BASED)
    user = alice.get_logged_in_user()
    assert user is not None and user.uid == "alice"
    file = await sent(alice, b"a few bytes")
    assert alice.is_header_mode_enabled() and alice.requires_secure_access(file.url)
    assert not alice.requires_secure_access(f"https://evil.test/?{file.url}")
    assert alice.get_secure_media_host() == demo.line["mediaUrl"].split("//")[1]
    assert demo.get(file.url)[0] == 401
    assert demo.get(await alice.fetch_presigned_url(file.url)) == (200, b"a few bytes")
    assert await alice.fetch_presigned_url("no url") == "no url"

    bob = await logged_in(demo, "bob")
    page = await bob.messages(Receiver.user("alice"), limit=1).fetch_previous()
    url = page[0].attachments[0].url
    assert has_fat_query_param(url) and strip_fat_query_param(url) == file.url
    assert url == await bob.media_url(file.url) == f"{file.url}?fat={bob.get_fat()}"
    assert demo.get(url) == (200, b"a few bytes")
    assert not bob.is_header_mode_enabled()
    message = await bob.message(page[0].id)
    assert message == page[0] and message.raw["data"]["attachments"]


async def a_refusal_has_code_reason_and_retry(demo: Demo) -> None:
    alice = await logged_in(demo)
    file = await sent(alice, b"not for everybody")
    outsider = await logged_in(demo, demo.line["outsider"], HEADER_BASED)
    error = await refused(outsider.fetch_presigned_url(file.url))
    assert (error.code, error.reason, error.retry) == ("ERR_NOT_PERMITTED", "not_permitted", False)
    assert str(error).endswith("[ERR_NOT_PERMITTED]") and file.url not in str(error)
    answers = await outsider.fetch_presigned_urls([file.url, "no url"])
    assert isinstance(answers[0], CloakroomError) and answers[1] == "no url"
    assert answers[0].code == "ERR_NOT_PERMITTED"
    nowhere = AsyncClient(demo.app_id, "http://127.0.0.1:1")
    error = await refused(nowhere.login("alice", "key"))
    assert isinstance(error, NetworkError) and error.retry
    assert isinstance(await refused(nowhere.logout()), NotLoggedInError)
    with pytest.raises(CloakroomError, match="ERR_BAD_REQUEST"):
        AsyncClient("No App", demo.api_url)


async def what_many_ask_for_at_once_is_asked_once(demo: Demo) -> None:
    alice = await logged_in(demo, mode=HEADER_BASED)
    file = await sent(alice, b"popular")
    answers = await asyncio.gather(*[alice.fetch_presigned_url(file.url) for _ in range(50)])
    assert len(set(answers)) == 1
    first = answers[0]
    demo.advance(900)
    assert demo.get(first)[0] == 403
    fresh = await alice.fetch_presigned_url(file.url)
    assert fresh != first and demo.get(fresh) == (200, b"popular")


async def a_fat_is_renewed_and_ends_with_the_session(demo: Demo) -> None:
    told: list[str] = []
    bob = AsyncClient(
        demo.app_id, demo.api_url, clock=demo.now, on_session_expired=lambda: told.append("bob")
    )
    await bob.login_with_auth_token(demo.auth_token("bob"))
    alice = await logged_in(demo)
    file = await sent(alice, b"for bob")
    first = bob.get_fat()
    demo.advance(2 * 86_400)
    assert bob.get_fat() is None
    assert await (await bob.download(file.url)).read() == b"for bob"
    assert bob.get_fat() not in (None, first)
    for session in demo.back_end("GET", "users/bob/sessions"):
        demo.back_end("DELETE", f"users/bob/sessions/{session['id']}")
    error = await refused(bob.download(file.url))
    assert error.code in ("ERR_SESSION_ENDED", "ERR_NOT_LOGGED_IN")
    await refused(bob.fetch_presigned_url(file.url))
    await asyncio.sleep(0)
    assert told == ["bob"]
    await alice.logout()
    assert alice.get_fat() is None and alice.get_logged_in_user() is None


async def a_download_is_read_in_whole_in_part_and_into_a_file(demo: Demo) -> None:
    data = os.urandom(500_000)
    alice = await logged_in(demo)
    file = await sent(alice, data)
    download = await alice.download(file.url)
    assert download.content_length == 500_000 and download.content_range is None
    assert download.content_type == "application/octet-stream"
    chunks = [chunk async for chunk in download]
    assert b"".join(chunks) == data
    part = await alice.download(file.url, first=10, end=20)
    assert part.content_range == "bytes 10-19/500000" and await part.read() == data[10:20]
    assert await (await alice.download(file.url, first=499_990)).read() == data[-10:]
    error = await refused(alice.download(file.url, first=500_000))
    assert error.code == "ERR_RANGE_NOT_SATISFIABLE" and error.status == 416

    path = Path(demo.folder) / "data.bin"
    tag = str(download.etag).strip('"')
    (path.parent / f"data.bin.{tag}.part").write_bytes(data[:123_456])
    saved = await alice.download_to_file(file.url, path)
    assert (saved.size_bytes, saved.resumed_at_bytes) == (500_000, 123_456)
    assert path.read_bytes() == data and not list(path.parent.glob("*.part"))


async def an_upload_stops_and_goes_on_after_a_restart(demo: Demo) -> None:
    data = os.urandom(5 * CHUNK)
    path = Path(demo.folder) / "film.bin"
    path.write_bytes(data)
    alice = await logged_in(demo)
    two_chunks = asyncio.Event()
    upload = alice.upload(
        BOB,
        File(path),
        chunk_bytes=CHUNK,
        on_progress=lambda stored, _: two_chunks.set() if stored >= 2 * CHUNK else None,
    )
    assert upload.id is None
    sending = asyncio.ensure_future(upload.send())
    await two_chunks.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    demo.stop()
    demo.start()

    alice = await logged_in(demo)
    progress: list[tuple[int, int]] = []
    rest = alice.upload(
        BOB,
        File(path, name="fílm.bin"),
        chunk_bytes=CHUNK,
        resume=upload.id,
        on_progress=lambda stored, total: progress.append((stored, total)),
    )
    attachment = await rest.send()
    assert progress[0][0] >= 2 * CHUNK and progress[-1] == (5 * CHUNK, 5 * CHUNK)
    assert (attachment.name, attachment.size) == ("film.bin", 5 * CHUNK)
    message = await alice.send_media(BOB, "file", attachment, caption="the film")
    assert message.text == "the film"
    bob = await logged_in(demo, "bob")
    assert await (await bob.download(message.attachments[0].url)).read() == data


async def a_cancelled_upload_is_forgotten(demo: Demo) -> None:
    alice = await logged_in(demo)
    data = os.urandom(10 * CHUNK)
    upload = alice.upload(
        BOB,
        File(data=data, name="x"),
        chunk_bytes=CHUNK,
        on_progress=lambda stored, _: upload.cancel() if stored else None,
    )
    assert isinstance(await refused(upload.send()), UploadCancelledError)
    again = alice.upload(BOB, File(data=data, name="x"), resume=upload.id)
    assert (await refused(again.send())).code == "ERR_UPLOAD_NOT_FOUND"
    with pytest.raises(ValueError, match="once"):
        await upload.send()


async def messages_are_sent_paged_and_deleted(demo: Demo) -> None:
    alice = await logged_in(demo)
    group = Receiver.group(demo.line["group"])
    texts = [await alice.send_text(group, f"text {number}") for number in range(3)]
    request = alice.messages(group, limit=2)
    newest, older = await request.fetch_previous(), await request.fetch_previous()
    assert [one.text for one in newest] == ["text 1", "text 2"]
    assert older[-1].text == "text 0" and older[-1].sender == "alice"
    assert await request.fetch_next() == []
    await alice.delete_message(texts[0].id)
    beside = alice.messages(group, starting_at=texts[2].id, limit=1)
    assert (await beside.fetch_previous())[0].text == "text 1"


test_both_modes = run(both_modes_open_a_file)
test_refusals = run(a_refusal_has_code_reason_and_retry)
test_single_flight = run(what_many_ask_for_at_once_is_asked_once)
test_renewal = run(a_fat_is_renewed_and_ends_with_the_session)
test_downloads = run(a_download_is_read_in_whole_in_part_and_into_a_file)
test_uploads = run(an_upload_stops_and_goes_on_after_a_restart)
test_cancelled_upload = run(a_cancelled_upload_is_forgotten)
test_messages = run(messages_are_sent_paged_and_deleted)
