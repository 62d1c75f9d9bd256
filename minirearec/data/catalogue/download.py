"""Downloading a file: mirrors in turn, resumed after a broken transfer, checked before it gets its name."""

import gzip
import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from minirearec import atomic
from minirearec.data.files.remote import RemoteFile, file_sha256
from minirearec.errors import DataError, DownloadError

CONNECT_SECONDS = 4  # an offline machine should not wait long
READ_SECONDS = 30  # longest silence in the middle of a transfer
ATTEMPTS = 2  # for one address, when a transfer breaks off or ends with wrong bytes
RETRY_SECONDS = 0.5
CHUNK_BYTES = 65536
SAME_HOST = "not tried, the same host as above"


def download(remote: RemoteFile, folder, progress=None) -> Path:
    """Return the path of a remote file in ``folder``, downloaded unless it is there already.

    The bytes go to a ``.part`` file beside it, which is renamed once its sha256 is right: nothing else ever
    has the final name. A transfer that breaks off leaves its ``.part`` file, and the next one, in this call or on
    another day, resumes where it stopped, if the server can. ``progress`` has an attribute ``total``, set when a
    transfer starts, and ``update(bytes)``, ``reset()``, ``close()``; a failed transfer ends in ``reset()``.
    Without a known sha256 any bytes are accepted that arrive complete; those of a ``.gz`` file must be a complete
    gzip file. Raises DataError for a file of that name with other bytes (it is left alone) and for a folder that
    cannot be written, and DownloadError, listing every address and what happened there, when all fail.
    """
    folder = Path(os.path.expanduser(folder))
    path = folder / remote.filename
    if not remote.urls:
        raise DownloadError("has no address to download it from", f"data set {remote.dataset}",
                            f"By hand: {remote.by_hand}.")
    try:
        if path.exists():
            remote.check(path)
            return path
        folder.mkdir(parents=True, exist_ok=True)
        failures = _fetch(remote, path, progress)
    except OSError as error:
        raise DataError(f"cannot be read or written: {error.strerror or error}", str(error.filename or folder),
                        "Choose a folder with free space that you may write to, with --data-dir or "
                        "MINIREAREC_DATA.") from error
    if failures:
        raise _failed(remote, folder, failures)
    return path


def _fetch(remote: RemoteFile, path: Path, progress) -> dict[str, str]:
    """Download to ``path``. Return the reason of failure of each address, or nothing once it is there."""
    left = path.with_name(f"{path.name}.part")  # what a broken transfer left behind
    part = path.with_name(f"{path.name}.{os.getpid()}.part")  # a name for each process: two may fetch at once
    try:
        with suppress(FileNotFoundError):
            os.rename(left, part)  # only one process can take it
        failures = _try_mirrors(remote, part, progress)
        if not failures:
            atomic.move(part, path)
        return failures
    finally:
        with suppress(FileNotFoundError):
            os.replace(part, left)


def _failed(remote: RemoteFile, folder: Path, failures: dict[str, str]) -> DownloadError:
    tried = "; ".join(f"{url}: {reason}" for url, reason in failures.items())
    reasons = "; ".join(dict.fromkeys(reason for reason in failures.values() if reason != SAME_HOST))
    return DownloadError(f"could not be downloaded: {reasons}", f"data set {remote.dataset}",
                         f"Tried {tried}. By hand: {remote.by_hand}. Put it in {folder}, or name its folder "
                         "with --data-dir or MINIREAREC_DATA.")


def _try_mirrors(remote: RemoteFile, part: Path, progress) -> dict[str, str]:
    """Return nothing once ``part`` holds the right bytes, or else the reason of failure of each address."""
    failures: dict[str, str] = {}
    unreachable = set()
    for url in remote.urls:
        host = urlsplit(url).netloc
        if host in unreachable:
            failures[url] = SAME_HOST
            continue
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(RETRY_SECONDS)
            reason, verdict = _transfer(url, remote.sha256, part, progress)
            if reason is None:
                return {}
            failures[url] = reason
            if verdict == "unreachable":
                unreachable.add(host)
            if verdict != "again":
                break
    return failures


def _transfer(url: str, sha256: str, part: Path, progress) -> tuple[str | None, str]:
    """Return why one transfer failed, or None, and what follows: try "again", "next" address, host "unreachable".

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
        response = error.response
        assert response is not None  # of raise_for_status in _receive
        status = response.status_code
        reason, verdict = f"HTTP {status} {response.reason}", "again" if status >= 500 else "next"
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
    """Write what an address sends to ``part``; only the rest, if the beginning is there and the server can do that."""
    import requests

    # identity: a compressed transfer would count other bytes than its Content-Length says
    headers = {"Accept-Encoding": "identity"}
    there = part.stat().st_size if part.exists() else 0
    if there:
        headers["Range"] = f"bytes={there}-"
    with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), headers=headers) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing follows: the bytes that are there will be checked
        response.raise_for_status()
        resumes = response.headers.get("Content-Range", "").startswith(f"bytes {there}-")
        if response.status_code == requests.codes.partial_content and not resumes:
            raise ValueError("the server sent a part of the file that was not requested")
        if progress:
            progress.total = int(response.headers.get("Content-Length", 0)) + there * resumes
            progress.update(there * resumes)
        with open(part, "ab" if resumes else "wb") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                file.write(chunk)
                if progress:
                    progress.update(len(chunk))
    if progress:
        progress.close()


def _wrong_bytes(part: Path, url: str, sha256: str) -> str | None:
    """Return what is wrong with the bytes that arrived, or None."""
    if sha256:
        got = file_sha256(part)
        return None if got == sha256 else f"wrong bytes (sha256 {got[:12]}..., expected {sha256[:12]}...)"
    if url.endswith(".gz"):
        try:
            with gzip.open(part) as file:
                while file.read(1 << 20):
                    pass
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            return f"wrong bytes (not a complete gzip file: {error})"
    return None


def _root(error: BaseException) -> str:
    """Return the innermost message of a chain of wrapped errors; the outer ones repeat it with class names added."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(inner, BaseException):
            break
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
