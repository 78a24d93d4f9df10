"""What messages and frames change in the state of the live page, run by node."""

import json
import struct

import pytest

STATUS = {"type": "status", "state": "ready", "epoch": 0, "step": 0, "stopped": None, "reason": None,
          "best_epoch": None, "edits": 0, "message": None, "more": None}  # fmt: skip
HEADER = {"frame": 1, "row": 3, "epoch": 1, "step": 0, "learning_rate": 0.1, "parameters": {}, "predictions": [["a"]],
          "bytes": 4, "is_live": True, "from_epoch": 1, "curves": {}, "criteria": [], "edits": [], "costs": None,
          "beside": None, "widest": [1.0, 1.0]}  # fmt: skip

START = """
import { heard, initial, placeInWords, seen } from "#page/live-state.js";
import { inWords } from "#page/components/live-announcer.js";
let state = initial();
const shown = [];
for (const each of input.messages) {
  const changes = Array.isArray(each)
    ? seen(state, Uint8Array.from(each).buffer).changes
    : each.type === undefined ? each : heard(state, each);
  state = { ...state, ...changes };
  shown.push(state.moment === null ? null : [state.moment.frame.epoch, state.moment.weight({ layer: 1, j: 0, k: 0 })]);
}
"""


@pytest.fixture
def picture(boolean_recording):
    record = boolean_recording.record
    names = ("title", "sizes", "names", "scene", "layers", "cost", "solver", "has_front")
    return {name: record[name] for name in names}


@pytest.fixture
def opened(picture, boolean_recording):
    """The messages until a network is there."""
    model = {"type": "model", "record": picture, "setup": None, "n_parameters": 12, "n_rows": 8, "n_validation": 0,
             "steps_per_epoch": 1, "seconds": None, "rows": [0]}  # fmt: skip
    return [model, {"type": "row", "row": boolean_recording.record["rows"][3]}, STATUS]


