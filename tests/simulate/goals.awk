# Which goals were met: those whose rows are there, one line for each; exit status 1 where
# one was not.
#
#   awk -f goals.awk goals.txt scaling.csv
function key(kind, label, mode, ranks) { return kind "," label "," mode "," ranks }

# Of a row simulated and the one predicted; "" where one of them is not there.
function figure(what, label, mode, ranks,   simulated, predicted, ring) {
    simulated = key("simulated", label, mode, ranks)
    predicted = key("predicted", label, mode, ranks)
    if (!(simulated in seconds)) return ""
    if (what == "efficiency") return efficiency[simulated]
    if (what == "formula")
        return predicted in seconds ? transfer[simulated] / transfer[predicted] : ""
    sub(/overlapped/, "ring", label)
    ring = key("simulated", label, mode, ranks)
    predicted = key("predicted", label, mode, ranks)
    if (!(ring in seconds) || !(predicted in seconds)) return ""
    alone = seconds[predicted] - transfer[predicted]
    return 1 - (seconds[simulated] - alone) / (seconds[ring] - alone)
}

/^#/ || /^$/ { next }
FILENAME == ARGV[1] { goal[++goals] = $0; next }
FNR == 1 { next }
{
    split($0, cell, ",")
    row = key(cell[14], cell[15], cell[7], cell[5])
    seconds[row] = cell[9]; transfer[row] = cell[11]; efficiency[row] = cell[13]
}
END {
    for (i = 1; i <= goals; i++) {
        n = split(goal[i], word, " ")
        label = word[1]
        for (k = 2; k <= n - 5; k++) label = label " " word[k]
        found = figure(word[n - 2], label, word[n - 4], word[n - 3])
        if (found == "") continue
        met = word[n - 1] == "least" ? found >= word[n] + 0 : found <= word[n] + 0
        bad += !met
        printf "%-7s %s, %s, %d ranks: %s %.4f, at %s %s\n", met ? "ok" : "NOT MET", label,
            word[n - 4], word[n - 3], word[n - 2], found, word[n - 1], word[n]
    }
    exit bad > 0
}
