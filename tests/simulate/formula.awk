# What is known without a simulation: the seconds of the model alone, and with reductions
# by the formulas of Thakur, Rabenseifner and Gropp (2005), where nothing overlaps and
# additions take no time.
#
#   awk -f formula.awk NODE.txt -      rows `network ranks images` on stdin
#
# prints for each `alone together`: seconds of a step on one rank with so many images, and
# on so many ranks with as many images each.  To be called in the root of the sources.
BEGIN {
    while ((getline line <"tests/simulate/networks.txt") > 0) {
        split(line, word, " ")
        LATENCY[word[1]] = word[3]; BANDWIDTH[word[1]] = word[4]
    }
    # numbers of the default supernet that are summed: gradients and statistics of weights,
    # gradients of the architecture; 4 bytes each, 8 in reproducible runs
    if (!width) width = 4
    WEIGHTS = 2079813 * width; ALPHAS = 233 * width
}

function rounds(ranks,   n) {
    n = 0
    while (2 ^ n < ranks) n++
    return n
}

# Rings within rings, one for each prime of the number of ranks; where that is a power of
# two it is halving and doubling.
function rings(ranks, bytes,   left, prime, turns) {
    left = ranks
    prime = 2
    while (left > 1)
        if (left % prime == 0) {
            turns += 2 * (prime - 1)
            left /= prime
        } else prime++
    return turns * latency + 2 * (ranks - 1) / ranks * bytes / bandwidth
}

function doubling(ranks, bytes) { return rounds(ranks) * (latency + bytes / bandwidth) }

# As tests/simulate/model.c.
function model(column, images,   i, slope) {
    i = 2
    while (i < rows && row[i, 1] < images) i++
    slope = (row[i, column] - row[i - 1, column]) / (row[i, 1] - row[i - 1, 1])
    return row[i - 1, column] + slope * (images - row[i - 1, 1])
}

function alone(images,   column, sum) {
    for (column = 2; column <= 5; column++) sum += model(column, images)
    return sum + model(7, 1)
}

/^#/ { next }
FILENAME != "-" { rows++; for (i = 1; i <= NF; i++) row[rows, i] = $i; next }
{
    if (!($1 in LATENCY)) { print $1 ": no such network" >"/dev/stderr"; exit 1 }
    latency = LATENCY[$1]; bandwidth = BANDWIDTH[$1]
    comm = $2 > 1 ? rings($2, WEIGHTS) + doubling($2, ALPHAS) : 0
    printf "%.9f %.9f\n", alone($3), alone($3) + comm
}
