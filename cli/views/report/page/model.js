"use strict";
// The model, as minirearec/export/serve.py computes it; nothing here touches the page.
// T items of the history, K reasoning steps, D width, H heads, V items of the catalogue. Vectors are arrays of D numbers.

// Return the numbers of an embedded array, {dtype, data}: data is base64, little-endian.
function decode({ dtype, data }) {
  const text = atob(data), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (dtype === "float32") return new Float32Array(bytes.buffer);
  if (dtype === "int32") return new Int32Array(bytes.buffer);
  return Float32Array.from(new Uint16Array(bytes.buffer), (half) => {  // float16: sign, 5 bits exponent, 10 bits
    const exponent = (half >> 10) & 31, fraction = (half & 1023) / 1024;
    return (half & 32768 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
  });
}

// Return a model that can think, from what the page holds of a run.
function openModel(embedded) {
  const weights = {};
  for (const [name, array] of Object.entries(embedded.arrays)) weights[name] = decode(array);
  const model = { ...embedded, weights };
  if (model.neural) model.compared = model.cosine ? unitRows(weights.item_embedding, model.width) : weights.item_embedding;
  return model;
}

const dot = (a, b, start = 0, length = a.length, other = 0) => {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[start + i] * b[other + i];
  return sum;
};
const add = (a, b) => a.map((value, i) => value + b[i]);
const rowOf = (table, index, D) => Float64Array.from(table.subarray(index * D, (index + 1) * D));

// x W^T + b
function linear(x, weights, name) {
  const weight = weights[name + ".weight"], bias = weights[name + ".bias"];
  return Float64Array.from(bias, (value, o) => value + dot(x, weight, 0, x.length, o * x.length));
}

// (x - mean) / sqrt(variance + 1e-12) * w + b
function layerNorm(x, weights, name) {
  const weight = weights[name + ".weight"], bias = weights[name + ".bias"];
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const centred = x.map((value) => value - mean);
  const spread = Math.sqrt(dot(centred, centred) / x.length + 1e-12);
  return centred.map((value, i) => (value / spread) * weight[i] + bias[i]);
}

// erf to 1.5e-7 (Abramowitz and Stegun, 7.1.26)
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}
const gelu = (x) => x.map((value) => 0.5 * value * (1 + erf(value / Math.SQRT2)));

function softmax(values, temperature = 1) {
  let most = -Infinity, sum = 0;
  for (const value of values) if (value > most) most = value;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) sum += out[i] = Math.exp((values[i] - most) / temperature);
  for (let i = 0; i < out.length; i++) out[i] /= sum;
  return out;
}

// log sum exp(x)
function logSumExp(values) {
  let most = -Infinity, sum = 0;
  for (const value of values) if (value > most) most = value;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum);
}

const unit = (x) => {
  const length = Math.max(Math.sqrt(dot(x, x)), 1e-4);
  return x.map((value) => value / length);
};
function unitRows(table, D) {
  const out = new Float32Array(table.length);
  for (let start = 0; start < table.length; start += D) out.set(unit(table.subarray(start, start + D)), start);
  return out;
}

// Return what a head adds to the logit of a position so far before, or after if negative; 0 unless positions are relative.
function biasOf({ weights, heads, max_length }, head, distance) {
  const table = weights.distance_bias;  // [H, 1 or 2, max_length]
  if (!table) return 0;
  const sides = table.length / heads / max_length, side = distance < 0 ? sides - 1 : 0;
  return table[(head * sides + side) * max_length + Math.min(Math.abs(distance), max_length - 1)];
}

// Return the vector of an item with that of its place, counted from the oldest item or from the newest.
function placedItem({ weights, width: D }, item, place, fromNewest) {
  const vector = rowOf(weights.item_embedding, item, D);
  if (weights.position_embedding) return add(vector, rowOf(weights.position_embedding, place, D));
  return weights.recency_embedding ? add(vector, rowOf(weights.recency_embedding, fromNewest, D)) : vector;
}

// x + up(gelu(down(x))) where the reasoner "adapter" has such weights, else x
function adapted(x, weights, name) {
  return name + ".up.weight" in weights ? add(x, linear(gelu(linear(x, weights, name + ".down")), weights, name + ".up")) : x;
}

