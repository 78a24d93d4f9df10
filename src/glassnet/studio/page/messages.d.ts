/**
 * The messages between the page and its server, written by `python -m tools.messages` from
 * `glassnet/studio/messages.py`, which says what they mean.
 */

/** Build a new network, before its first step. */
export interface Build {
  type: "build";
  id: number;
  setup: Setup;
}

/** One of the values of a control, in one sentence; ``curve`` are points (z, a) of an activation. */
export interface Choice {
  name: string;
  words: string;
  curve: ([number, number])[];
}

/** Choose the target and the input columns; null leaves the choice to the schema. */
export interface Choose {
  type: "choose";
  id: number;
  target: string;
  columns?: string[] | null;
}

/** A column as it was understood. */
export interface ColumnCard {
  name: string;
  kind: string;
  role: "input" | "left out" | "target";
  words: string;
  missing: number;
  distinct: number | null;
  counts: ([string, number])[];
  least: number | null;
  most: number | null;
  choices: string[];
}

/** What a field of `Setup` does, in one sentence, and what it may be. */
export interface Control {
  field: string;
  label: string;
  words: string;
  choices: Choice[];
  least: number | null;
  most: number | null;
}

/** A stop criterion as a bar, which is full when training stops. */
export interface Criterion {
  name: string;
  words: string;
  share: number;
}

/** The open table as it was understood. */
export interface DataCard {
  type: "data";
  title: string;
  n_rows: number;
  task: "classification" | "none" | "regression";
  target: string | null;
  columns: ColumnCard[];
  preview: string[][];
  warnings: string[];
  truth_table: string[][] | null;
  is_fixed: boolean;
}

/** A command was carried out. */
export interface Done {
  type: "done";
  id: number;
}

/** The page has drawn a frame; only then is the next one sent, so that a slow page never falls behind. */
export interface Drawn {
  type: "drawn";
  frame: number;
}

/** Take the steps up to the end of the next epoch. */
export interface Epoch {
  type: "epoch";
  id: number;
}

/** A bundled example. */
export interface Example {
  name: string;
  title: string;
  words: string;
  expression: string | null;
}

/** Show the first moment at which a condition holds, such as "cost < 0.1"; see `glassnet.training.breakpoints`. */
export interface Find {
  type: "find";
  id: number;
  condition: string;
}

/** What a moment has besides its numbers. The fields up to ``predictions`` are a `Frame` of page/recording.d.ts. */
export interface FrameHeader {
  frame: number;
  row: number;
  epoch: number;
  step: number;
  learning_rate: number;
  parameters: Record<string, number>;
  predictions: string[][];
  bytes: 4 | 8;
  is_live: boolean;
  from_epoch: number;
  curves: Record<string, ([number, number | null])[]>;
  criteria: Criterion[];
  edits: ([number, number, number | null])[];
  beside: [number, number] | null;
}

/** The first message of a session. */
export interface Hello {
  type: "hello";
  version: number;
  session: string;
  limits: Limits;
  controls: Control[];
  examples: Example[];
}

/** A hidden layer as it is to be built. */
export interface HiddenLayer {
  size: number;
  activation: string;
}

/** How much a session takes. */
export interface Limits {
  upload_bytes: number;
  rows: number;
  columns: number;
  cells: number;
  parameters: number;
}

/** Choose the row that goes through the network, by its number in the table. */
export interface Look {
  type: "look";
  id: number;
  row: number;
}

/** A network that was built or opened; ``record`` is a `Picture` as in page/recording.d.ts. */
export interface ModelCard {
  type: "model";
  record: Record<string, any>;
  setup: Setup | null;
  n_parameters: number;
  n_rows: number;
  n_validation: number;
  steps_per_epoch: number;
  seconds: number | null;
  rows: number[];
}

