"use strict";
// What the scores of a model say: lists, ranks, entropy, divergences, and where a reader would stop.

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

// Think, then describe every row: its k best items, their probabilities, the target's rank, entropy and KL from the step
// before, KL(p_{k-1} || p_k), with the last step's temperature for all steps, as --halt takes it.
function explain(model, history, { k = 10, target = null, keepSeen = false, temperature = model.temperature, alpha = model.alpha } = {}) {
  const thought = scoreRows(model, history, temperature, alpha), excluded = new Set(keepSeen ? [] : history);
  let before = null;
  for (const row of thought.rows) {
    const shares = softmax(row.scores, row.temperature);
    row.top = topItems(row.scores, k, excluded);
    row.shares = row.top.map((item) => shares[item]);
    row.rank = target === null ? null : rankOf(row.scores, target, excluded);
    row.entropy = entropy(shares);
    const even = row.temperature === temperature ? shares : softmax(row.scores, temperature);
    row.kl = before && row.step !== null ? divergence(before, even) : null;
    before = even;
  }
  return thought;
}

// Return the step at which a reader would stop: the first one whose distribution hardly differs from the one before.
function haltAt(rows, threshold) {
  const steps = rows.filter((row) => row.step !== null);
  return (steps.find((row) => row.kl !== null && row.kl < threshold) ?? steps.at(-1)).step;
}

// Return NDCG@20 and the mean step over examples (rows of each) of stopping at a threshold, of fixed depths and of the
// oracles; nullRanks: of each example at the null oracle. share: how much of the oracle's gain over the best fixed depth
// stopping realises, null if there is none.
function stopping(examples, threshold, nullRanks) {
  const gain = (rank) => (rank <= 20 ? 1 / Math.log2(rank + 1) : 0), mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const fixed = examples[0].map((_, step) => ({ step, ndcg: mean(examples.map((rows) => gain(rows[step].rank))) }));
  const stops = examples.map((rows) => haltAt(rows, threshold));
  const best = fixed.reduce((one, other) => (other.ndcg > one.ndcg ? other : one));
  const realised = { step: mean(stops), ndcg: mean(examples.map((rows, i) => gain(rows[stops[i]].rank))) };
  const oracle = { ndcg: mean(examples.map((rows) => Math.max(...rows.map((row) => gain(row.rank))))) };
  return { first: fixed[0], last: fixed.at(-1), best, realised, oracle,
    null: nullRanks ? { ndcg: mean(nullRanks.map(gain)) } : null,
    share: oracle.ndcg > best.ndcg ? (realised.ndcg - best.ndcg) / (oracle.ndcg - best.ndcg) : null };
}