// Return what the reasoner "items" reads back of a state: the mean of its best items, normalised.
function guess(model, state) {
  const { weights, width: D } = model, best = topItems(scoresOf(model, model.cosine ? unit(state) : state), model.guesses, new Set());
  const scores = scoresOf(model, model.cosine ? unit(state) : state, best), shares = softmax(scores, 1 / weights.sharpness[0]);
  const mean = new Float64Array(D);
  best.forEach((item, i) => { for (let d = 0; d < D; d++) mean[d] += shares[i] * weights.item_embedding[item * D + d]; });
  return layerNorm(mean, weights, "guess_norm");
}

// Return what step k + 1 reads: the state before it, and what marks it (p_k; the method naive has none) or is read back.
function stepInput(model, state, k) {
  const { weights, width: D } = model, mark = weights.reasoning_embedding;
  const input = mark ? add(state, rowOf(mark, k, D)) : state;
  return "guess_norm.weight" in weights ? add(input, guess(model, state)) : input;
}

// The reasoner "gru" mixes what a step reached into the state before it: r + sigmoid(W [reached, r] + b) (reached - r).
function updated(weights, reached, state) {
  if (!("update_gate.weight" in weights)) return reached;
  const gate = linear(Float64Array.of(...reached, ...state), weights, "update_gate");
  return state.map((value, i) => value + (reached[i] - value) / (1 + Math.exp(-gate[i])));
}

// Return the states of new positions x, and what the last of them attends to, [block][head][position]. The keys and
// values of the new positions join the cache. Every position sees all before it; with bert4rec, all new ones too. With the reasoners
// "separate" and "lares", a step has blocks of its own.
function encode(model, x, cache, step = false) {
  const { weights, heads: H, width: D } = model, wide = D / H, separate = step && "reasoning_norm.weight" in weights;
  x = x.map((row) => layerNorm(row, weights, separate ? "reasoning_norm" : "input_norm"));
  const attention = cache.map(({ keys, values }, index) => {
    const name = separate ? `reasoning_blocks.${index}.` : `blocks.${index}.`, before = keys.length;
    for (const row of x) {
      keys.push(linear(row, weights, name + "key"));
      values.push(linear(row, weights, name + "value"));
    }
    let last = [];
    x = x.map((row, place) => {
      const query = linear(row, weights, name + "query"), mixed = new Float64Array(D);
      const visible = model.backbone === "bert4rec" ? keys.length : before + place + 1;
      last = Array.from({ length: H }, (_, head) => {
        const scores = keys.slice(0, visible).map((key, seen) =>
          dot(query, key, head * wide, wide, head * wide) + Math.sqrt(wide) * biasOf(model, head, before + place - seen));
        const shares = softmax(scores, Math.sqrt(wide));
        shares.forEach((share, seen) => {
          for (let i = head * wide; i < (head + 1) * wide; i++) mixed[i] += share * values[seen][i];
        });
        return shares;
      });
      const own = (vector, place) => (step ? adapted(vector, weights, `adapters.${index}.${place}`) : vector);
      const seen = own(linear(mixed, weights, name + "output"), "attention");
      const middle = layerNorm(add(row, seen), weights, name + "attention_norm");
      const fed = own(linear(gelu(linear(middle, weights, name + "inner")), weights, name + "outer"), "feed_forward");
      return layerNorm(add(middle, fed), weights, name + "inner_norm");
    });
    return last;
  });
  return { states: x, attention };
}

// What marks the streams of the reasoner "paths"; any other has one, without a mark.
const streamMarks = ({ weights: { path_embedding: marks }, width: D }) => (marks
  ? Array.from({ length: marks.length / D }, (_, m) => rowOf(marks, m, D)) : [new Float64Array(D)]);

// Return the means of states and attention over streams.
function meanOf(passes) {
  const mean = (same) => same[0].map(ArrayBuffer.isView(same[0]) ? (_, i) => same.reduce((sum, one) => sum + one[i], 0) / same.length
    : (_, i) => mean(same.map((one) => one[i])));
  return { states: mean(passes.map((pass) => pass.states)), attention: mean(passes.map((pass) => pass.attention)) };
}

