#!/usr/bin/env bash
# run.sh [SECONDS [TARGET…]]: runs the fuzzers of build/fuzz, two at a time, each for SECONDS (600), and prints a table of what they did.
#
#   cmake --preset fuzz && ninja -C build/fuzz && tests/fuzz/run.sh           every target for ten minutes
#   tests/fuzz/run.sh 60 gguf config                                        these two for a minute
#
# Inputs found on the way and findings lie in build/fuzz/found/TARGET; a finding belongs into the corpus, with a test, once it is mended.
# Ends with 1 when there was one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$here/../../build/fuzz
seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || for program in "$build"/fuzz/fuzz_*; do targets+=("${program##*/fuzz_}"); done
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

fuzz() { # TARGET
    local program=$build/fuzz/fuzz_$1 found=$build/found/$1 corpus status=0
    [ -x "$program" ] || { echo "run.sh: $program is not built" >&2; return 1; }
    corpus=$(sed -n "s,^bathy_fuzzer($1 .*CORPUS \${CMAKE_CURRENT_SOURCE_DIR}/\(.*\)).*,\1,p" "$here/CMakeLists.txt")
    mkdir -p "$found/inputs"
    (cd "$found" && "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=1 -close_fd_mask=1 \
        inputs "$here/$corpus") >"$found/log" 2>&1 || status=$?
    local runs edges
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$found/log" | tail -1)
    echo "| $1 | $seconds | ${runs:-?} | ${edges:-?} | $(find "$found/inputs" -type f | wc -l) | $([ $status -eq 0 ] && echo none || echo "**see $found/log**") |"
    return $status
}

echo "| target | seconds | inputs tried | edges reached | inputs kept | findings |"
echo "|---|---|---|---|---|---|"
worst=0 running=0
for target in "${targets[@]}"; do
    [ $running -lt 2 ] || { wait -n || worst=1; running=$((running - 1)); }
    fuzz "$target" &
    running=$((running + 1))
done
while [ $running -gt 0 ]; do
    wait -n || worst=1
    running=$((running - 1))
done
exit $worst
