/** A lesson is data: steps that say something, prepare the page, and ask for something. One component shows all. */

import type { LiveState } from "#page/live.js";
import type { Setup } from "#page/messages.js";
import type { Connection } from "#page/recording.js";

/** What a lesson sees of the page. Answers are computed from it. */
export type Seen = Pick<LiveState, "source" | "data" | "model" | "status" | "moment" | "curves">;

/** What the page is to show. */
export interface Scenery {
  /** The name of a bundled example. */
  example: string;
  /** Settings that differ from those of the example. */
  setup?: Partial<Setup>;
  /** Whether training has not begun: the weights are the initial ones. A step with a deed only begins there. */
  start?: boolean;
  /** What the cards show. */
  card?: "steps" | { layer: number; index: number } | Connection;
}

/** Values that come from a mistake which readers make, and what helps. */
export interface Mistake {
  value(seen: Seen): number;
  hint: string;
}

export interface NumberQuestion {
  kind: "number";
  name: string;
  label: string;
  /** From the numbers of the page; null if they are not there. */
  answer(seen: Seen): number | null;
  /** How far a right answer may be off. */
  within: number;
  mistakes?: Mistake[];
  hint: string;
  /** What is said of a right answer. */
  praise(seen: Seen): string;
}

export interface Choice {
  name: string;
  words: string;
  /** Why it is wrong, or what it means that it is right. */
  comment: string;
}

export interface ChoiceQuestion {
  kind: "choice";
  name: string;
  label: string;
  choices: Choice[];
  /** The name of the right choice, from the numbers of the page; null if they are not there. */
  answer(seen: Seen): string | null;
}

/** Something to do on the page, which is noticed by itself. */
export interface Deed {
  kind: "deed";
  name: string;
  label: string;
  isDone(seen: Seen): boolean;
  /** How far it is, or what helps. */
  hint(seen: Seen): string;
  praise(seen: Seen): string;
}

export type Task = NumberQuestion | ChoiceQuestion | Deed;

export interface Step {
  title: string;
  scenery: Scenery;
  /** Paragraphs. */
  words(seen: Seen): string[];
  tasks: Task[];
}

export interface Lesson {
  name: string;
  title: string;
  /** In one sentence, what it is about. */
  words: string;
  steps: Step[];
}
