/**
 * The messages between the page and its server, and the data of views, written by `python -m tools.messages` from
 * `glassnet/studio/messages.py` and `glassnet/studio/understanding/records.py`, which say what they mean.
 */

/** The error over a part, attributed to columns, classes, neurons and rows; see `glassnet.blame`. */
export interface Blame {
  view: "blame";
  epoch: number;
  part: "all" | "training" | "validation";
  n_rows: number;
  n_judged: number;
  cost: number;
  cost_name: string;
  columns: BlameShare[];
  classes: BlameShare[];
  neurons: BlameShare[];
  rows: BlamedRow[];
  n_suspects: number;
  words: string;
}

/** The blame of a column, a neuron or a class, and its share; ``words`` say more. */
export interface BlameShare {
  name: string;
  blame: number;
  share: number;
  words: string;
  layer: number | null;
  index: number | null;
}

/** A row with large blame; ``is_suspect`` where its target is probably a mistake. */
export interface BlamedRow {
  row: number;
  target: string;
  predicted: string;
  probability: number | null;
  blame: number;
  is_suspect: boolean;
}

/** Build a new network, before its first step. */
export interface Build {
  type: "build";
  id: number;
  setup: Setup;
}

/** Whether 70% of the rows that are predicted with 70% come true; ``output`` null is the predicted class. */
export interface Calibration {
  view: "calibration";
  epoch: number;
  outputs: string[];
  output: number | null;
  parts: CalibrationPart[];
}

/** The calibration of a part. */
export interface CalibrationPart {
  part: "all" | "training" | "validation";
  n_rows: number;
  n_judged: number;
  groups: ReliabilityGroup[];
  error: number;
  words: string;
}

/** One of the values of a control, in one sentence; ``curve`` are points (z, a) of an activation. */
export interface Choice {
  name: string;
  words: string;
  curve: ([number, number])[];
}

