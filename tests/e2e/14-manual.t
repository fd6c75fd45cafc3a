#!/usr/bin/env bash
# Manual pages and the completion of shells, which are made of the tables of the help.
. "$(dirname "$0")/lib.sh"

# ---- manual pages ------------------------------------------------------------------

ok "help man" taildart help man
mapfile -t pages <"$out"
run taildart --help
mapfile -t commands < <(sed -n '/^Commands/,/^$/p' "$out" | sed -nE 's/^  ([a-z]+) .*/\1/p')
is "there are pages of the program, of keys" "${pages[*]:0:2}" "taildart.1 taildart-keys.5"
is "there are commands" "${commands[0]-}" search
for command in "${commands[@]}" "data import" "data info" "data draws"; do
    name=taildart-${command// /-}
    has "there is a page of $command" <(printf '%s\n' "${pages[@]}") "^$name\.1$"
    # shellcheck disable=SC2086   # two words
    run taildart $command --help
    grep -oE -- '--[a-z][a-z-]+' "$out" | sort -u >"$T/options"
    ok "which is written" taildart help man "$name"
    sed 's/\\-/-/g' "$out" >"$T/page"
    has "tells what it is for" "$T/page" "^$name - [a-zA-Z]"
    is "and every option" "$(grep -vxFf <(grep -oE -- '--[a-z][a-z-]+' "$T/page") "$T/options")" ""
    has "has examples" "$T/page" "^\.SH EXAMPLES"
done
run taildart help man taildart-search
has "a line that goes on shows its backslash" "$out" 'runs/b \\e$'
run taildart help man taildart-keys
sed 's/\\-/-/g' "$out" >"$T/page"
run taildart help keys
is "taildart-keys tells every key that help tells" \
    "$(sed '1,/^The data set/d' "$out" | sed -nE 's/^  ([a-z][a-z0-9_.]*).*/\1/p' | sort)" "$(sed -n 's/^\.B //p' "$T/page" | sort)"
has "with limits and defaults" "$T/page" "^a whole number from 1 to 1048576 \(images\); default 64"
has "and the shapes of schedules" "$T/page" "quarter_cosine +parabolic"
refused "no such page" 2 'help man: no page is called taildart-serach' taildart help man taildart-serach

# complaints FILE: of the strictest reader of manual pages that is here.
if command -v mandoc >/dev/null; then
    reader=mandoc
    complaints() { mandoc -Tlint -W warning "$1" >&2; }
elif command -v man >/dev/null && man --warnings --version >/dev/null 2>&1; then
    reader="man --warnings"
    complaints() { LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l "$1"; }
else
    reader="groff -ww"
    complaints() { groff -man -ww -Tutf8 -K utf8 "$1"; }
fi
if ! command -v "${reader%% *}" >/dev/null; then skip "pages are well-formed" "no mandoc, man or groff"
else
    for page in "${pages[@]}"; do
        taildart help man "$page" >"$T/$page"
        is "$reader has nothing to say about $page" "$({ complaints "$T/$page" >"$T/text"; } 2>&1)" ""
        is "it fits into 80 columns" "$(LC_ALL=C.UTF-8 awk 'length($0) > 80' "$T/text")" ""
    done
    printf '.SH X\n.ABSENT\n\\[absent]\n' >"$T/wrong.1"
    [ -n "$({ complaints "$T/wrong.1" >"$T/text"; } 2>&1)" ]
    is "which it would have" $? 0
fi

# ---- bash --------------------------------------------------------------------------

ok "help completion bash" taildart help completion bash
cp "$out" "$T/complete.bash"
cat >"$T/ask.bash" <<'END'
. "$1"
complete -p taildart >/dev/null || exit 1
COMP_LINE=$2 COMP_POINT=${#2}
_taildart
echo "${COMPREPLY[*]}"
END
# answers NAME LINE WANTED: what bash makes of a line up to the cursor.
answers() { is "$1" "$(bash --norc "$T/ask.bash" "$T/complete.bash" "$2" 2>&1)" "$3"; }
answers "commands" "taildart " "${commands[*]} help --help --version"
answers "of a beginning" "taildart se" search
answers "parts of a command" "taildart data " "import info draws"
answers "options" "taildart search --se" "--seed --set"
answers "of a part" "taildart data import --str" --strict
answers "keys behind --set" "taildart search --set weights.lr.s" "weights.lr.shape= weights.lr.start= weights.lr.scale="
answers "those of the command" "taildart train --set train.ep" train.epochs=
answers "not of another" "taildart search --set train.ep" ""
answers "words of a key" "taildart search --set weights.lr.shape=co" "constant cosine"
answers "also in one word" "taildart search --set=bbn.enabled=" "true false"
answers "words of an option" "taildart genotype --format " "python json dot svg"
answers "and of a shorthand" "taildart search --resume=" "auto never must"
answers "published cells" "taildart train --genotype DARTS" "DARTS_V1 DARTS_V2"
answers "also to show" "taildart genotype PC" PCDARTS
answers "behind a launcher" "mpirun -n 2 build/taildart search --dry" --dry-run
answers "whose own words are not ours" "mpirun -n " ""
answers "topics of help" "taildart help ke" keys
answers "keys in help" "taildart help keys arch.lr.fr" "arch.lr.frozen_until arch.lr.frozen_from"
mkdir "$T/files"
touch "$T/files/a b.h5" "$T/files/c.h5"
answers "files with spaces" "taildart eval $T/files/a" "$T/files/a b.h5"
answers "files behind an option" "taildart search --out $T/files/c" "$T/files/c.h5"
if command -v shellcheck >/dev/null; then
    ok "shellcheck has nothing to say" shellcheck -S warning "$T/complete.bash"
else skip "shellcheck has nothing to say" "shellcheck is not installed"; fi

# ---- zsh ---------------------------------------------------------------------------

ok "help completion zsh" taildart help completion zsh
has "is found by zsh" "$out" '^#compdef taildart$'
refused "no other shell" 2 'help completion: found "fish"; accepted: bash, zsh' taildart help completion fish
if command -v zsh >/dev/null; then
    taildart help completion zsh >"$T/_taildart"
    # What zsh's own functions would be told.
    cat >"$T/ask.zsh" <<'END'
compdef() { : }
compset() { print -rn -- "behind $2: " }
compadd() { print -r -- "${@[${@[(i)--]} + 1, -1]}" }
_files() { print files }
file=$1
shift
words=("$@") CURRENT=$#words
source $file
_taildart
END
    asked() { local name=$1 wanted=$2; shift 2; is "zsh: $name" "$(zsh -f "$T/ask.zsh" "$T/_taildart" "$@" 2>&1)" "$wanted"; }
    asked "commands" "${commands[*]} help --help --version" taildart ''
    asked "parts" "import info draws" taildart data ''
    asked "words of a key" "behind bbn.enabled=: true false" taildart search --set bbn.enabled=t
    asked "words of an option" "python json dot svg" taildart genotype --format ''
    asked "published cells, and files" "DARTS_V1 DARTS_V2 PCDARTS PDARTS"$'\nfiles' \
        taildart train --genotype ''
    asked "files" files taildart search --data x
else skip "zsh completes" "zsh is not installed"; fi

done_testing
