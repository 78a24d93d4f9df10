/** The frames and curves of a live training that are kept: a bounded number, thinned as they grow. */

/**
 * @import { FrameHeader } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 */

const MOST_FRAMES = 400;
const MOST_BYTES = 24e6; // of all kept frames, their headers included
const MOST_POINTS = 4000; // of a curve

/** The live frames of a network. When they are too many, every second one goes, and from then on fewer are kept. */
export class Reel {
  version = 0;
  /** @type {Moment[]} The last one is the newest. */
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
    if (last !== undefined && (this.seen - 1) % this.stride !== 0) this.kept.pop(); // it was there as the newest only
    this.kept.push(moment);
    this.seen += 1;
    this.version += 1;
    const bytes = this.kept.reduce((total, { values }) => total + values.buffer.byteLength, 0);
    if (this.kept.length > MOST_FRAMES || (bytes > MOST_BYTES && this.kept.length > 2)) {
      this.kept = everySecond(this.kept);
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
}

/**
 * @param {Moment} one
 * @param {Moment} other
 */
function isAfter({ frame: one }, { frame: other }) {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.step > other.step);
}

/**
 * @template T
 * @param {T[]} all
 */
function everySecond(all) {
  return all.filter((_, place) => place % 2 === 0 || place === all.length - 1);
}

/** The curves of a run, by name. When a curve has too many points, they are thinned to twice their distance. */
export class Curves {
  version = 0;
  /** @type {Record<string, { x: number, y: number }[]>} */
  points = {};
  /** @type {Record<string, number>} The least distance of the points of a curve, except the last one. */
  gaps = {};

  /**
   * Cut where a frame's curves begin, and go on with them.
   * @param {FrameHeader} header
   */
  add({ from_epoch, curves }) {
    for (const [name, added] of Object.entries(curves)) {
      let points = this.points[name] ?? [];
      const cut = points.findIndex(({ x }) => x >= from_epoch);
      if (cut >= 0) points = points.slice(0, cut);
      for (const [x, y] of added) {
        const [before, last] = points.slice(-2);
        if (last !== undefined && last.x - before.x < (this.gaps[name] ?? 0)) points.pop();
        points.push({ x, y: y ?? NaN });
      }
      if (points.length > MOST_POINTS) {
        this.gaps[name] = (2 * (points[points.length - 1].x - points[0].x)) / points.length;
        points = everySecond(points);
      }
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
