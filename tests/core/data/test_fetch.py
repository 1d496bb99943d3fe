"""Fetching from a local server that serves the bucket's paths, drops connections and truncates."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from core.data.fetch import fetch_quickdraw
from core.data.items import read_collection
from tests.core.data.trees import drawing_line

CAT = "".join(
    drawing_line("cat", n, [[[n % 256, 9, 255], [0, n % 200, 40]]]) for n in range(4000)
).encode()
BALLOON = drawing_line("hot air balloon", 7, [[[0, 255], [0, 255]]]).encode()


class Bucket(http.server.ThreadingHTTPServer):
    """What the server does wrong is set by the test; what was asked of it is kept."""

    files: dict[str, bytes]
    cut: list[int]  # bytes after which each of the next replies drops
    ranges: list[str]
    honest: bool = True  # sends Content-Length and the hash of what it should serve
    knows_ranges: bool = True
    hash_of: bytes | None = None
    sent: int = 0


class Handler(http.server.BaseHTTPRequestHandler):
    server: Bucket

    def log_message(self, format: str, *_args: object) -> None:
        pass

    def do_GET(self) -> None:
        body = self.server.files.get(unquote(self.path))
        if body is None:
            self.send_error(404)
            return
        asked = self.headers.get("Range", "")
        self.server.ranges.append(asked)
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        fresh = self.headers.get("If-Range") in (None, tag)
        start = int(asked[6:-1]) if asked and fresh and self.server.knows_ranges else 0
        if start >= len(body):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(body)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if self.server.honest:
            self.send_header("Content-Length", str(len(body) - start))
        digest = hashlib.md5(self.server.hash_of or body).digest()
        self.send_header("x-goog-hash", f"crc32c=AAAAAA==, md5={base64.b64encode(digest).decode()}")
        self.send_header("ETag", tag)
        self.end_headers()
        part = body[start:]
        if self.server.cut:
            part = part[: self.server.cut.pop(0)]
        self.server.sent += len(part)
        try:
            self.wfile.write(part)
        except OSError:  # a client with enough drawings hangs up
            self.close_connection = True


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    server = Bucket(("127.0.0.1", 0), Handler)
    server.files = {
        "/full/simplified/cat.ndjson": CAT,
        "/full/simplified/hot air balloon.ndjson": BALLOON,
    }
    server.cut, server.ranges = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def url(bucket: Bucket) -> str:
    return f"http://127.0.0.1:{bucket.server_address[1]}"


def fetch(bucket: Bucket, to: Path, words: str = "cat", limit: int = 0) -> list[str]:
    got = fetch_quickdraw(
        words.split(","), to, limit=limit, base_url=url(bucket), wait=lambda _seconds: None
    )
    return [one.status for one in got]


def test_whole_files_arrive_and_are_read(bucket: Bucket, tmp_path: Path) -> None:
    assert fetch(bucket, tmp_path, "cat,hot air balloon") == ["fetched", "fetched"]
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT
    assert (tmp_path / "hot air balloon.ndjson").read_bytes() == BALLOON
    assert len(read_collection(f"quickdraw:{tmp_path}").sketches) == 4001
    asked = len(bucket.ranges)
    assert fetch(bucket, tmp_path) == ["kept"]
    assert len(bucket.ranges) == asked


def test_a_limit_takes_the_first_drawings_only(bucket: Bucket, tmp_path: Path) -> None:
    fetch(bucket, tmp_path, limit=10)
    lines = (tmp_path / "cat.ndjson").read_bytes().splitlines(keepends=True)
    assert b"".join(lines) == b"".join(CAT.splitlines(keepends=True)[:10])
    assert fetch(bucket, tmp_path, limit=5) == ["kept"]
    assert fetch(bucket, tmp_path, limit=25) == ["fetched"]
    assert bucket.ranges[-1] == f"bytes={sum(map(len, lines))}-"
    assert (tmp_path / "cat.ndjson").read_bytes().count(b"\n") == 25
    assert fetch(bucket, tmp_path, limit=10**9) == ["fetched"]
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT
    assert fetch(bucket, tmp_path, limit=10**9) == ["kept"]  # there are no more


@pytest.mark.parametrize("honest", [True, False])
def test_dropped_connections_are_taken_up_again(
    bucket: Bucket, tmp_path: Path, honest: bool
) -> None:
    bucket.cut = [100_000, 1, 0, 50_000, 100_000]
    bucket.honest = honest
    if not honest:  # the end can't be told from a drop, but the hash can
        bucket.cut = [100_000]
        with pytest.raises(ValueError, match=r"no drawing|altered"):
            fetch(bucket, tmp_path)
        assert not list(tmp_path.glob("*.ndjson"))
        bucket.cut = []
    fetch(bucket, tmp_path)
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT
    if honest:
        assert bucket.sent == len(CAT)  # nothing was sent twice


def test_a_server_without_ranges_starts_over(bucket: Bucket, tmp_path: Path) -> None:
    bucket.cut, bucket.knows_ranges = [100_000], False
    fetch(bucket, tmp_path)
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT


def test_a_file_that_changed_meanwhile_comes_whole(bucket: Bucket, tmp_path: Path) -> None:
    bucket.cut = [100_000] + [0] * 20
    with pytest.raises(OSError, match="keeps dropping"):
        fetch(bucket, tmp_path)
    bucket.cut = []
    changed = CAT.replace(b'"CH"', b'"FR"')
    bucket.files["/full/simplified/cat.ndjson"] = changed
    fetch(bucket, tmp_path)
    assert (tmp_path / "cat.ndjson").read_bytes() == changed


def test_a_later_run_goes_on(bucket: Bucket, tmp_path: Path) -> None:
    bucket.cut = [100_000] + [0] * 20
    with pytest.raises(OSError, match=r"127\.0\.0\.1.*run again"):
        fetch(bucket, tmp_path)
    assert not (tmp_path / "cat.ndjson").exists()
    bucket.cut = []
    fetch(bucket, tmp_path)
    assert bucket.ranges[-1] == "bytes=100000-"
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT


def first_drawings(count: int) -> bytes:
    return b"".join(CAT.splitlines(keepends=True)[:count])


@pytest.mark.parametrize("harm", ["dropped", "altered", "no drawing", "gone"])
def test_fewer_drawings_stay_until_more_have_come(
    bucket: Bucket, tmp_path: Path, harm: str
) -> None:
    fetch(bucket, tmp_path, limit=10)
    path = "/full/simplified/cat.ndjson"
    if harm == "dropped":
        bucket.cut = [0] * 20
    elif harm == "altered":
        bucket.hash_of = b"something else"
    elif harm == "no drawing":
        bucket.files[path] = first_drawings(10) + b"<html>please log in</html>\n"
    else:
        del bucket.files[path]
    with pytest.raises((OSError, ValueError)):
        fetch(bucket, tmp_path)
    assert (tmp_path / "cat.ndjson").read_bytes() == first_drawings(10)
    bucket.cut, bucket.hash_of, bucket.files[path] = [], None, CAT
    assert fetch(bucket, tmp_path) == ["fetched"]
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT


def test_drawings_of_another_version_give_way_to_the_whole_file(
    bucket: Bucket, tmp_path: Path
) -> None:
    fetch(bucket, tmp_path, limit=10)
    changed = CAT.replace(b'"CH"', b'"FR"')
    bucket.files["/full/simplified/cat.ndjson"] = changed
    fetch(bucket, tmp_path)
    assert (tmp_path / "cat.ndjson").read_bytes() == changed


def test_what_came_before_a_drop_is_not_put_back_to_what_was_there(
    bucket: Bucket, tmp_path: Path
) -> None:
    fetch(bucket, tmp_path, limit=10)
    bucket.cut = [100_000] + [0] * 20
    with pytest.raises(OSError, match="keeps dropping"):
        fetch(bucket, tmp_path)
    bucket.cut = []
    fetch(bucket, tmp_path)
    assert bucket.ranges[-1] == f"bytes={len(first_drawings(10)) + 100_000}-"
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT


def test_a_file_that_is_gone_says_nothing_of_the_next(bucket: Bucket, tmp_path: Path) -> None:
    fetch(bucket, tmp_path)
    (tmp_path / "cat.ndjson").unlink()
    fetch(bucket, tmp_path, limit=10)
    assert fetch(bucket, tmp_path) == ["fetched"]
    assert (tmp_path / "cat.ndjson").read_bytes() == CAT


def test_altered_content_is_refused(bucket: Bucket, tmp_path: Path) -> None:
    bucket.hash_of = b"something else"
    with pytest.raises(ValueError, match="MD5"):
        fetch(bucket, tmp_path)
    assert not list(tmp_path.glob("*"))


@pytest.mark.parametrize(
    "content",
    [
        b"<html>please log in</html>\n",
        json.dumps({"word": "dog", "drawing": []}).encode() + b"\n",
        CAT[:5000],
        b"",
    ],
)
def test_content_that_is_none_is_refused(bucket: Bucket, tmp_path: Path, content: bytes) -> None:
    bucket.files["/full/simplified/cat.ndjson"] = content
    with pytest.raises(ValueError, match=r"no drawing of 'cat'|is empty"):
        fetch(bucket, tmp_path)
    assert not list(tmp_path.glob("*.ndjson*"))


def test_an_unknown_word_and_a_path_are_refused(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no Quick, Draw! word 'catt'"):
        fetch(bucket, tmp_path, "catt")
    for word in ("../cat", "a/b", "a\\b", ".hidden", " "):
        with pytest.raises(ValueError, match="is no Quick, Draw! word"):
            fetch(bucket, tmp_path, word)
    with pytest.raises(ValueError, match="http://"):
        list(fetch_quickdraw(["cat"], tmp_path, base_url="file:///etc"))


def test_offline_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    waits: list[float] = []
    with pytest.raises(OSError, match=rf"127\.0\.0\.1:{port} can't be reached.*--base-url") as told:
        list(
            fetch_quickdraw(
                ["cat"], tmp_path, base_url=f"http://127.0.0.1:{port}", wait=waits.append
            )
        )
    assert "\n" not in str(told.value)
    assert waits == sorted(waits)
    assert len(waits) == 4
