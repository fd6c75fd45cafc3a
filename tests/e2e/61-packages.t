#!/usr/bin/env bash
# Recipes of packages can be filled in, and installed module files lead to the program:
# the part of `make check-packages` that takes seconds.
. "$(dirname "$0")/lib.sh"

git ls-files --error-unmatch Makefile >/dev/null 2>&1 || skip_all "this is no clone: git lists what goes into a package"
BUILD=$BUILD run tests/packages modules recipes
exits "tests/packages" 0
while IFS= read -r line; do
    case $line in
        *": fine") pass "${line#PACKAGES }" ;;
        *"FAILED"*) fail "${line#PACKAGES }" "$(last_run)" ;;
        *"skipped"*) skip "${line%%skipped*}" "${line##*skipped, }" ;;
    esac
done <"$out"
has "module files were read" "$out" '^PACKAGES modules: '
has "and recipes" "$out" "^PACKAGES recipes: no placeholder is left: fine"
done_testing
