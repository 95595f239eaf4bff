/**
 * Seeded changes of files: of their bytes, their characters, and, for formats with a structure, of what stands in it, so
 * that most of the file stays valid and the change gets behind the first check.
 */
import { deflateSync, gunzipSync, gzipSync, unzipSync, zipSync } from "fflate";
import { parse, stringify } from "yaml";

const integers = [0, 1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const numbers = [
  0,
  -0,
  -1,
  1,
  0.5,
  -0.5,
  3,
  17,
  900,
  1e4,
  65536,
  1e6,
  2 ** 31 - 1,
  2 ** 31,
  1e9,
  2 ** 53,
  1e18,
  1e300,
  -1e300,
  1e-300,
];
const words = [
  "NaN",
  "Infinity",
  "-Infinity",
  "1e309",
  "-1",
  "0",
  "99999999999999999999",
  "2147483648",
  "1e9",
  "",
  "null",
  "true",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "/etc/passwd",
  "C:\\x",
  "\u0000",
  "\uFEFF",
  "\u{1F9EC}",
  "é",
  "ı",
  "*".repeat(24),
  "(a+)+$",
  "[".repeat(200),
  "x".repeat(5000),
];

const concat = (...parts) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));

/** Changes bytes: flips, extremes in place of integers, cuts, repetitions, splices. */
export function mutateBytes(bytes, random, other = bytes) {
  let changed = new Uint8Array(bytes);
  for (let round = 1 + random.below(4); round > 0; round--) {
    const at = random.below(Math.max(1, changed.length));
    const length = 1 + random.below(Math.max(1, Math.min(64, changed.length - at)));
    switch (random.below(9)) {
      case 0:
        changed[at] ^= 1 << random.below(8);
        break;
      case 1:
        changed[at] = random.one([0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x2c, random.below(256)]);
        break;
      case 2:
      case 3: {
        const size = random.one([2, 4, 8].filter((one) => at + one <= changed.length));
        if (size === undefined) break;
        const view = new DataView(changed.buffer, changed.byteOffset);
        const little = random.below(4) > 0;
        const value = random.one(integers);
        if (size === 2) view.setUint16(at, value & 0xffff, little);
        else if (size === 4) view.setUint32(at, value >>> 0, little);
        else view.setBigUint64(at, random.one([BigInt(value), 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n]), little);
        break;
      }
      case 4:
        changed = changed.slice(0, at);
        break;
      case 5:
        changed = concat(changed.subarray(0, at), changed.subarray(at + length));
        break;
      case 6:
        changed = concat(
          changed.subarray(0, at + length),
          changed.subarray(at, at + length),
          changed.subarray(at + length),
        );
        break;
      case 7: {
        const from = random.below(Math.max(1, other.length));
        changed = concat(changed.subarray(0, at), other.subarray(from, from + 256), changed.subarray(at + length));
        break;
      }
      default:
        changed = mutateDigits(changed, random);
    }
  }
  return changed;
}

/** Puts an extreme in place of a number that is written in digits. */
function mutateDigits(bytes, random) {
  const text = Buffer.from(bytes).toString("latin1");
  const found = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi)];
  if (found.length === 0) return bytes;
  const match = random.one(found);
  const value = random.below(3) === 0 ? random.one(words.slice(0, 9)) : String(random.one(numbers));
  return new Uint8Array(
    Buffer.from(text.slice(0, match.index) + value + text.slice(match.index + match[0].length), "latin1"),
  );
}

