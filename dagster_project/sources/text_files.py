"""Text files as DuckDB reads them: whole, unpacked and in UTF-8.

DuckDB verifies no gzip checksum, takes a zstd file that ends early for a shorter one, and knows few encodings. So
gzip is unpacked here, which is where damage shows, and what is not UTF-8 or Latin-1 is decoded here.
"""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

NATIVE_ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "iso8859-1": "latin-1"}
"""What DuckDB reads itself, by Python's name of the encoding."""
CHUNK = 1 << 20
LARGEST_EXPANSION = 400
SMALL = 64 << 20
DELIMITERS = (";", "\t", "|", ",")
ENCODING = "; declare its encoding, such as encoding: cp1252"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENOUGH = 4096
"""Bytes of a text that show whether it is UTF-16."""
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_CONTENT_SIZE_BYTES = (0, 2, 4, 8)
ZSTD_DICTIONARY_BYTES = (0, 1, 2, 4)


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says why."""


def one_column(names: Sequence[str]) -> str | None:
    """What is wrong when the only column of a file looks like several."""
    delimiter = next((d for d in DELIMITERS if len(names) == 1 and d in names[0]), None)
    return delimiter and f"the file has one column, {names[0]!r}; declare delimiter: {json.dumps(delimiter)}"


def encoding_of_names(names: Sequence[str]) -> str:
    """What to declare where a column's name is not in the encoding that the source declares."""
    return ENCODING if any("\ufffd" in name for name in names) else ""


def check_encoding(declared: str, start: bytes) -> None:
    """Whether a text that begins with these bytes can be read as declared, as far as UTF-16 goes: its mark or its zero
    bytes give it away, and their absence what is not UTF-16. Raises UnreadableFileError with what to declare."""
    if declared.startswith("utf-32"):
        return
    is_declared = declared.startswith("utf-16")
    if start.startswith(UTF_16_MARKS):
        fits, why = is_declared, "; declare encoding: utf-16"
    elif 0 in start[:2]:
        seen = "utf-16-be" if start[0] == 0 else "utf-16-le"
        fits, why = declared == seen, f"; declare encoding: {seen}"
    else:
        fits, why = not is_declared or 0 in start, "; declare encoding: utf-8" if _is_utf_8(start) else ENCODING
    if not fits:
        raise UnreadableFileError(f"the file is not {declared.removesuffix('-sig')}{why}")


def _is_utf_8(start: bytes) -> bool:
    """Whether bytes are UTF-8, but for a last character that is cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeError:
        return False
    return True


def compression_of(path: Path) -> str:
    """gzip, zstd or none, by the file's extension."""
    return {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}.get(path.suffix.lower(), "none")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked when it is gzip."""
    with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as unpacked:
        try:
            yield unpacked if compression_of(path) == "gzip" else packed  # type: ignore[misc]  # both read bytes
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnreadableFileError(f"damaged gzip: {error}") from None


def unpacked_size(path: Path) -> int:
    """About how many bytes the file holds once unpacked."""
    size = path.stat().st_size
    if compression_of(path) == "gzip" and size >= 4:
        with path.open("rb") as stream:
            stream.seek(-4, 2)
            return max(size, int.from_bytes(stream.read(4), "little"))
    return size * 6 if compression_of(path) == "zstd" else size


def _checked_chunks(stream: IO[bytes], packed_size: int) -> Iterator[bytes]:
    """The file's bytes; a small file that unpacks without end is refused before it fills the disk."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > max(SMALL, LARGEST_EXPANSION * packed_size):
            raise UnreadableFileError(f"the file unpacks to more than {LARGEST_EXPANSION} times its size")
        yield chunk


def copy_unpacked(path: Path, encoding: str | None, target: Path) -> None:
    """Write an unpacked copy of a file; text in an encoding becomes UTF-8, without one the bytes stay as they are."""
    if compression_of(path) == "zstd":
        raise UnreadableFileError(f"encoding {encoding!r} inside zstd is not supported; use gzip or UTF-8")
    decode = codecs.getincrementaldecoder(encoding)().decode if encoding else None
    try:
        with _opened(path) as stream, target.open("wb") as out:
            for chunk in _checked_chunks(stream, path.stat().st_size):
                out.write(decode(chunk).encode() if decode else chunk)
            if decode:
                out.write(decode(b"", True).encode())
    except UnicodeError as error:
        raise UnreadableFileError(f"not valid {(encoding or '').removesuffix('-sig')}: {error}{ENCODING}") from None


def first_bytes(path: Path, size: int) -> bytes:
    """The first bytes of a file that is not zstd, unpacked."""
    with _opened(path) as stream:
        return stream.read(size)


def ends_with_a_line(path: Path) -> bool:
    """Whether the last line of a file is ended, in whatever encoding; of zstd, which is checked to its end, it is taken to
    be."""
    if compression_of(path) == "zstd":
        return True
    last = b""
    with _opened(path) as stream:
        while chunk := stream.read(CHUNK):
            last = chunk
    return last.rstrip(b"\0")[-1:] in (b"\n", b"\r")


def check_zstd(path: Path) -> None:
    """Walk the blocks of a zstd file to its end without unpacking it; raises UnreadableFileError if it ends early."""
    size = path.stat().st_size
    with path.open("rb") as stream:

        def take(count: int) -> int:
            taken = stream.read(count)
            if len(taken) < count:
                raise UnreadableFileError("damaged zstd: the file ends early")
            return int.from_bytes(taken, "little")

        while stream.tell() < size:
            magic = take(4).to_bytes(4, "little")
            if magic[1:] == b"\x2a\x4d\x18" and 0x50 <= magic[0] <= 0x5F:  # a skippable frame
                stream.seek(take(4), 1)
                continue
            if magic != ZSTD_MAGIC:
                raise UnreadableFileError("damaged zstd: no frame where one should begin")
            descriptor = take(1)
            is_single_segment = bool(descriptor & 0x20)
            content_size = ZSTD_CONTENT_SIZE_BYTES[descriptor >> 6] or int(is_single_segment)
            take((0 if is_single_segment else 1) + ZSTD_DICTIONARY_BYTES[descriptor & 3] + content_size)
            is_last = False
            while not is_last:
                block = take(3)
                is_last = bool(block & 1)
                length = 1 if (block >> 1) & 3 == 1 else block >> 3  # a run of one byte holds that byte only
                stream.seek(length, 1)
                if stream.tell() > size:
                    raise UnreadableFileError("damaged zstd: the file ends early")
            take(4 if descriptor & 4 else 0)