/** The activations of a neuron over the data: ``edges`` and ``counts`` of a histogram, and its most excited rows. */
export interface NeuronCard {
  type: "neuron";
  layer: number;
  index: number;
  edges: number[];
  counts: number[];
  n_rows: number;
  words: string;
  rows: ([number, number, string])[];
  blame: number | null;
}

/** Open a bundled example; ``expression`` is that of the Boolean function. */
export interface OpenExample {
  type: "open_example";
  id: number;
  name: string;
  expression?: string | null;
}

/** Open a file that was uploaded; ``upload`` is the answer to the upload. */
export interface OpenUpload {
  type: "open_upload";
  id: number;
  upload: string;
}

/** Pause after the current epoch. */
export interface Pause {
  type: "pause";
  id: number;
}

/** Train, up to an epoch or to the end, and no faster than so many epochs a second. */
export interface Play {
  type: "play";
  id: number;
  until?: number | null;
  pace?: number | null;
}

/** The prediction of a row with other values: words, and the outputs by name. */
export interface Prediction {
  type: "prediction";
  words: string;
  outputs: ([string, number])[];
}

/** A command was refused; nothing has changed. */
export interface Refused {
  type: "refused";
  id: number | null;
  message: string;
}

/** Go back to the initial weights. */
export interface Reset {
  type: "reset";
  id: number;
}

/** Take back all weights that were set by hand since the last step. */
export interface Restore {
  type: "restore";
  id: number;
}

/** The chosen row; ``row`` is a `Row` as in page/recording.d.ts. */
export interface RowCard {
  type: "row";
  row: Record<string, any>;
}

/** Show an earlier moment: so many steps after the end of an epoch, with all digits. */
export interface Seek {
  type: "seek";
  id: number;
  epoch: number;
  step?: number;
}

/** Put another value in the place of a weight; a ``k`` of null is the bias. Training goes on from it. */
export interface SetWeight {
  type: "set_weight";
  id: number;
  layer: number;
  j: number;
  k: number | null;
  value: number;
}

/** A network and its training as they are to be built. The names are those of the estimators. */
export interface Setup {
  hidden: HiddenLayer[];
  loss: string;
  solver: string;
  learning_rate_init: number;
  learning_rate: string;
  batch_size: number | null;
  max_iter: number;
  alpha: number;
  dropout: number;
  validation_fraction: number;
  n_iter_no_change: number | null;
  random_state: number;
  scaled: boolean;
}

/** Ask for the card of a neuron: its activations over the data, and the rows that excite it most. */
export interface ShowNeuron {
  type: "show_neuron";
  id: number;
  layer: number;
  index: number;
}

/** Ask for a view of the trained network; which options a view has stands beside the view. */
export interface ShowView {
  type: "show_view";
  id: number;
  view: string;
  options?: Record<string, string | number | boolean | null>;
}

/** How training stands. It comes whenever ``state`` changes. */
export interface Status {
  type: "status";
  state: "empty" | "finished" | "paused" | "ready" | "training";
  epoch: number;
  step: number;
  stopped: string | null;
  reason: string | null;
  best_epoch: number | null;
  edits: number;
  message: string | null;
}

/** Take one step of the solver. */
export interface Step {
  type: "step";
  id: number;
}

/** A view of the trained network; ``data`` is as described beside the view. */
export interface View {
  type: "view";
  view: string;
  data: Record<string, any>;
}

/** Ask for the prediction of the chosen row with other values, by column. */
export interface WhatIf {
  type: "what_if";
  id: number;
  values: Record<string, string | number | boolean | null>;
}

export type FromPage =
  | OpenExample
  | OpenUpload
  | Choose
  | Build
  | Play
  | Pause
  | Step
  | Epoch
  | Reset
  | Look
  | Seek
  | Find
  | SetWeight
  | Restore
  | ShowNeuron
  | ShowView
  | WhatIf
  | Drawn;

export type FromServer =
  | Hello
  | DataCard
  | ModelCard
  | RowCard
  | Status
  | NeuronCard
  | View
  | Prediction
  | Done
  | Refused;
