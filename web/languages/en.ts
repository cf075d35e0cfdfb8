/** What the page says, in English. A translation has the same keys, or it does not compile. */
import type { Place } from '../documents/passage.js';

const number = (value: number) => value.toLocaleString('en');
const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
const documents = (count: number) => counted(count, 'document', 'documents');
const megabytes = (bytes: number) => `${number(Math.round(bytes / 1e6))} MB`;

export const en = {
  // The head of the page
  tagline:
    'Ranks texts by how well they answer a query. A small language model reads them all together, in this browser:',
  private: 'everything stays on this machine.',
  footer:
    'The embedded model has 10 million parameters, which match words and their meaning in some fifteen languages. It is here to try things with. Models 60 times as large run on this page, too: choose one above.',

  // Which model
  model: 'Model',
  whichModel: 'Which model',
  modelEmbedded: 'Embedded',
  modelEmbeddedHint: '10 million parameters, in this page: at once',
  modelJinaHint: '600 million parameters, 1.2 GB to download once',
  modelQwenHint: '600 million parameters, 1.2 GB; reads documents one by one',
  modelHub: 'Another on the hub',
  modelHubHint: 'of the same architecture, by its name',
  modelOwn: 'Your own',
  modelOwnHint: 'a folder or .gguf file on this machine',
  modelName: 'Name on the hub',
  modelLookUp: 'Look up',
  modelDrop:
    'Drop a model’s folder here, or a .gguf file and its projector.safetensors. Nothing is uploaded.',
  modelFolder: 'Choose a folder',
  modelFiles: 'Choose files',
  modelFolderLabel: 'Folder of a model',
  modelFilesLabel: 'Files of a model',
  modelMemory: 'Memory that its weights take here',
  modelPause: 'Pause',
  modelKept: 'Kept in this browser',
  modelReady: (name: string) => `${name}: ready.`,
  modelLoading: (name: string) => `loading ${name} …`,
  modelAsking: (name: string) => `Asking the hub for ${name} …`,
  modelInUse: 'In use.',
  modelUse: (dtype: string) => `Use it in ${dtype}`,
  modelAllHere: 'All of it is here.',
  modelAllOfHere: (name: string) => `All of ${name} is here.`,
  modelGoOn: 'Go on downloading',
  modelPartHere: (bytes: string, all: string) => `${bytes} of ${all} are here.`,
  modelDownload: (all: string) => `Download ${all}`,
  modelPaused: 'Paused. What came in is kept.',
  modelShare: (name: string, percent: number) => `${name}: ${percent} % are here`,
  modelRemoved: (name: string) => `${name} was removed.`,
  modelAgree: (licence: string) => `${licence} I agree to that.`,
  modelOwnAbout: (name: string, files: number, bytes: string) =>
    `${name}: ${counted(files, 'file', 'files')}, ${bytes}`,
  modelDownloading: (name: string) => `Downloading ${name}`,
  modelElsewhere: (name: string) => `Another tab downloads ${name}; this one waits for it`,
  modelPace: (done: string, total: string) => `${done} of ${total}`,
  modelSpeed: (perSecond: string, left: string) => ` · ${perSecond}/s · ${left} left`,
  modelMayNotFit: 'may not fit',
  modelProposed: 'proposed',
  modelComputes: (gpu: boolean) => `${gpu ? 'The GPU' : 'The CPU'} computes in this browser`,
  modelMemoryTold: (gigabytes: number) => `it tells of ${gigabytes} GB of memory`,
  modelMemoryLikely: (gigabytes: number) =>
    `it does not tell its memory, ${gigabytes} GB of memory are likely`,
  modelFits: (dtype: string) => `${dtype} fills no more than an eighth`,
  modelSmallest: (dtype: string) => `${dtype}, the smallest, is all that one should try`,
  modelRoom: (used: string, all: string) =>
    `This page fills ${used} of the ${all} that the browser gives it.`,
  modelMayBeCleared: 'The browser may clear it when the disk gets full.',

  // What goes in
  query: 'Query',
  earlierQueries: 'Earlier queries',
  documents: 'Documents',
  documentsHint: 'One on each line, or paragraphs with blank lines between. Or drop files on this page, or',
  chooseFiles: 'choose some',
  fileKinds: ': text, Markdown, JSON, CSV, HTML, PDF.',
  files: 'Files',
  pastedText: 'Pasted text',
  showAll: 'Read them all',
  allDocuments: 'All documents',
  remove: 'Remove',
  removeFile: (name: string) => `Remove ${name}`,
  dropHere: 'Drop it to add its documents',
  runOn: 'Run on',
  automatic: 'Automatic',
  rank: 'Rank',
  counted: documents,
  passages: (count: number) => counted(count, 'passage', 'passages'),
  place: (place: Place) => {
    switch (place.kind) {
      case 'page':
        return `page ${number(place.number)}`;
      case 'row':
        return `row ${number(place.number)}`;
      case 'entry':
        return `no. ${number(place.number)}`;
      case 'section':
        return `“${place.heading}”`;
    }
  },

  // The dialog that asks for a column
  columnTitle: (name: string) => `Which column of ${name} holds the documents?`,
  columnRows: (count: number) => counted(count, 'row', 'rows'),
  columnUnnamed: (column: number) => `Column ${number(column)}`,
  take: 'Take it',
  cancel: 'Cancel',

  // What it is doing
  loading: 'Loading the model …',
  phases: {
    download: 'Downloading the model …',
    tune: 'Timing the graphics card …',
    load: 'Loading the model …',
    rerank: 'Ranking …',
  },
  lookingInside: 'Looking inside …',
  reading: (name: string) => `Reading ${name} …`,
  took: (count: number, name: string) => `Took ${documents(count)} from ${name}.`,
  ready: (device: string) => `Ready on ${device}.`,
  ranked: (count: number) => `Ranked ${documents(count)}.`,
  cancelled: 'Cancelled.',
  rate: (tokens: number) => `${number(tokens)} tokens/s`,
  timeLeft: (seconds: number) =>
    seconds < 90 ? `${number(Math.ceil(seconds))} s left` : `${number(Math.round(seconds / 60))} min left`,
  needQuery: 'What are you looking for? Type a query first.',
  needDocuments: 'There is nothing to rank yet. Put a document on each line.',
  workerFailed: 'The worker that ranks could not start. Reload the page to try again.',

  // What comes out
  result: 'Result',
  views: 'What to see of it',
  ranking: 'Ranking',
  inside: 'Inside',
  beforeRanking: 'Press Rank, and the documents appear here, best first.',
  facts: (tokens: number, seconds: number, device: string) =>
    `${number(tokens)} tokens in ${seconds.toFixed(2)} s · ${device}`,
  cachedTokens: (count: number) =>
    `${counted(count, 'token was', 'tokens were')} there already and not run again`,
  faster: (percent: number) => `${number(percent)} % faster than the query before on the same documents`,
  showBest: 'Best',
  allOfThem: 'all',
  scoreFrom: 'Score from',
  foldAlike: 'Fold near-duplicates',
  shown: (shown: number, all: number) =>
    shown === all ? documents(all) : `${number(shown)} of ${documents(all)}`,
  soFar: (ranked: number, all: number) => `${number(ranked)} of ${documents(all)} so far`,
  noneShown: 'No document has such a score. Lower it to see some.',
  alike: (count: number) => `${counted(count, 'more says', 'more say')} nearly the same`,
  showAllText: 'Show all',
  copy: 'Copy',
  copyOf: (rank: number) => `Copy number ${number(rank)}`,
  copied: 'Copied.',
  save: 'Save as',
  copyLink: 'Copy link',
  linkCopied: 'The link is copied. It holds query and documents; only who has it can read them.',
  linkTooLong: 'This list is too long for a link. Save it as a file instead.',
  linkBroken: 'The link is damaged: its list can not be read. Ask for it again.',
  notCopied: 'The browser does not let this page copy. Select the text and copy it yourself.',
  insideFirst: 'Rank something first: here you see why the model ranked as it did.',
  insideWorks: 'Looking inside: the list is read many times, each time a little different.',
  insideTooMany: (most: number) =>
    `A list of at most ${documents(most)} can be looked into. Rank fewer of them.`,
  insideOf: (query: string, count: number, tokens: number) =>
    `“${query}”, ${documents(count)}, ${number(tokens)} tokens, as the model read them.`,
  insideDone: 'This is how it came to that.',

  // What goes wrong with files
  fileTooLarge: (name: string, bytes: number, most: number) =>
    `${name} has ${megabytes(bytes)}; this page reads files of up to ${megabytes(most)}.`,
  fileTooLargeHint: 'Split it and drop the parts.',
  fileUnreadable: (name: string) => `${name} can not be read.`,
  fileUnreadableHint: 'Is it a folder, or was it moved or changed? Drop the file again.',
  fileEmpty: (name: string) => `${name} is empty.`,
  fileEmptyHint: 'Drop a file with some text in it.',
  fileNoText: (name: string) => `${name} is not UTF-8 text.`,
  fileNoTextHint: 'Save it as text in UTF-8, or as PDF, and drop that.',
  tableRagged: (name: string, row: number, fields: number, width: number) =>
    `Row ${number(row)} of ${name} has ${counted(fields, 'field', 'fields')} where the first row has ${number(width)}.`,
  tableRaggedHint: 'Put quotes around fields that hold a separator or a line break, and drop it again.',
  tableQuotes: (name: string, row: number) => `The quotes in row ${number(row)} of ${name} do not match.`,
  tableQuotesHint: 'Close the quotes, write those inside a field twice, and drop it again.',
  pdfLocked: (name: string) => `${name} is locked with a password.`,
  pdfLockedHint: 'Save it without one and drop that.',
  pdfBroken: (name: string) => `${name} can not be read as a PDF.`,
  pdfBrokenHint: 'Open it in a viewer, save it anew and drop that.',
  pdfWithoutText: (name: string) => `${name} has no text in it, only pictures of pages.`,
  pdfWithoutTextHint: 'Run text recognition (OCR) over it and drop the result.',
};

export type Words = typeof en;
