"""Downloading the file of a card: mirrors in turn, resumed where one broke off, checked before it gets its name."""

import gzip
import hashlib
import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from minirearec.data.catalogue.cards import Card
from minirearec.data.files.text import wrong_sha256
from minirearec.errors import DataError, DownloadError

CONNECT_SECONDS = 4  # an offline machine should not wait long
READ_SECONDS = 30  # longest silence in the middle of a transfer
ATTEMPTS = 2  # for one address, when a transfer breaks off or ends with wrong bytes
RETRY_SECONDS = 0.5
CHUNK_BYTES = 65536
SAME_HOST = "not tried, the same host as above"


def download(card: Card, folder, progress=None) -> Path:
    """The path of the card's file in ``folder``, downloaded unless it is there already.

    The bytes go to a ``.part`` file beside it, which is renamed once its sha256 is right: nothing else ever
    has the final name. A transfer that breaks off leaves its ``.part`` file, and the next one, of this call or of
    another day, goes on where it ended, if the server can. ``progress`` has an attribute ``total``, set when a transfer
    starts, and ``update(bytes)``, ``reset()``, ``close()``; a failed transfer ends in ``reset()``.
    A card without a sha256 takes any bytes that came whole; those of a ``.gz`` file must be a whole gzip file.
    Raises DataError for a file of that name with other bytes (it is left alone) and for a folder that
    cannot be written, and DownloadError, listing every address and what happened there, when all fail.
    """
    folder = Path(folder).expanduser()
    path = folder / card.filename
    if not card.urls:
        raise DownloadError("has no address to download it from", f"data set {card.name}", f"By hand: {card.by_hand}.")
    try:
        if path.exists():
            got = file_sha256(path) if card.sha256 else ""
            if got != card.sha256:
                raise wrong_sha256(path, card, got)
            return path
        folder.mkdir(parents=True, exist_ok=True)
        left = folder / f"{card.filename}.part"  # what a broken transfer left behind
        part = folder / f"{card.filename}.{os.getpid()}.part"  # a name for each process: two may fetch at once
        try:
            with suppress(FileNotFoundError):
                os.rename(left, part)  # only one process can take it
            failures = _try_mirrors(card, part, progress)
            if failures is None:
                os.replace(part, path)
                return path
        finally:
            with suppress(FileNotFoundError):
                os.replace(part, left)
    except OSError as error:
        raise DataError(f"cannot be read or written: {error.strerror or error}", str(error.filename or folder),
                        "Choose a folder with space that you may write to with --data-dir or "
                        "MINIREAREC_DATA.") from error
    tried = "\n".join(f"  {url}: {reason}" for url, reason in failures.items())
    reasons = "; ".join(dict.fromkeys(reason for reason in failures.values() if reason != SAME_HOST))
    raise DownloadError(f"could not be downloaded: {reasons}", f"data set {card.name}",
                        f"Tried:\n{tried}\nBy hand: {card.by_hand}. Put it in {folder}, or name its folder "
                        "with --data-dir or MINIREAREC_DATA.")


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _try_mirrors(card: Card, part: Path, progress) -> dict[str, str] | None:
    """None once ``part`` holds the right bytes, or the reason of failure of each address."""
    failures: dict[str, str] = {}
    unreachable = set()
    for url in card.urls:
        host = urlsplit(url).netloc
        if host in unreachable:
            failures[url] = SAME_HOST
            continue
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(RETRY_SECONDS)
            reason, verdict = _transfer(url, card.sha256, part, progress)
            if reason is None:
                return None
            failures[url] = reason
            if verdict == "unreachable":
                unreachable.add(host)
            if verdict != "again":
                break
    return failures


def _transfer(url: str, sha256: str, part: Path, progress) -> tuple[str | None, str]:
    """Why one transfer failed, or None, and what that says: try "again", "next" address, host "unreachable".

    Problems of the disk are not caught here: another address would not help.
    """
    import requests
    from urllib3.exceptions import MaxRetryError

    try:
        _receive(url, part, progress)
        reason, verdict = _wrong_bytes(part, url, sha256), "again"
        if reason is None:
            return None, "done"
        part.unlink()
    except requests.HTTPError as error:
        status = error.response.status_code
        reason, verdict = f"HTTP {status} {error.response.reason}", "again" if status >= 500 else "next"
    except requests.ConnectTimeout:
        reason, verdict = f"no connection within {CONNECT_SECONDS} seconds", "unreachable"
    except requests.ConnectionError as error:
        # requests wraps a connection that was never made in MaxRetryError; one that broke comes otherwise.
        never_made = bool(error.args) and isinstance(error.args[0], MaxRetryError)
        reason = f"{'cannot connect' if never_made else 'connection lost'} ({_root(error)})"
        verdict = "unreachable" if never_made else "again"
    except (requests.exceptions.ChunkedEncodingError, requests.ReadTimeout) as error:
        reason, verdict = f"connection lost ({_root(error)})", "again"
    except (requests.RequestException, ValueError) as error:  # ValueError: a malformed address or header
        reason, verdict = str(error), "next"
    if progress:
        progress.reset()
    return reason, verdict


def _receive(url: str, part: Path, progress) -> None:
    """Write what an address gives to ``part``: the rest of it, when part of it is there and the server can do that."""
    import requests

    # identity: a compressed transfer would count other bytes than its Content-Length says
    headers = {"Accept-Encoding": "identity"}
    there = part.stat().st_size if part.exists() else 0
    if there:
        headers["Range"] = f"bytes={there}-"
    with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), headers=headers) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing follows: the bytes that are there are judged as they stand
        response.raise_for_status()
        goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {there}-")
        if response.status_code == requests.codes.partial_content and not goes_on:
            raise ValueError("the server gave another part of the file than it was asked for")
        if progress:
            progress.total = int(response.headers.get("Content-Length", 0)) + there * goes_on
            progress.update(there * goes_on)
        with open(part, "ab" if goes_on else "wb") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                file.write(chunk)
                if progress:
                    progress.update(len(chunk))
    if progress:
        progress.close()


def _wrong_bytes(part: Path, url: str, sha256: str) -> str | None:
    """What is wrong with the bytes that came, or None."""
    if sha256:
        got = file_sha256(part)
        return None if got == sha256 else f"wrong bytes (sha256 {got[:12]}..., expected {sha256[:12]}...)"
    if url.endswith(".gz"):
        try:
            with gzip.open(part) as file:
                while file.read(1 << 20):
                    pass
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            return f"wrong bytes (not a whole gzip file: {error})"
    return None


def _root(error: BaseException) -> str:
    """The innermost message of a chain of wrapped errors: the outer ones repeat it with class names around it."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(inner, BaseException):
            break
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