// Think about a history of item numbers: the states r_0..r_K, what each of them attends to, and its cache. The model
// reads the newest items. A row of a cache has the position of an item, or of a reasoning step; all steps share one. If
// all items take the steps (the reasoner "lares"), each step has a cache of its own, of the items as they are in it. With
// several streams, each has its own cache of steps, and we return that of the first one.
function think(model, history) {
  const items = history.slice(-model.max_length), empty = () => Array.from({ length: model.layers }, () => ({ keys: [], values: [] }));
  const inputs = items.map((item, place) => placedItem(model, item, place, items.length - 1 - place)), caches = [empty()];
  const first = encode(model, inputs, caches[0]), states = [first.states.at(-1)], attention = [first.attention];
  const marks = streamMarks(model), copied = () => caches[0].map(({ keys, values }) => ({ keys: [...keys], values: [...values] }));
  let reached = first, streams = marks.map(copied);
  for (let k = 0; k < model.steps; k++) {
    const x = model.everywhere ? reached.states.map((row, i) => add(row, first.states[i]).map((sum) => sum / 2))
      : [stepInput(model, states[k], k)];
    if (model.everywhere) streams = [empty()];
    reached = meanOf(streams.map((own, m) => encode(model, x.map((row) => add(row, marks[m])), own, true)));
    caches.push(streams[0]);
    states.push(updated(model.weights, reached.states.at(-1), states[k]));
    attention.push(reached.attention);
  }
  return { items, states: model.cosine ? states.map(unit) : states, attention, caches };
}

// Return the scores of a state with some items, by default with all of them.
function scoresOf(model, state, items = null) {
  const D = model.width, out = new Float64Array(items ? items.length : model.compared.length / D);
  for (let i = 0; i < out.length; i++) out[i] = dot(state, model.compared, 0, D, (items ? items[i] : i) * D);
  return out;
}

// Return the scores of all items for each row of the model: the steps and, if the method combines them, their mean or
// mixture. A row's temperature is that of its softmax: for step k, tau alpha^(K-k).
function scoreRows(model, history, temperature, alpha) {
  if (!model.neural) return { rows: [{ name: "counts", step: 0, scores: countScores(model, history), temperature }] };
  const thought = think(model, history), { states } = thought;
  const rows = states.map((state, step) => ({ name: `step ${step}`, step, scores: scoresOf(model, state),
    temperature: temperature * alpha ** (model.steps - step) }));
  if (model.combined && model.steps) rows.push({ name: model.combined, step: null, ...("gate.weight" in model.weights
    ? mixture(model, states, rows) : { scores: scoresOf(model, states.reduce(add).map((value) => value / states.length)), temperature }) });
  return { rows, ...thought };
}

// The method "gate" mixes the distributions of the steps: log sum_k g_k softmax(r_k E^T / tau_k), with the gate
// g = softmax(w_k . r_k + b_k), which becomes the weight of each row. The scores are logarithms of probabilities.
function mixture({ weights, width: D }, states, rows) {
  const gate = softmax(states.map((state, k) => dot(state, weights["gate.weight"], 0, D, k * D) + weights["gate.bias"][k]));
  const parts = rows.map((row, k) => {
    row.weight = gate[k];
    const logits = row.scores.map((score) => score / row.temperature), shift = Math.log(gate[k]) - logSumExp(logits);
    return logits.map((logit) => logit + shift);
  });
  return { scores: parts[0].map((_, item) => logSumExp(parts.map((part) => part[item]))), temperature: 1 };
}

// Counts: what followed the items of the history in training; each item has its share, the newest first.
function countScores({ weights, max_length }, history) {
  const scores = Float64Array.from(weights.background), newest = history.slice(-max_length).reverse();
  newest.forEach((item, gap) => {
    const share = weights.shares[newest.length * max_length + gap];
    for (let i = weights.starts[item]; i < weights.starts[item + 1]; i++)
      scores[weights.neighbours[i]] += share * weights.strengths[i];
  });
  return scores;
}
