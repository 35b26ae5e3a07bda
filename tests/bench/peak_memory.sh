#!/usr/bin/env bash
# Peak resident memory of `bathy logits` on a slice of V4-Flash in its stored dtypes, against the bytes of weights it
# touched plus the caches and scratch it reports. Fails above 1.15 times that sum.
# usage: tests/bench/peak_memory.sh [build folder] [tokens]   (about 7 GB of disk in $TMPDIR, removed at the end)
set -euo pipefail
build=${1:-build/release}
tokens=${2:-96}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/bin/bathy" synth v4-flash "$folder/model" --layers 4 --experts 64
seq -s, 1 "$tokens" >"$folder/tokens"
for precision in exact fast; do
    "$build/bin/bathy" logits "$folder/model" --tokens "$(cat "$folder/tokens")" --out "$folder/logits.npy" \
        --precision "$precision" --json --quiet >"$folder/$precision.json"
    python3 - "$precision" "$folder/$precision.json" <<'PYTHON'
import json
import sys

precision, path = sys.argv[1:]
document = json.load(open(path))
memory = document["memory"]
accounted = memory["weight_bytes_touched"] + memory["kv_bytes_reserved"] + memory["scratch_bytes"]
ratio = memory["peak_resident_bytes"] / accounted
gib = lambda key: f"{memory[key] / 2**30:.3f} GiB"
print(f"{precision}: peak {gib('peak_resident_bytes')}, weights touched {gib('weight_bytes_touched')}, "
      f"caches {gib('kv_bytes_reserved')}, scratch {gib('scratch_bytes')}: ratio {ratio:.3f} (limit 1.15), "
      f"{document['shape'][0] / document['seconds']:.2f} tokens/s")
sys.exit(ratio > 1.15)
PYTHON
done
