#!/usr/bin/env bash
# Trains, measures and exports the demo size inside a time limit: made for one GPU, and for a machine that is lent for minutes.
#
# usage: demo.sh --text FOLDER --out CHECKPOINT [--minutes 26] [--from CHECKPOINT] [--device cuda|cpu] [--size demo|nano]
#
# 1. tokenizer and documents, unless DATA (default data/demo) has them; 2. half a minute of training that is thrown away tells the speed: below
# 120,000 tokens/s "demo" becomes "mid"; 3. training with a schedule that ends when the time does, less three minutes; 4. evaluation;
# 5. export in four shards. A run that was cut off goes on when called again with the same DATA and RUN; --from goes on from an exported
# checkpoint on another day. It has been tried on a CPU with a budget of seconds, not yet on a GPU.
set -eu
cd "$(dirname "$0")"
text="" out="" minutes=26 from=() device=cuda size=demo
while [ $# -gt 0 ]; do
    case "$1" in
    --text) text=$2 ;; --out) out=$2 ;; --minutes) minutes=$2 ;; --from) from=(--from "$2") ;; --device) device=$2 ;; --size) size=$2 ;;
    *) sed -n '2,11p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done
[ -n "$text" ] && [ -n "$out" ] || { sed -n '2,11p' "$0" >&2; exit 2; }
begun=$(date +%s)
data=${DATA:-data/$size} run=${RUN:-runs/$size} scale=${SCALE:-1.0} step=${STEP_TOKENS:-131072} probe=${PROBE_MINUTES:-0.5}
vocab=8192
[ "$size" = nano ] && vocab=4096
mkdir -p "$data" "$run"
[ -f "$data/tokenizer.json" ] || python3 tok.py --text "$text" --out "$data/tokenizer.json" --vocab $vocab
[ -f "$data/heldout.json" ] || python3 corpus.py --text "$text" --out "$data" --tokenizer "$data/tokenizer.json" --scale "$scale"

train() { python3 train.py --data "$data" --device "$device" --step-tokens "$step" "$@"; }

if [ ! -f "$run/state.pt" ] && [ "$size" = demo ] && [ ${#from[@]} -eq 0 ]; then
    rm -rf "$run.probe"
    train --size demo --run "$run.probe" --minutes "$probe" | tee "$run.probe.log"
    speed=$(python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print(int(d['tokens'] / max(d['seconds'], 1)))" "$run.probe/done.json")
    rm -rf "$run.probe"
    echo "demo: $speed tokens/s"
    [ "$speed" -ge "${LEAST_SPEED:-120000}" ] || size=mid
fi
left=$(python3 -c "print(max(0.1, $minutes - ($(date +%s) - $begun) / 60 - ${LAST_MINUTES:-3}))")
train --size $size --run "$run" --minutes "$left" --fresh-schedule "${from[@]}"
python3 evalsuite.py --run "$run" --tokenizer "$data/tokenizer.json" --heldout "$data/heldout.json" --documents "${DOCUMENTS:-20}" --out "$run/eval.json"
python3 export.py --run "$run" --tokenizer "$data/tokenizer.json" --heldout "$data/heldout.json" --out "$out" --shards 4 --check 0
cp "$run/eval.json" "$out/eval.json"
