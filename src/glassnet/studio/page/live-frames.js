/** The frames and curves of a live training that are kept: a bounded number, thinned as they grow. */

/**
 * @import { FrameHeader } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 */

const MOST_FRAMES = 400;
const MOST_BYTES = 24e6; // of all kept frames
const MOST_POINTS = 4000; // of a curve

/** The live frames of a network. When they are too many, every second one goes, and from then on fewer are kept. */
export class Reel {
  version = 0;
  /** @type {Moment[]} */
  kept = [];
  stride = 1;
  seen = 0;

  /**
   * Keep a moment that is later than all others.
   * @param {Moment} moment
   */
  keep(moment) {
    const last = this.kept[this.kept.length - 1];
    if (last !== undefined && !isAfter(moment, last)) return;
    if (this.seen++ % this.stride !== 0) return;
    this.kept.push(moment);
    this.version += 1;
    const bytes = this.kept.length * moment.values.byteLength;
    if (this.kept.length > MOST_FRAMES || (bytes > MOST_BYTES && this.kept.length > 2)) {
      this.kept = this.kept.filter((_, place) => place % 2 === 0);
      this.stride *= 2;
    }
  }

  /**
   * The kept frame nearest to an epoch, of the row that is shown.
   * @param {number} epoch
   * @param {number} row
   */
  nearest(epoch, row) {
    /** @type {Moment | null} */
    let best = null;
    for (const each of this.kept) {
      if (each.row.index !== row) continue;
      if (best === null || Math.abs(each.frame.epoch - epoch) < Math.abs(best.frame.epoch - epoch)) best = each;
    }
    return best;
  }

  moments() {
    return this.kept;
  }
}

/**
 * @param {Moment} one
 * @param {Moment} other
 */
function isAfter({ frame: one }, { frame: other }) {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.step > other.step);
}

/** The curves of a run, by name. */
export class Curves {
  version = 0;
  /** @type {Record<string, { x: number, y: number }[]>} */
  points = {};

  /**
   * Cut where a frame's curves begin, and go on with them.
   * @param {FrameHeader} header
   */
  add({ from_epoch, curves }) {
    for (const [name, added] of Object.entries(curves)) {
      let points = this.points[name] ?? [];
      const cut = points.findIndex(({ x }) => x >= from_epoch);
      if (cut >= 0) points = points.slice(0, cut);
      for (const [x, y] of added) points.push({ x, y: y ?? NaN });
      while (points.length > MOST_POINTS)
        points = points.filter((_, place) => place % 2 === 0 || place === points.length - 1);
      this.points[name] = points;
    }
    this.version += 1;
  }

  /**
   * The last value of a curve up to an epoch; null if there is none.
   * @param {string} name
   * @param {number} epoch
   */
  at(name, epoch) {
    const found = this.points[name]?.findLast(({ x }) => x <= epoch);
    return found === undefined || Number.isNaN(found.y) ? null : found.y;
  }
}
