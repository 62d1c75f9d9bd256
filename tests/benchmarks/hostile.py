"""Make hostile data files: small files of every format, most of them damaged."""

import gzip
import json
import random
from pathlib import Path

SEPARATORS = {"csv": ",", "tsv": "\t", "inter": "\t"}
SUFFIXES = (".txt", ".csv", ".tsv", ".jsonl", ".json", ".ndjson", ".inter", "")
TOKENS = ("", " ", "0", "-1", "-0", "+5", "1_0", "1.5", "9" * 18, "9" * 19, "9" * 30, "9" * 5000, "1e400", "1e308",
          "-1e308", "NaN", "inf", "-Infinity", "null", "true", "None", "٣", "½", "x\u00a0y", "x\x0by", "\x0c", "\u2028",
          "\x85", "\u202etxt", "\x1b[31mred", "\x9b31m", "\x00", '"', '""', '"open', 'a"b', "'", ",", "\t", "\r", "\n",
          "\\", "{}", "[]", "../../x", "=1+1", "\ufeff", "\ud800", "a" * 300, "2018-09-04", "9999-12-31",
          "0001-01-01T00:00:00+23:59", "2018-02-30", "1970-01-01 00:00:00.000001", "user_id", "user_id:token", "😀")
NAMES = ("user_id", "item_id", "rating", "timestamp", "title")
BYTES = (b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b'"',
         b",", b"\x1b", b"\x1a", b"\x80", b"{", b"}", b"\\", b"\\ud800", b"\xe2\x80\xa8", b"[" * 3000, b'{"a":' * 3000)


def hostile_file(folder: Path, seed: int, number: int) -> Path:
    """Write file ``number`` of a seed and return its path."""
    rng = random.Random(f"{seed}/{number}")
    kind = rng.choice(("text", "csv", "tsv", "jsonl", "inter"))
    table = rows(rng, kind)
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        rng.choice(IN_TABLES)(rng, table)
    content = write(rng, kind, table)
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        content = rng.choice(IN_BYTES)(rng, content)
    suffix = rng.choice(SUFFIXES) if rng.random() < 0.15 else ".txt" if kind == "text" else f".{kind}"
    packed = rng.random() < 0.25
    path = folder / f"x{number}{suffix}{'.gz' * packed}"
    path.write_bytes(rng.choice(PACKED)(rng, content) if packed else content)
    return path


def rows(rng, kind: str) -> list[list[str]]:
    """Return a table of text that could be imported, below its header; a text file has neither header nor columns."""
    users, items = rng.randint(1, 6), rng.randint(1, 9)
    if kind == "text":
        return [[str(user), *(str(rng.randint(1, items)) for _ in range(rng.randint(3, 8)))] for user in range(users)]
    columns = rng.choice((2, 3, 4, 5))
    names = [f"{name}:{'token' if name.endswith('_id') else 'float'}" if kind == "inter" else name
             for name in NAMES[:columns]]
    made = [[f"u{user}", f"i{rng.randint(1, items)}", str(rng.randint(1, 5)), str(rng.randint(0, 10**9)), "A title"]
            for user in range(users) for _ in range(rng.randint(2, 6))]
    return [names, *(row[:columns] for row in made)]


def write(rng, kind: str, table: list[list[str]]) -> bytes:
    """Return the bytes of a table, with line ends and an encoding of any kind."""
    if kind == "jsonl":
        escaped = rng.random() < 0.5
        lines = [json.dumps(dict(zip(table[0], row, strict=False)), ensure_ascii=escaped) for row in table[1:]]
        if rng.random() < 0.5:
            lines = [line.replace('"null"', "null").replace('"true"', "true").replace('"9', "9").replace('9"', "9")
                     for line in lines]
    else:
        lines = [SEPARATORS.get(kind, " ").join(row) for row in table]
    ends = rng.choice((("\n",), ("\n",), ("\n",), ("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r", "\n\n")))
    text = "".join(line + rng.choice(ends) for line in lines)
    encoding = rng.choice(("utf-8",) * 12 + ("utf-8-sig", "utf-16", "latin-1", "cp1252"))
    return text.encode(encoding, "surrogatepass" if encoding == "utf-16" else "replace")


def _token(rng, table):
    row = rng.choice(table) if table else table
    if row:
        row[rng.randrange(len(row))] = rng.choice(TOKENS)


def _column(rng, table):
    place, value = rng.randrange(5), rng.choice(TOKENS)
    for row in table[1:]:
        row[place:place + 1] = [value] * (place < len(row))


def _lose(rng, table):
    if table:
        table.pop(rng.randrange(len(table)))


def _narrow(rng, table):
    row = rng.choice(table) if table else []
    del row[rng.randrange(len(row) + 1):]


def _wide(rng, table):
    if table:
        rng.choice(table).extend([rng.choice(TOKENS)] * rng.choice((1, 2, 2000)))


def _again(rng, table):
    table.insert(rng.randrange(len(table) + 1), list(rng.choice(table)) if table else [])


def _insert(rng, content):
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.choice(BYTES) + content[place:]


def _flip(rng, content):
    place = rng.randrange(len(content) + 1)
    return content[:place] + bytes([rng.randrange(256)]) + content[place + 1:]


def _cut(rng, content):
    return content[:rng.randrange(len(content) + 1)]


def _noise(rng, content):
    return rng.choice((rng.randbytes(rng.randrange(300)), b"", b"\n" * 5, b" ", b"\x00" * 50, b"\xef\xbb\xbf"))


def _long(rng, content):
    return content + rng.choice((b"a", b"1 ", b'"', b"1,", b"\xff")) * rng.choice((2000, 1_200_000))


IN_TABLES = (_token, _token, _token, _column, _lose, _narrow, _wide, _again)
IN_BYTES = (_insert, _insert, _flip, _cut, _noise, _long)
PACKED = (lambda rng, content: gzip.compress(content), lambda rng, content: gzip.compress(content),
          lambda rng, content: _flip(rng, gzip.compress(content)),
          lambda rng, content: _cut(rng, gzip.compress(content)),
          lambda rng, content: content, lambda rng, content: gzip.compress(gzip.compress(content)),
          lambda rng, content: gzip.compress(content) + rng.randbytes(9),
          lambda rng, content: gzip.compress(content) + gzip.compress(content),
          lambda rng, content: gzip.compress(rng.choice((b"\x00", b"\xff", b"1 2 3 4\n")) * 4_000_000))