def frame(weight, **header):
    """A frame of the 3-3-1 network, as bytes; its first number is the weight, and the others are 0."""
    head = {**HEADER, **header}
    text = json.dumps(head).encode()
    # W1, W2; a, delta, z and dE_da of both layers; the loss: 3 * 3 + 3 + 4 * (3 + 1) + 1
    numbers = [weight, *[0.0] * 28]
    packed = struct.pack(f"<29{'d' if head['bytes'] == 8 else 'f'}", *numbers)
    return list((struct.pack("<I", len(text)) + text).ljust(-(-(4 + len(text)) // 8) * 8) + packed)


def test_a_live_frame_is_shown_and_kept(node, opened):
    messages = [*opened, frame(0.5, epoch=1), frame(0.75, epoch=2, frame=2)]
    script = START + "console.log(JSON.stringify([shown, state.reel.kept.map((each) => each.frame.epoch)]));"
    shown, kept = node(script, {"messages": messages})

    assert shown == [None, None, None, [1, 0.5], [2, 0.75]]
    assert kept == [1, 2]


def test_who_looks_back_is_not_disturbed(node, opened):
    """A live frame is kept and not shown; of those that were asked for, only the wanted one is shown."""
    back = {"follows": False, "sought": {"epoch": 1, "step": 0}}
    asked = {"is_live": False, "bytes": 8}
    messages = [*opened, frame(1.0, epoch=5), back, frame(2.0, epoch=6), frame(3.0, epoch=4, **asked),
                frame(0.1, epoch=1, **asked)]  # fmt: skip
    script = START + "console.log(JSON.stringify([shown, state.reel.kept.map((each) => each.frame.epoch)]));"
    shown, kept = node(script, {"messages": messages})

    assert shown[3:] == [[5, 1.0], [5, 1.0], [5, 1.0], [5, 1.0], [1, 0.1]]
    assert kept == [5, 6]


def test_a_frame_of_another_network_is_left_alone(node, opened):
    short = frame(1.0)[:-8]
    (*_, last) = node(START + "console.log(JSON.stringify(shown));", {"messages": [*opened, short]})

    assert last is None


def test_what_is_planned_during_a_build_is_kept(node, opened):
    """Until other data are opened, for which it may make no sense."""
    planned = {"draft": {"max_iter": 7}}
    script = START + "console.log(JSON.stringify(state.draft));"

    assert node(script, {"messages": [*opened, planned, opened[0]]}) == planned["draft"]
    assert node(script, {"messages": [*opened, planned, {"type": "data"}, opened[0]]}) is None


def test_a_reset_begins_time_anew(node, opened):
    messages = [*opened, {**STATUS, "state": "paused", "epoch": 9}, frame(1.0, epoch=9, curves={"cost": [[9, 0.5]]}),
                STATUS]  # fmt: skip
    script = START + "console.log(JSON.stringify([state.reel.kept.length, state.curves.points, state.moment]));"

    assert node(script, {"messages": messages}) == [0, {}, None]


def test_a_new_session_knows_nothing(node, opened):
    hello = {"type": "hello", "version": 1, "session": "s", "limits": {}, "controls": [], "examples": []}
    script = START + "console.log(JSON.stringify([state.model, state.row, state.moment, state.status.state]));"

    assert node(script, {"messages": [*opened, frame(1.0), hello]}) == [None, None, None, "empty"]


def test_frames_and_curves_are_bounded(node, opened):
    """However long a training is, and the kept frames are spread over all of it."""
    script = (
        START
        + """
import { Curves, Reel } from "#page/live-frames.js";
const [reel, curves] = [new Reel(), new Curves()];
for (let epoch = 1; epoch <= 50000; epoch += 1) {
  reel.keep({ frame: { epoch, step: 0 }, row: { index: 0 }, values: new Float32Array(10) });
  curves.add({ from_epoch: epoch, curves: { cost: [[epoch, 1 / epoch]] } });
}
const epochs = reel.kept.map(({ frame }) => frame.epoch);
const xs = curves.points.cost.map(({ x }) => x);
const gaps = (all) => Math.max(...all.slice(1).map((x, place) => x - all[place]));
const wide = new Reel();
for (let epoch = 1; epoch <= 500; epoch += 1) {
  wide.keep({ frame: { epoch, step: 0 }, row: { index: 0 }, values: new Float32Array(250000) });
}
console.log(JSON.stringify([epochs.length, gaps(epochs), xs.length, gaps(xs), xs.at(-1), wide.kept.length]));
"""
    )
    n_frames, frame_gap, n_points, point_gap, last, n_wide = node(script, {"messages": []})

    assert 200 <= n_frames <= 400
    assert frame_gap <= 50_000 / 200
    assert 1500 <= n_points <= 4000
    assert point_gap <= 50_000 / 1500 * 2
    assert last == 50_000
    assert 2 <= n_wide <= 24  # of a megabyte each


def test_a_kept_moment_holds_no_curves(node, opened):
    """They would be held as often as there are frames."""
    curves = {"cost": [[epoch, 1 / epoch] for epoch in range(1, 9)]}
    script = START + "console.log(JSON.stringify(state.reel.kept.map(({ frame }) => frame)));"
    (kept,) = node(script, {"messages": [*opened, frame(1.0, epoch=8, curves=curves)]})

    assert kept == {"epoch": 8, "step": 0, "learning_rate": 0.1, "parameters": {}, "predictions": [["a"]],
                    "edits": [], "costs": None, "widest": [1.0, 1.0]}  # fmt: skip


def test_the_headers_of_kept_frames_count(node):
    """Numbers are read where they lie, so a frame is held with its header."""
    script = """
import { Reel } from "#page/live-frames.js";
const reel = new Reel();
for (let epoch = 1; epoch <= 500; epoch += 1) {
  const values = new Float32Array(new ArrayBuffer(1000000), 999960, 10);
  reel.keep({ frame: { epoch, step: 0 }, row: { index: 0 }, values });
}
console.log(JSON.stringify(reel.kept.length));
"""
    assert 2 <= node(script, {}) <= 24  # of a megabyte each


def test_curves_are_cut_where_a_frame_begins_anew(node):
    script = """
import { Curves } from "#page/live-frames.js";
const curves = new Curves();
curves.add({ from_epoch: 1, curves: { cost: [[1, 4], [2, 3], [3, null]] } });
curves.add({ from_epoch: 2, curves: { cost: [[2, 2.5]] } });
console.log(JSON.stringify([curves.points.cost, curves.at("cost", 1), curves.at("cost", 0), curves.at("other", 9)]));
"""
    points, first, none, other = node(script, {})

    assert points == [{"x": 1, "y": 4}, {"x": 2, "y": 2.5}]
    assert (first, none, other) == (4, None, None)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ({"epoch": 0, "step": 0}, "start"),
        ({"epoch": 1200, "step": 0}, "epoch 1,200"),
        ({"epoch": 0, "step": 1}, "epoch 0, 1 step on"),
        ({"epoch": 4, "step": 7}, "epoch 4, 7 steps on"),
    ],
)
def test_places_in_words(node, at, words):
    assert node('import { placeInWords } from "#page/live-state.js"; console.log(JSON.stringify(placeInWords(input)));',
                at) == words  # fmt: skip


def test_training_in_words(node, opened):
    """As it is announced: "epoch 40: validation cost 0.21, falling"."""
    curves = {"cost": [[epoch, 1 / epoch] for epoch in range(1, 41)],
              "validation_cost": [[epoch, 8.4 / epoch] for epoch in range(1, 41)]}  # fmt: skip
    status = {**STATUS, "state": "training", "epoch": 40}
    script = START + "console.log(JSON.stringify(inWords(state)));"

    messages = [*opened, status, frame(1.0, epoch=40, curves=curves)]
    assert node(script, {"messages": messages}) == "training, epoch 40: validation cost 0.21, falling"
    done = {**status, "state": "finished"}
    assert node(script, {"messages": [*messages, done]}) == "finished, epoch 40: validation cost 0.21"
    kept = {**done, "epoch": 41, "best_epoch": 40}  # an earlier moment is shown, and the newest frame is not the last
    assert node(script, {"messages": [*messages, frame(1.0, epoch=39, curves={"cost": [[41, 0.5]],
                "validation_cost": [[41, 0.125]]}, from_epoch=41), kept]}) == "finished, epoch 41: validation cost 0.125"  # fmt: skip
    assert node(script, {"messages": [*messages, {**done, "stopped": "diverged"}]}).startswith("diverged, epoch 40: ")
    by_hand = frame(1.0, epoch=40, step=0, is_live=False, bytes=8, costs=[0.5, 0.625], edits=[[1, 0, 0]])
    assert node(script, {"messages": [*messages, {**status, "state": "paused"}, by_hand]}) == (
        "paused, epoch 40: validation cost 0.625 with the edited weights"
    )
    assert node(script, {"messages": []}) == "no data yet"
    assert node(script, {"messages": opened}) == "ready: 3-3-1, start"