/** Choose the target, the input columns and the task; null leaves the choice to the schema. */
export interface Choose {
  type: "choose";
  id: number;
  target: string;
  columns?: string[] | null;
  task?: "classification" | "regression" | null;
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

/** A column that can span the surface; ``label`` is its name with invisible characters replaced. */
export interface ColumnChoice {
  name: string;
  label: string;
}

/** Counts of true and predicted classes; rare classes are counted together as the last one. */
export interface Confusion {
  view: "confusion";
  epoch: number;
  classes: string[];
  parts: ConfusionPart[];
}

/** The confusion matrix of a part: rows are the truth, columns the prediction. */
export interface ConfusionPart {
  part: "all" | "training" | "validation";
  n_rows: number;
  n_judged: number;
  counts: number[][];
  shares: number[][];
  examples: number[][][];
  accuracy: number;
  words: string;
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

/** One quantity over epochs. */
export interface Curve {
  name: string;
  label: string;
  points: ([number, number | null])[];
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
  is_whole: boolean;
  chosen_task: "classification" | "regression" | null;
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

/** A finding of the doctor: the rule, how bad it is, where, the evidence, its meaning, and what to do next. */
export interface Finding {
  rule: string;
  level: "error" | "note" | "warning";
  where: string;
  evidence: string;
  meaning: string;
  next: string;
  trust: string;
  n_rows: number;
  rows: number[];
  plot: FindingPlot | null;
  fixes: Fix[];
}

/** The evidence of a finding as a small plot, and in words. */
export interface FindingPlot {
  kind: "bars" | "histogram" | "lines" | "reliability";
  x: string;
  y: string;
  series: PlotSeries[];
  labels: string[];
  at: number[];
  marked: number[];
  threshold: number | null;
  is_log: boolean;
  words: string;
}

/** The doctor's findings, the worst first; ``words`` say how many there are, and by how many rules. */
export interface Findings {
  view: "findings";
  epoch: number;
  findings: Finding[];
  words: string;
}

/** A change of the setup that may mend what a finding says: in words, and as fields of `Setup`. */
export interface Fix {
  words: string;
  changes: Record<string, any>;
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
  costs: [number | null, number | null] | null;
  beside: [number, number] | null;
  widest: number[];
}

/** The value at which another column is held. */
export interface Held {
  column: string;
  value: string;
}

/** The first message of a session. */
export interface Hello {
  type: "hello";
  version: number;
  session: string;
  limits: Limits;
  controls: Control[];
  examples: Example[];
  is_again: boolean;
}

/** A hidden layer as it is to be built. */
export interface HiddenLayer {
  size: number;
  activation: string;
}

/** The training cost over a plane in parameter space, ``cost[row of v][column of u]``, with the path of the descent. */
export interface Landscape {
  view: "landscape";
  epoch: number;
  names: [string, string];
  u: number[];
  v: number[];
  cost: ((number | null)[])[];
  cost_name: string;
  low: number | null;
  high: number | null;
  here: number | null;
  is_log: boolean;
  path: PathPoint[];
  share: number | null;
  words: string;
}

/** The neurons of a layer: the share of rows with an activation of 0, the mean of |δ|, the norm of the weights. */
export interface LayerOfNeurons {
  silent: (number | null)[];
  blame: (number | null)[];
  norm: (number | null)[];
}

/** The weights into a layer: a histogram, and what they are in numbers. */
export interface LayerOfWeights {
  layer: number;
  title: string;
  n_weights: number;
  edges: number[];
  counts: number[];
  norm: number | null;
  near_zero: number | null;
  largest: number | null;
  words: string;
}

/** The learning curves, and the gap between training and validation rows. */
export interface Learning {
  view: "learning";
  epoch: number;
  n_epochs: number;
  curves: Curve[];
  best_epoch: number | null;
  reason: string | null;
  scores: Score[];
  gap: "none" | "overfitting" | "small" | "unknown";
  words: string[];
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
  epoch_seconds: number | null;
  rows: number[];
  is_same: boolean;
}

/** So many epochs could follow the last planned one, and what becomes of the schedule then. */
export interface More {
  epochs: number;
  words: string;
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

/** All neurons of the layers from 1 on, in numbers. */
export interface Neurons {
  view: "neurons";
  epoch: number;
  n_rows: number;
  layers: LayerOfNeurons[];
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

/** What can be asked for: views, the columns of the surface, the outputs, and the parts of the table. */
export interface Overview {
  view: "overview";
  epoch: number;
  views: ViewCard[];
  columns: ColumnChoice[];
  outputs: string[];
  is_classes: boolean;
  parts: PartSize[];
}

/** A part of the rows. */
export interface PartSize {
  part: "all" | "training" | "validation";
  n_rows: number;
}

/** The parameters after an epoch, projected onto the plane. */
export interface PathPoint {
  epoch: number;
  u: number;
  v: number;
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

/** A line, the bars, or the counts of a histogram. */
export interface PlotSeries {
  name: string;
  values: (number | null)[];
}

/** The prediction of a row with other values: words, and the outputs by name. */
export interface Prediction {
  type: "prediction";
  words: string;
  outputs: ([string, number])[];
}

/** The curves of the class ``output``. */
export interface Ranking {
  view: "ranking";
  epoch: number;
  outputs: string[];
  output: number;
  parts: RankingPart[];
}

/** How well the probability of a class ranks a part: ROC and precision-recall curves as points. */
export interface RankingPart {
  part: "all" | "training" | "validation";
  n_rows: number;
  n_judged: number;
  roc: ([number, number])[];
  precision_recall: ([number, number])[];
  area: number;
  average_precision: number;
  share: number;
  words: string;
}

/** A command was refused; nothing has changed. */
export interface Refused {
  type: "refused";
  id: number | null;
  message: string;
}

/** Rows of similar probability: mean probability, share that came true with its 95% interval, and rows. */
export interface ReliabilityGroup {
  predicted: number;
  observed: number;
  low: number;
  high: number;
  n_rows: number;
}

/** Go back to the initial weights. */
export interface Reset {
  type: "reset";
  id: number;
}

/** The residuals (actual minus predicted) of a part; ``edges`` and ``counts`` are their histogram. */
export interface ResidualPart {
  part: "all" | "training" | "validation";
  n_rows: number;
  n_judged: number;
  points: ResidualPoint[];
  edges: number[];
  counts: number[];
  mean: number;
  rmse: number;
  mae: number;
  r2: number | null;
  words: string;
}

/** A row: its target, what is predicted, and the difference. */
export interface ResidualPoint {
  row: number;
  actual: number;
  predicted: number;
  residual: number;
}

/** Predicted against actual quantities of the target ``output``. */
export interface Residuals {
  view: "residuals";
  epoch: number;
  outputs: string[];
  output: number;
  low: number;
  high: number;
  parts: ResidualPart[];
}

/** The output along one column, the other columns held: the probability of a class, or a quantity. */
export interface Response {
  view: "response";
  epoch: number;
  x: SurfaceAxis;
  held: Held[];
  at: "row" | "typical";
  outputs: string[];
  output: number;
  is_share: boolean;
  values: (number | null)[];
  low: number;
  high: number;
  points: SurfacePoint[];
  chosen: SurfacePoint | null;
  words: string;
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

/** A score on training and on validation rows. */
export interface Score {
  name: string;
  training: number | null;
  validation: number | null;
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
  more: More | null;
}

/** Take one step of the solver. */
export interface Step {
  type: "step";
  id: number;
}

/** The outputs over the plane of two columns, the other columns held. */
export interface Surface {
  view: "surface";
  epoch: number;
  x: SurfaceAxis;
  y: SurfaceAxis;
  held: Held[];
  at: "row" | "typical";
  outputs: string[];
  output: number | null;
  values: ((number | null)[])[];
  predicted: number[][] | null;
  low: number | null;
  high: number | null;
  points: SurfacePoint[];
  chosen: SurfacePoint | null;
  words: string;
}

/** A side of the surface: numbers, or levels at the places 0, 1, 2, ... */
export interface SurfaceAxis {
  name: string;
  label: string;
  values: number[];
  levels: string[] | null;
}

/** A row on the surface; ``target`` is the place of its class, or its quantity. */
export interface SurfacePoint {
  row: number;
  part: "all" | "training" | "validation";
  x: number;
  y: number;
  target: number;
  words: string;
  is_right: boolean | null;
}

/** A view of the trained network; ``data`` is as described beside the view. */
export interface View {
  type: "view";
  view: string;
  data: Record<string, any>;
}

/** A view that can be asked for; ``unavailable`` says why it cannot, and what to do. */
export interface ViewCard {
  view: string;
  title: string;
  words: string;
  unavailable: string | null;
}

/** The distribution of the weights of each layer. */
export interface Weights {
  view: "weights";
  epoch: number;
  layers: LayerOfWeights[];
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

export type ViewData =
  | Overview
  | Surface
  | Response
  | Landscape
  | Confusion
  | Calibration
  | Ranking
  | Residuals
  | Blame
  | Learning
  | Weights
  | Neurons
  | Findings;
