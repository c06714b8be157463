/** A ZIP archive of files that are compressed already, such as PNGs: stored as they are. */
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const FIRST_DAY = 0x21; // 1980-01-01, the format's first day
const UTF8_NAMES = 0x800;

/** @param files [{name, bytes}] */
export function zip(files) {
  const parts = [],
    directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const title = new TextEncoder().encode(name),
      // Version, flags, method "stored", time, date, checksum, both sizes, length of the name, no extra fields.
      shared = [
        [2, 20],
        [2, UTF8_NAMES],
        [2, 0],
        [2, 0],
        [2, FIRST_DAY],
        [4, crc32(bytes)],
      ],
      sizes = [
        [4, bytes.length],
        [4, bytes.length],
        [2, title.length],
        [2, 0],
      ];
    const local = pack([[4, 0x04034b50], ...shared, ...sizes]);
    parts.push(local, title, bytes);
    directory.push(
      pack([[4, 0x02014b50], [2, 20], ...shared, ...sizes, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]),
      title,
    );
    offset += local.length + title.length + bytes.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0),
    { length: count } = files;
  const end = pack([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, length],
    [4, offset],
    [2, 0],
  ]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Little-endian numbers of 2 or 4 bytes. */
function pack(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}
