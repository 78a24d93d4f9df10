/** What the live page knows: what the server said last, and what the reader chose. */

import type { Curves, Reel } from "#page/live-frames.js";
import type { Moment } from "#page/moments.js";
import type {
  Criterion,
  DataCard,
  Hello,
  ModelCard,
  NeuronCard,
  Prediction,
  Setup,
  Status,
  View,
} from "#page/messages.js";
import type { Picture, Row, Chosen } from "#page/recording.js";

export type PanelName = "data" | "build" | "train" | "understand" | "what-if" | "lessons" | "take-away";

/** Whether there is a server: "lost" while the page tries to find one again, "closed" when it has given up. */
export type Link = "connecting" | "open" | "lost" | "closed";

/** What was opened, so that it can be opened again in another session. */
export type Source =
  | { kind: "example"; name: string; title: string; expression: string | null }
  | { kind: "file"; file: File; title: string };

export type Options = Record<string, string | number | boolean | null>;

/**
 * What is open in Understand: a view, or null for the first that there is; the options of each view; and whether it is
 * drawn anew while training goes on.
 */
export interface Viewing {
  view: string | null;
  options: Record<string, Options>;
  follows: boolean;
}

export interface Model extends ModelCard {
  record: Picture;
}

export interface LiveState extends Chosen {
  link: Link;
  /** What the reader has to know about the connection; empty if nothing. */
  notice: string;
  hello: Hello | null;
  data: DataCard | null;
  model: Model | null;
  row: Row | null;
  status: Status;
  neuronCard: NeuronCard | null;
  /** The last view of each name. */
  views: Record<string, View>;
  prediction: Prediction | null;

  /** What the picture and the cards show; null until the first frame has come. */
  moment: Moment | null;
  /** Whether the newest frame is shown; not while the reader looks back. */
  follows: boolean;
  /** The moment that was asked for, until the reader follows again; null for whichever the server finds. */
  sought: { epoch: number; step: number } | null;
  /** The frames and curves that were kept. They are changed in place; their versions tell. */
  reel: Reel;
  curves: Curves;
  criteria: Criterion[];
  /** Weights that were set by hand. */
  edits: [number, number, number | null][];

  panel: PanelName;
  viewing: Viewing;
  /** What was opened last. */
  source: Source | null;
  /** The setup in the fields while it is not yet that of the model. */
  draft: Setup | null;
  /** The fix that was tried last: what the setup was before, and how far its training was. */
  tried: { words: string; before: Setup; epoch: number } | null;
  /** Epochs per second at most; null for as many as there can be. */
  pace: number | null;
  /** The share of a file that has been sent; null while none is being sent. */
  sent: number | null;
  /** The places whose command is being carried out. */
  busy: Partial<Record<Place, boolean>>;
  /** What was refused, by the place where it was asked for. */
  refused: Partial<Record<Place, string>>;
}

/** Where something is asked for, so that a refusal is told there. */
export type Place =
  | "data"
  | "columns"
  | "build"
  | "train"
  | "find"
  | "row"
  | "weight"
  | "neuron"
  | "measure"
  | "understand"
  | "what-if"
  | "take-away"
  | "program";
