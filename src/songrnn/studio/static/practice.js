// Practice: how fast each time through is played, and how long the rest is before the next.

const STEP = 0.05;

export class Practice {
  #passes = 0;

  begin() {
    this.#passes = 0;
  }

  pass() {
    this.#passes += 1;
  }

  // start: the first tempo as a share of the goal's, 0 for the goal at once.
  rate(goal, start) {
    if (!start) return goal;
    return Math.min(goal, Math.round((start * goal + STEP * this.#passes) * 100) / 100);
  }
}
