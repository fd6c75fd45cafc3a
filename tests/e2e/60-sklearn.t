#!/usr/bin/env bash
# The measures of `taildart eval` are scikit-learn's, taken from the logits it writes.
. "$(dirname "$0")/lib.sh"

python=${SKLEARN_PYTHON:-/usr/bin/python3}
for module in sklearn h5py; do
    "$python" -c "import $module" 2>/dev/null ||
        skip_all "no python3-$module for $python"
done

tiny_idx "$T/data" 7 24 30
ok "a search" taildart search --data "$T/data" --out "$T/run" "${tiny_net[@]}" \
    --epochs 2 --set data.imbalance=3
ok "eval" taildart eval "$T/run/checkpoint.h5" --data "$T/data" --per-class --top 3 \
    --logits "$T/logits.h5" --confusion "$T/confusion.csv"
cat >"$T/check.py" <<'END'
import csv, sys, warnings, h5py, numpy as np
from sklearn import metrics
folder, printed = sys.argv[1:]
logits = h5py.File(f"{folder}/logits.h5")["logits"][:].astype(np.float64)
raw = open(f"{folder}/data/t10k-labels-idx1-ubyte", "rb").read()
labels = np.frombuffer(raw[8:], np.uint8).astype(int)
answers = logits.argmax(1)
p = np.exp(logits - logits.max(1, keepdims=True))
p = (p / p.sum(1, keepdims=True)).max(1)
edges, ece = np.linspace(0, 1, 16), 0.0
for low, high in zip(edges, edges[1:]):
    bin = (p > low) & (p <= high)
    if bin.any():
        ece += bin.mean() * abs((answers == labels)[bin].mean() - p[bin].mean())
lines = [line.split() for line in open(printed)]
shown = {words[0]: words[1] for words in lines}
def near(name, value):
    assert abs(float(shown[name]) - value) <= 5.1e-5, (name, shown[name], value)
near("top-1", metrics.accuracy_score(labels, answers))
near("balanced", metrics.balanced_accuracy_score(labels, answers))
near("ece", ece)
near("macro-f1", metrics.f1_score(labels, answers, average="macro"))
near("top-3", metrics.top_k_accuracy_score(labels, logits, k=3, labels=range(7)))
matrix = metrics.confusion_matrix(labels, answers, labels=range(7))
rows = list(csv.reader(open(f"{folder}/confusion.csv")))
assert rows[0][0] == "class" and rows[0][1:] == [row[0] for row in rows[1:]], rows
assert (np.array([row[1:] for row in rows[1:]], int) == matrix).all(), (rows, matrix)
recall = metrics.recall_score(labels, answers, average=None, zero_division=0)
table = [words for words in lines if words[0].isdigit()]
assert len(table) == 7
for words, value in zip(table, recall):
    assert abs(float(words[2]) - value) <= 5.1e-5, (words, value)
groups = next(words for words in lines if words[:2] == ["by", "range"])
for found, part in zip(groups[2:5], (recall[:2], recall[2:5], recall[5:])):
    assert abs(float(found) - part.mean()) <= 5.1e-5, (groups, recall)
END
cp "$out" "$T/printed"
ok "top-1, balanced, recall, confusion and ECE agree" "$python" "$T/check.py" "$T" "$T/printed"
sed -i 's/^\(ece *\)[0-9.]*/\19.0000/' "$T/printed"
run "$python" "$T/check.py" "$T" "$T/printed"
exits "the comparison can fail" 1

done_testing
