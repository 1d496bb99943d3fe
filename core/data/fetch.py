"""Fetching Quick, Draw! files (CC BY 4.0, Google) from their public bucket, or a mirror of it."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

QUICKDRAW_URL = "https://storage.googleapis.com/quickdraw_dataset"
_CHUNK = 256 * 1024
_TRIES = 5
_PATIENCE = 30.0
"""Seconds without a byte after which a connection counts as dropped."""


@dataclass(frozen=True)
class Fetched:
    """One file of the outcome."""

    word: str
    path: Path
    drawings: int
    bytes: int
    status: str
    """`fetched`, or `kept` where it was there already."""


@dataclass
class _Remote:
    """What a server tells of a file."""

    total: int | None = None
    md5: str | None = None
    tag: str | None = None


class _DroppedError(OSError):
    """A connection that ended before its file did."""


# What another try may mend; a full disk is not among it.
_NETWORK = (
    _DroppedError,
    urllib.error.URLError,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
    http.client.HTTPException,
)


def fetch_quickdraw(
    words: list[str],
    folder: Path,
    *,
    limit: int = 0,
    base_url: str = QUICKDRAW_URL,
    wait: Callable[[float], None] = time.sleep,
    advance: Callable[[int], None] = lambda _bytes: None,
) -> Iterator[Fetched]:
    """Fetch `<word>.ndjson` of each word into `folder`: the first `limit` drawings, or all for 0.

    What a broken connection left is continued, in this call or a later one. A file appears under
    its name when it is complete: its size is the server's, its MD5 too where the server tells
    one, and every line is a drawing of the word. One that holds fewer than asked stays until then.
    wait: called with the seconds to pause before another try. advance: called with bytes read.
    Errors: ValueError for a word that is no name, is not on the server, or comes with content
    that is none; OSError naming the host when it can't be reached or keeps dropping.
    """
    if limit < 0:
        raise ValueError(f"limit is {limit}: 0 (all) or more is allowed")
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise ValueError(f"base URL '{base_url}' must begin with http:// or https://")
    for word in words:
        if not word.strip() or word.startswith(".") or set(word) & set('/\\:*?"<>|\0'):
            raise ValueError(f"'{word}' is no Quick, Draw! word")
    folder.mkdir(parents=True, exist_ok=True)
    for word in words:
        yield _fetch_word(word, folder, limit, base_url, wait, advance)


def _fetch_word(
    word: str,
    folder: Path,
    limit: int,
    base_url: str,
    wait: Callable[[float], None],
    advance: Callable[[int], None],
) -> Fetched:
    path, part = folder / f"{word}.ndjson", folder / f"{word}.ndjson.part"
    whole = folder / f".{word}.whole"  # says that `path` holds all drawings there are
    if path.is_file():
        lines = _count_lines(path)
        if whole.exists() or (limit and lines >= limit):
            return Fetched(word, path, lines, path.stat().st_size, "kept")
        _begin_with(path, part)
    # Left by a file that is gone, it would say of the next one, whole or not, that it is whole.
    whole.unlink(missing_ok=True)
    url = f"{base_url.rstrip('/')}/full/simplified/{quote(word)}.ndjson"

    def fetched() -> tuple[bool, int]:
        complete = _download(url, word, part, limit, wait, advance)
        return complete, _check_drawings(part, word, url)

    try:
        complete, drawings = fetched()
    except ValueError:
        if part.exists() or not path.is_file():
            raise
        # What was here may begin another version of the file: everything comes anew, once.
        complete, drawings = fetched()
    os.replace(part, path)
    if complete:
        whole.touch()
    return Fetched(word, path, drawings, path.stat().st_size, "fetched")


def _begin_with(path: Path, part: Path) -> None:
    """Let `part` begin with the drawings of `path`, unless it holds as many bytes of its own."""
    if part.is_file() and part.stat().st_size >= path.stat().st_size:
        return
    part.with_suffix(".tag").unlink(missing_ok=True)  # of which version `path` is, nobody knows
    shutil.copyfile(path, part)


def _download(
    url: str,
    word: str,
    part: Path,
    limit: int,
    wait: Callable[[float], None],
    advance: Callable[[int], None],
) -> bool:
    """Complete `part`; True when it holds the whole file, not only the drawings asked for."""
    tag_path = part.with_suffix(".tag")
    idle = 0
    while True:
        before = part.stat().st_size if part.is_file() else 0
        try:
            remote = _stream(url, word, part, tag_path, limit, advance)
            break
        except _NETWORK as error:
            grown = (part.stat().st_size if part.is_file() else 0) > before
            idle = 0 if grown else idle + 1
            if idle >= _TRIES:
                host = urlsplit(url).netloc
                raise OSError(
                    f"can't fetch {url}: {host} can't be reached or keeps dropping the connection "
                    f"({error}); run again to go on, or name a mirror with --base-url"
                ) from error
            wait(min(2.0**idle, 30.0))
    tag_path.unlink(missing_ok=True)
    if remote is None:
        return False
    if remote.md5 is not None and _md5(part) != remote.md5:
        part.unlink()
        raise ValueError(f"{url} arrived altered: its MD5 is not the server's; run again")
    return True


def _stream(
    url: str, word: str, part: Path, tag_path: Path, limit: int, advance: Callable[[int], None]
) -> _Remote | None:
    """Append to `part` until the file ends (its facts) or holds `limit` drawings (None)."""
    if limit and part.is_file() and _trim(part, limit):
        return None
    start = part.stat().st_size if part.is_file() else 0
    with _request(url, word, start, tag_path) as response:
        remote = _facts(response)
        if response.status == 416:  # nothing lies beyond what is here
            part.touch()
            return _sized(part, remote)
        if response.status != 206:
            start = 0
        if remote.tag:
            tag_path.write_text(remote.tag, "utf-8")
        lines = _count_lines(part) if limit and start else 0
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                advance(len(chunk))
                lines += chunk.count(b"\n")
                if limit and lines >= limit:
                    break
    if limit and _trim(part, limit):
        return None
    return _sized(part, remote)


@contextmanager
def _request(url: str, word: str, start: int, tag_path: Path) -> Iterator[http.client.HTTPResponse]:
    request = urllib.request.Request(url)
    request.add_header("Accept-Encoding", "identity")
    if start:
        request.add_header("Range", f"bytes={start}-")
        if tag_path.is_file():  # a file that changed on the server comes whole
            request.add_header("If-Range", tag_path.read_text("utf-8"))
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as response:
            yield response
    except urllib.error.HTTPError as error:
        if error.code == 416:
            yield error  # type: ignore[misc]
        elif error.code in (403, 404, 410):
            raise ValueError(f"there is no Quick, Draw! word '{word}' at {url}") from error
        else:
            raise _DroppedError(f"the server answers {error.code} {error.reason}") from error


def _facts(response: http.client.HTTPResponse) -> _Remote:
    remote = _Remote(tag=response.headers.get("ETag"))
    content_range = response.headers.get("Content-Range", "")
    length = content_range.rpartition("/")[2] or response.headers.get("Content-Length", "")
    remote.total = int(length) if length.isdigit() else None
    for part in ",".join(response.headers.get_all("x-goog-hash", [])).split(","):
        name, _, value = part.strip().partition("=")
        if name == "md5":
            remote.md5 = base64.b64decode(value).hex()
    return remote


def _sized(part: Path, remote: _Remote) -> _Remote:
    size = part.stat().st_size
    if remote.total is not None and size > remote.total:
        part.unlink()
        raise _DroppedError(f"what was fetched before is {size} bytes of {remote.total}")
    if remote.total is not None and size < remote.total:
        raise _DroppedError(f"{size} of {remote.total} bytes came")
    return remote


def _trim(part: Path, limit: int) -> bool:
    """Cut after `limit` lines; False when there are fewer."""
    end = 0
    with part.open("rb") as file:
        for number, line in enumerate(file, 1):
            end += len(line)
            if number == limit and line.endswith(b"\n"):
                break
        else:
            return False
    os.truncate(part, end)
    return True


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def _check_drawings(part: Path, word: str, url: str) -> int:
    """Number of drawings; ValueError, and the part is removed, where a line is none of `word`."""
    number = 0
    with part.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                told = json.loads(line)
                good = told["word"] == word and isinstance(told["drawing"], list)
            except (ValueError, KeyError, TypeError):
                good = False
            if not good:
                part.unlink()
                raise ValueError(f"{url}: line {number} is no drawing of '{word}'")
    if not number:
        part.unlink()
        raise ValueError(f"{url} is empty")
    return number


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
