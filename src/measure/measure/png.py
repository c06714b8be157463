"""Writes PNG files."""

import struct
import zlib

RGB, RGBA = 2, 6


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode(width: int, height: int, colour: int, rows: bytes, comment: str = "", level: int = 3) -> bytes:
    """Encodes `rows`, each with its filter byte in front. Another `comment` gives another file with the same pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    text = chunk(b"tEXt", b"Comment\0" + comment.encode("latin-1")) if comment else b""
    data = chunk(b"IDAT", zlib.compress(rows, level))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + data + chunk(b"IEND", b"")