/** Changes a text: numbers, words, lines, signs. */
export function mutateText(bytes, random) {
  let text = Buffer.from(bytes).toString("utf8");
  for (let round = 1 + random.below(3); round > 0; round--) {
    const lines = text.split("\n");
    const at = random.below(lines.length);
    const place = random.below(text.length + 1);
    switch (random.below(8)) {
      case 0:
        text = Buffer.from(mutateDigits(Buffer.from(text), random)).toString("utf8");
        break;
      case 1:
        lines.splice(at, 1);
        text = lines.join("\n");
        break;
      case 2:
        lines.splice(at, 0, ...Array(random.one([1, 2, 50])).fill(lines[at]));
        text = lines.join("\n");
        break;
      case 3:
        text = text.slice(0, place) + random.one(words) + text.slice(place);
        break;
      case 4:
        text =
          text.slice(0, place) +
          random.one([",", ";", "\t", '"', "'", "\r", "\r\n", "\n\n", " ", ":", ">", "#"]) +
          text.slice(place);
        break;
      case 5:
        text = text.slice(0, place) + text.slice(place + 1 + random.below(16));
        break;
      case 6: {
        const found = [...text.matchAll(/[^\s,;:"'[\]{}]+/g)];
        if (found.length === 0) break;
        const match = random.one(found);
        text = text.slice(0, match.index) + random.one(words) + text.slice(match.index + match[0].length);
        break;
      }
      default:
        return mutateBytes(new Uint8Array(Buffer.from(text)), random);
    }
  }
  return new Uint8Array(Buffer.from(text));
}

/** Every place of a value: what holds it and under which key. */
function placesIn(value, into = []) {
  if (typeof value === "object" && value !== null)
    for (const key of Object.keys(value)) {
      into.push([value, key]);
      placesIn(value[key], into);
    }
  return into;
}

const nested = (depth) => Array.from({ length: depth }).reduce((inner) => [inner], 1);

/** Changes what stands in plain data. */
export function mutateValue(value, random) {
  const changed = structuredClone(value);
  for (let round = 1 + random.below(3); round > 0; round--) {
    const places = placesIn(changed);
    if (places.length === 0) return random.one([null, [], {}, 1, "x"]);
    const numeric = places.filter(([holder, key]) => typeof holder[key] === "number");
    const [holder, key] = numeric.length > 0 && random.below(2) === 0 ? random.one(numeric) : random.one(places);
    const held = holder[key];
    switch (random.below(8)) {
      case 0:
      case 1:
        holder[key] = random.one(numbers);
        break;
      case 2:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 3:
        if (Array.isArray(holder))
          holder.splice(Number(key), 0, ...Array(random.one([1, 3, 300])).fill(structuredClone(held)));
        else holder[`${key}${random.one(["2", "_", " "])}`] = structuredClone(held);
        break;
      case 4:
        holder[key] = random.one([null, [], {}, true, "", nested(random.one([3, 3000])), [held], { name: held }]);
        break;
      case 5:
        holder[key] = random.one(words);
        break;
      case 6:
        holder[key] =
          typeof held === "number"
            ? random.one([-held, held + 1, held * 2, held / 3, held * 1000])
            : `${String(held)}${random.one(words)}`;
        break;
      default: {
        const [otherHolder, otherKey] = random.one(places);
        if (typeof otherHolder[otherKey] !== "object") holder[key] = otherHolder[otherKey];
      }
    }
  }
  return changed;
}

const json = (bytes, random) => {
  if (random.below(4) === 0) return mutateText(bytes, random);
  return new Uint8Array(
    Buffer.from(JSON.stringify(mutateValue(JSON.parse(Buffer.from(bytes).toString("utf8")), random))),
  );
};

const jsonLines = (bytes, random) => {
  if (random.below(3) === 0) return mutateText(bytes, random);
  const lines = Buffer.from(bytes)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  const at = random.below(lines.length);
  lines[at] = JSON.stringify(mutateValue(JSON.parse(lines[at]), random));
  return new Uint8Array(Buffer.from(`${lines.join("\n")}\n`));
};

const yaml = (bytes, random) => {
  if (random.below(2) === 0) return mutateText(bytes, random);
  return new Uint8Array(Buffer.from(stringify(mutateValue(parse(Buffer.from(bytes).toString("utf8")), random))));
};

const gzip = (bytes, random, other) => {
  if (random.below(3) === 0) return mutateBytes(bytes, random, other);
  return gzipSync(mutateBytes(gunzipSync(bytes), random));
};

/** Changes an archive, or one of its members behind a right checksum. */
const zip = (bytes, random, other) => {
  if (random.below(3) === 0) return mutateBytes(bytes, random, other);
  const members = unzipSync(bytes);
  const name = random.one(Object.keys(members));
  members[name] = mutateBytes(members[name], random);
  return zipSync(members, { level: random.one([0, 6]) });
};

/** Changes the header of a safetensors file and writes its length anew. */
const safetensors = (bytes, random, other) => {
  if (random.below(2) === 0) return mutateBytes(bytes, random, other);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString("utf8"));
  const changed = Buffer.from(JSON.stringify(mutateValue(header, random)));
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(changed.length), true);
  return concat(start, changed, bytes.subarray(8 + length));
};

/** Changes the pixels and chunks of a PNG behind right checksums. */
const png = (bytes, random, other) => {
  if (random.below(2) === 0) return mutateBytes(bytes, random, other);
  const parts = [bytes.subarray(0, 8)];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const chunks = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at))
    chunks.push([bytes.slice(at + 4, at + 8), bytes.slice(at + 8, at + 8 + view.getUint32(at))]);
  const chunk = random.one(chunks);
  chunk[1] =
    random.below(5) === 0 ? deflateSync(new Uint8Array(random.one([0, 64, 2 ** 20]))) : mutateBytes(chunk[1], random);
  for (const [type, data] of chunks) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, data.length);
    const sum = new Uint8Array(4);
    new DataView(sum.buffer).setUint32(0, crc32(concat(type, data)));
    parts.push(length, type, data, sum);
  }
  return concat(...parts);
};

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** How files are changed, by their endings. */
const codecs = [
  [/\.(json)$/, json],
  [/\.(jsonl)$/, jsonLines],
  [/\.(ya?ml)$/, yaml],
  [/\.gz$/, gzip],
  [/\.(npz|zip)$/, zip],
  [/\.safetensors$/, safetensors],
  [/\.png$/, png],
  [/\.(csv|tsv|txt|conll|ann|fa|smi|mtx|md)$/, mutateText],
];

/** A changed file. */
export function mutate(path, bytes, random, other = bytes) {
  const codec = codecs.find(([ending]) => ending.test(path))?.[1] ?? mutateBytes;
  try {
    return codec(bytes, random, other);
  } catch {
    // A file that was changed before may have lost its structure.
    return mutateBytes(bytes, random, other);
  }
}
