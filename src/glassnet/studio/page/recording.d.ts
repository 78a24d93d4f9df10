/** The record of a training, as `glassnet.studio.recording.record` writes it. */

export type Point = [number, number];

/** A formula of numbers, letters and lists of an operation with its operands; null is not the arithmetic of one neuron. */
export type Tree = number | string | [string, ...Tree[]] | null;

export interface Formula {
  /** MathML of the whole formula, every letter marked with its name. */
  shown: string;
  /** The part into which numbers are put. */
  body: string;
  /** The letters of the body that stand for formulas. */
  shorthand: [string, Tree][];
  tree: Tree;
}

export interface Rule extends Formula {
  letter: string;
}

export interface Layer {
  /** The activation's name. */
  name: string;
  parameters: Record<string, number>;
  /** Whether every output depends on every z, as in softmax. */
  mixes: boolean;
  function: Formula;
  derivative: Formula;
  has_bias: boolean;
  has_slope: boolean;
  /** The weight that gets the widest line. */
  widest: number;
  /** Factors of the learning rate, and whether weight decay applies, for W and b. */
  rates: Record<string, number>;
  decays: Record<string, number>;
}

export interface Cost {
  name: string;
  parameters: Record<string, number>;
  loss: Formula;
  derivative: Formula;
  /** The error signal at z, where it is exactly output - target. */
  combined: Formula | null;
}

export interface Column {
  name: string;
  raw: string;
  steps: string[];
  inputs: string[];
  values: number[];
}

export interface Row {
  index: number;
  target: string;
  Y: number[];
  /** What the network gets; null if a front computes it anew in every frame. */
  X: number[] | null;
  columns: Column[];
  n_columns: number;
}

export interface Frame {
  epoch: number;
  /** Finished steps of the epoch, if the run diverged before its end; else 0. */
  step: number;
  learning_rate: number;
  /** The solver's. */
  parameters: Record<string, number>;
  /** For each row, the prediction in words. */
  predictions: string[][];
  /** Layer, j and k of the weights that were set by hand, on the live page. */
  edits?: [number, number, number | null][];
  /** The cost and the validation cost with them. */
  costs?: [number | null, number | null] | null;
  /** The weight of each layer that gets the widest line, on the live page. */
  widest?: number[];
}

export interface Scene {
  /** Left, top, width, height. */
  box: [number, number, number, number];
  radius: number;
  half_unit: number;
  line: { widths: [number, number]; opacities: [number, number]; dash: string };
  layers: { size: number; drawn: number[] }[];
  neurons: { layer: number; index: number; name: string; at: Point }[];
  groups: { layer: number; hidden: number; at: Point }[];
  units: { layer: number; at: Point }[];
  connections: { layer: number; j: number; k: number | null; from: Point; to: Point }[];
  areas: Point[][];
  texts: {
    at: Point;
    words: string;
    full: string;
    size: number;
    anchor: string;
    role: string;
    bold: boolean;
  }[];
  weights: { drawn: number; all: number };
  waves: number;
}

export interface History {
  n_epochs: number;
  /** The epochs of the curves; null if they are all. */
  epochs: number[] | null;
  curves: Record<string, string>;
  metric_name: string | null;
  stopped: string;
  reason: string;
  best_epoch: number;
  divergence: string | null;
  thinned: string | null;
}

/** A network that is shown, without its numbers: where it is drawn, its names and its formulas. */
export interface Picture {
  title: string;
  sizes: number[];
  names: string[][];
  scene: Scene;
  layers: Layer[];
  cost: Cost;
  solver: { name: string; rules: Rule[]; memory: Record<string, number> };
  has_front: boolean;
}

export interface Recording extends Picture {
  rows: Row[];
  frames: Frame[];
  numbers: { bytes: 4 | 8; data: string };
  history: History;
  notes: string[];
}

/** A weight into neuron j of a layer from neuron k of the one before; a k of null is the bias. */
export interface Connection {
  layer: number;
  j: number;
  k: number | null;
}

export type Tab = "steps" | "neuron" | "connection";

/** What a reader has chosen to see of a network; diagram and cards read it and never change it. */
export interface Chosen {
  tab: Tab;
  step: number;
  neuron: { layer: number; index: number };
  connection: Connection;
  deltas: boolean;
  measure: Measure;
}

/** What neurons are colored by: see `measures.js`. */
export type Measure = "layer" | "activation" | "delta" | "blame" | "silent" | "norm";

/** What is shown of a recording. */
export interface State extends Chosen {
  frame: number;
  row: number;
  playing: boolean;
  /** Frames per second. */
  speed: number;
}
