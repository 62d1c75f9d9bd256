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

// Return the states of new positions x, and what the last of them attends to, [block][head][position]. The keys and
// values of the new positions join the cache. Every position sees all before it; with bert4rec, all new ones too.
function encode(model, x, cache) {
  const { weights, heads: H, width: D } = model, wide = D / H;
  x = x.map((row) => layerNorm(row, weights, "input_norm"));
  const attention = cache.map(({ keys, values }, index) => {
    const name = `blocks.${index}.`, before = keys.length;
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
      const middle = layerNorm(add(row, linear(mixed, weights, name + "output")), weights, name + "attention_norm");
      const inner = gelu(linear(middle, weights, name + "inner"));
      return layerNorm(add(middle, linear(inner, weights, name + "outer")), weights, name + "inner_norm");
    });
    return last;
  });
  return { states: x, attention };
}

// Think about a history of item numbers: the states r_0..r_K, what each of them attends to, and the cache at the end.
// The model reads the newest items. A row of the cache has the position of an item, or of a reasoning step.
function think(model, history) {
  const { weights, width: D, steps: K } = model, items = history.slice(-model.max_length);
  const cache = Array.from({ length: model.layers }, () => ({ keys: [], values: [] }));
  const inputs = items.map((item, place) => placedItem(model, item, place, items.length - 1 - place));
  const first = encode(model, inputs, cache), states = [first.states.at(-1)], attention = [first.attention];
  for (let k = 0; k < K; k++) {
    const mark = weights.reasoning_embedding;  // p_k; the method naive has none
    const next = encode(model, [mark ? add(states[k], rowOf(mark, k, D)) : states[k]], cache);
    states.push(next.states[0]);
    attention.push(next.attention);
  }
  return { items, states: model.cosine ? states.map(unit) : states, attention, cache };
}

// Return the scores of all items for each row of the model: the steps and, if the method combines them, their mean.
function scoreRows(model, history) {
  if (!model.neural) return { rows: [{ name: "counts", step: 0, scores: countScores(model, history) }] };
  const thought = think(model, history), D = model.width;
  const rows = thought.states.map((state, step) => ({ name: `step ${step}`, step, state }));
  if (model.combined && model.steps) {
    const mean = thought.states.reduce(add).map((value) => value / thought.states.length);
    rows.push({ name: model.combined, step: null, state: mean });
  }
  for (const row of rows) {
    row.scores = new Float64Array(model.compared.length / D);
    for (let item = 0; item < row.scores.length; item++) row.scores[item] = dot(row.state, model.compared, 0, D, item * D);
  }
  return { rows, ...thought };
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

// Return the numbers of the k best items, best first; equal scores keep their order. Excluded ones are no candidates.
function topItems(scores, k, excluded) {
  const best = [];
  for (let item = 0; item < scores.length; item++) {
    if (best.length === k && !(scores[item] > scores[best[k - 1]])) continue;
    if (excluded.has(item)) continue;
    let place = best.length;
    while (place && scores[item] > scores[best[place - 1]]) place--;
    best.splice(place, 0, item);
    if (best.length > k) best.pop();
  }
  return best;
}

// Return the expected rank of the target, from 1: it is always a candidate, and ties count half.
function rankOf(scores, target, excluded) {
  const own = scores[target];
  let rank = 1;
  for (let item = 0; item < scores.length; item++)
    if (scores[item] >= own && item !== target && !excluded.has(item)) rank += scores[item] > own ? 1 : 0.5;
  return rank;
}

function divergence(p, q) {  // KL(p || q)
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) sum += p[i] * Math.log(p[i] / Math.max(q[i], 1e-300));
  return sum;
}
function entropy(p) {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) sum -= p[i] * Math.log(p[i]);
  return sum;
}

// Think, then describe every row: its k best items, their probabilities, the target's rank, entropy and KL to the step
// before. Step k's softmax has the temperature tau alpha^(K-k).
function explain(model, history, { k = 10, target = null, keepSeen = false, temperature = 1, alpha = 1 } = {}) {
  const thought = scoreRows(model, history), excluded = new Set(keepSeen ? [] : history);
  let before = null;
  for (const row of thought.rows) {
    const tau = temperature * (row.step === null ? 1 : alpha ** (model.steps - row.step));
    const shares = softmax(row.scores, tau);
    row.top = topItems(row.scores, k, excluded);
    row.shares = row.top.map((item) => shares[item]);
    row.rank = target === null ? null : rankOf(row.scores, target, excluded);
    row.entropy = entropy(shares);
    row.kl = before && row.step !== null ? divergence(shares, before) : null;
    before = shares;
  }
  return thought;
}

// Return the step at which a reader would stop: the first one whose distribution hardly differs from the one before.
function haltAt(rows, threshold) {
  const steps = rows.filter((row) => row.step !== null);
  return (steps.find((row) => row.kl !== null && row.kl < threshold) ?? steps.at(-1)).step;
}
