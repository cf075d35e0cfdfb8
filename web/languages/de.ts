/** Was die Seite sagt, auf Deutsch. */
import type { Words } from './en.js';

const number = (value: number) => value.toLocaleString('de');
const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
const documents = (count: number) => counted(count, 'Dokument', 'Dokumente');
const ofDocuments = (count: number) => counted(count, 'Dokument', 'Dokumenten');
const megabytes = (bytes: number) => `${number(Math.round(bytes / 1e6))} MB`;

export const de: Words = {
  tagline:
    'Ordnet Texte danach, wie gut sie auf eine Frage antworten. Ein kleines Sprachmodell liest sie alle zusammen, in diesem Browser:',
  private: 'Alles bleibt auf diesem Gerät.',
  footer:
    'Das eingebaute Modell hat 10 Millionen Parameter, die Wörter und ihre Bedeutung in etwa fünfzehn Sprachen vergleichen. Es ist zum Ausprobieren da. Auch 60-mal so große Modelle laufen auf dieser Seite: Oben lässt sich eines wählen.',

  // Welches Modell
  model: 'Modell',
  whichModel: 'Welches Modell',
  modelEmbedded: 'Eingebaut',
  modelEmbeddedHint: '10 Millionen Parameter, in dieser Seite: sofort',
  modelJinaHint: '600 Millionen Parameter, einmal 1,2 GB herunterladen',
  modelQwenHint: '600 Millionen Parameter, 1,2 GB; liest Dokumente einzeln',
  modelHub: 'Ein anderes vom Hub',
  modelHubHint: 'von gleicher Bauart, mit seinem Namen',
  modelOwn: 'Ein eigenes',
  modelOwnHint: 'ein Ordner oder eine .gguf-Datei auf diesem Gerät',
  modelName: 'Name auf dem Hub',
  modelLookUp: 'Nachsehen',
  modelDrop:
    'Den Ordner eines Modells hierher ziehen, oder eine .gguf-Datei und ihre projector.safetensors. Nichts wird hochgeladen.',
  modelFolder: 'Ordner wählen',
  modelFiles: 'Dateien wählen',
  modelFolderLabel: 'Ordner eines Modells',
  modelFilesLabel: 'Dateien eines Modells',
  modelMemory: 'Speicher, den seine Gewichte hier brauchen',
  modelPause: 'Anhalten',
  modelKept: 'In diesem Browser aufbewahrt',
  modelReady: (name) => `${name}: bereit.`,
  modelLoading: (name) => `lädt ${name} …`,
  modelAsking: (name) => `Fragt den Hub nach ${name} …`,
  modelInUse: 'In Gebrauch.',
  modelUse: (dtype) => `In ${dtype} benutzen`,
  modelAllHere: 'Alles davon ist da.',
  modelAllOfHere: (name) => `${name} ist ganz da.`,
  modelGoOn: 'Weiter herunterladen',
  modelPartHere: (bytes, all) => `${bytes} von ${all} sind da.`,
  modelDownload: (all) => `${all} herunterladen`,
  modelPaused: 'Angehalten. Was ankam, bleibt.',
  modelShare: (name, percent) => `${name}: ${percent} % sind da`,
  modelRemoved: (name) => `${name} wurde entfernt.`,
  modelAgree: (licence) => `${licence} Damit bin ich einverstanden.`,
  modelOwnAbout: (name, files, bytes) => `${name}: ${counted(files, 'Datei', 'Dateien')}, ${bytes}`,
  modelDownloading: (name) => `Lädt ${name} herunter`,
  modelElsewhere: (name) => `Ein anderer Tab lädt ${name} herunter; dieser wartet darauf`,
  modelPace: (done, total) => `${done} von ${total}`,
  modelSpeed: (perSecond, left) => ` · ${perSecond}/s · noch ${left}`,
  modelMayNotFit: 'vielleicht zu groß',
  modelProposed: 'empfohlen',
  modelComputes: (gpu) => `In diesem Browser rechnet ${gpu ? 'die GPU' : 'die CPU'}`,
  modelMemoryTold: (gigabytes) => `er nennt ${gigabytes} GB Speicher`,
  modelMemoryLikely: (gigabytes) => `er nennt seinen Speicher nicht, ${gigabytes} GB sind wahrscheinlich`,
  modelFits: (dtype) => `${dtype} füllt höchstens ein Achtel`,
  modelSmallest: (dtype) => `mehr als ${dtype}, das kleinste, sollte man nicht versuchen`,
  modelRoom: (used, all) => `Diese Seite füllt ${used} von ${all}, die der Browser ihr gibt.`,
  modelMayBeCleared: 'Der Browser darf das löschen, wenn die Platte voll wird.',

  query: 'Anfrage',
  earlierQueries: 'Frühere Anfragen',
  documents: 'Dokumente',
  documentsHint: 'Eines je Zeile, oder Absätze mit Leerzeilen dazwischen. Oder Dateien hierher ziehen, oder',
  chooseFiles: 'welche auswählen',
  fileKinds: ': Text, Markdown, JSON, CSV, HTML, PDF.',
  files: 'Dateien',
  pastedText: 'Eingefügter Text',
  showAll: 'Alle lesen',
  allDocuments: 'Alle Dokumente',
  remove: 'Entfernen',
  removeFile: (name) => `${name} entfernen`,
  dropHere: 'Loslassen, um die Dokumente aufzunehmen',
  runOn: 'Rechnen auf',
  automatic: 'Automatisch',
  rank: 'Ordnen',
  counted: documents,
  passages: (count) => counted(count, 'Abschnitt', 'Abschnitte'),
  place: (place) => {
    switch (place.kind) {
      case 'page':
        return `Seite ${number(place.number)}`;
      case 'row':
        return `Zeile ${number(place.number)}`;
      case 'entry':
        return `Nr. ${number(place.number)}`;
      case 'section':
        return `„${place.heading}“`;
    }
  },

  columnTitle: (name) => `In welcher Spalte von ${name} stehen die Dokumente?`,
  columnRows: (count) => counted(count, 'Zeile', 'Zeilen'),
  columnUnnamed: (column) => `Spalte ${number(column)}`,
  take: 'Nehmen',
  cancel: 'Abbrechen',

  loading: 'Das Modell wird geladen …',
  phases: {
    download: 'Das Modell wird heruntergeladen …',
    tune: 'Die Grafikkarte wird vermessen …',
    load: 'Das Modell wird geladen …',
    rerank: 'Wird geordnet …',
  },
  lookingInside: 'Blick ins Innere …',
  reading: (name) => `${name} wird gelesen …`,
  took: (count, name) => `${documents(count)} aus ${name} aufgenommen.`,
  ready: (device) => `Bereit: ${device}.`,
  ranked: (count) => `${documents(count)} geordnet.`,
  cancelled: 'Abgebrochen.',
  rate: (tokens) => `${number(tokens)} Token/s`,
  timeLeft: (seconds) =>
    seconds < 90 ? `noch ${number(Math.ceil(seconds))} s` : `noch ${number(Math.round(seconds / 60))} min`,
  needQuery: 'Was suchen Sie? Zuerst braucht es eine Anfrage.',
  needDocuments: 'Noch gibt es nichts zu ordnen. Schreiben Sie ein Dokument in jede Zeile.',
  workerFailed: 'Der Worker, der rechnet, konnte nicht starten. Laden Sie die Seite neu.',

  result: 'Ergebnis',
  views: 'Ansichten des Ergebnisses',
  ranking: 'Rangfolge',
  inside: 'Innenleben',
  beforeRanking: 'Nach „Ordnen“ stehen hier die Dokumente, das beste zuerst.',
  facts: (tokens, seconds, device) =>
    `${number(tokens)} Token in ${seconds.toLocaleString('de', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} s · ${device}`,
  cachedTokens: (count) =>
    `${counted(count, 'Token war', 'Token waren')} schon da und wurden nicht neu gerechnet`,
  faster: (percent) => `${number(percent)} % schneller als die Anfrage davor an dieselben Dokumente`,
  showBest: 'Beste',
  allOfThem: 'alle',
  scoreFrom: 'Wertung ab',
  foldAlike: 'Fast Gleiches zusammenfalten',
  shown: (shown, all) => (shown === all ? documents(all) : `${number(shown)} von ${ofDocuments(all)}`),
  soFar: (ranked, all) => `bisher ${number(ranked)} von ${ofDocuments(all)}`,
  noneShown: 'Kein Dokument hat eine solche Wertung. Senken Sie sie, um welche zu sehen.',
  alike: (count) => `${counted(count, 'weiteres sagt', 'weitere sagen')} fast dasselbe`,
  showAllText: 'Alles zeigen',
  copy: 'Kopieren',
  copyOf: (rank) => `Nummer ${number(rank)} kopieren`,
  copied: 'Kopiert.',
  save: 'Speichern als',
  copyLink: 'Link kopieren',
  linkCopied: 'Der Link ist kopiert. Er enthält Anfrage und Dokumente; nur wer ihn hat, kann sie lesen.',
  linkTooLong: 'Diese Liste ist zu lang für einen Link. Speichern Sie sie als Datei.',
  linkBroken: 'Der Link ist beschädigt: Seine Liste lässt sich nicht lesen. Bitten Sie noch einmal darum.',
  notCopied: 'Der Browser lässt diese Seite nicht kopieren. Markieren und kopieren Sie den Text selbst.',
  insideFirst: 'Zuerst etwas ordnen: Hier sieht man dann, warum das Modell so geordnet hat.',
  insideWorks: 'Blick ins Innere: Die Liste wird viele Male gelesen, jedes Mal ein wenig anders.',
  insideTooMany: (most) =>
    `In eine Liste von höchstens ${ofDocuments(most)} kann man hineinsehen. Ordnen Sie weniger.`,
  insideOf: (query, count, tokens) =>
    `„${query}“, ${documents(count)}, ${number(tokens)} Token, so wie das Modell sie gelesen hat.`,
  insideDone: 'So ist es dazu gekommen.',

  fileTooLarge: (name, bytes, most) =>
    `${name} hat ${megabytes(bytes)}; diese Seite liest Dateien bis ${megabytes(most)}.`,
  fileTooLargeHint: 'Teilen Sie die Datei und ziehen Sie die Teile hierher.',
  fileUnreadable: (name) => `${name} lässt sich nicht lesen.`,
  fileUnreadableHint:
    'Ist es ein Ordner, oder wurde die Datei verschoben? Ziehen Sie sie noch einmal hierher.',
  fileEmpty: (name) => `${name} ist leer.`,
  fileEmptyHint: 'Ziehen Sie eine Datei hierher, in der Text steht.',
  fileNoText: (name) => `${name} ist kein Text in UTF-8.`,
  fileNoTextHint: 'Speichern Sie die Datei als Text in UTF-8 oder als PDF.',
  tableRagged: (name, row, fields, width) =>
    `Zeile ${number(row)} von ${name} hat ${counted(fields, 'Feld', 'Felder')}, die erste hat ${number(width)}.`,
  tableRaggedHint: 'Setzen Sie Felder mit Trennzeichen oder Zeilenumbruch in Anführungszeichen.',
  tableQuotes: (name, row) =>
    `Die Anführungszeichen in Zeile ${number(row)} von ${name} passen nicht zusammen.`,
  tableQuotesHint: 'Schließen Sie sie, und schreiben Sie die innerhalb eines Feldes doppelt.',
  pdfLocked: (name) => `${name} ist mit einem Passwort gesperrt.`,
  pdfLockedHint: 'Speichern Sie die Datei ohne Passwort.',
  pdfBroken: (name) => `${name} lässt sich nicht als PDF lesen.`,
  pdfBrokenHint: 'Öffnen Sie die Datei in einem Betrachter und speichern Sie sie neu.',
  pdfWithoutText: (name) => `${name} enthält keinen Text, nur Bilder von Seiten.`,
  pdfWithoutTextHint: 'Lassen Sie eine Texterkennung (OCR) darüberlaufen.',
};
