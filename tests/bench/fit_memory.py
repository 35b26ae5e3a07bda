#!/usr/bin/env python3
"""Predicted against measured memory: five random models of different families, each with a prompt of 2,048 and of
32,768 tokens through the whole engine (`bathy run`). Predicted is what `bathy info` says from the headers alone;
measured is the peak of the process's resident memory as the system counts it (VmHWM), mapped pages of the weights
included. Exit 1 where one is outside 5 percent.

usage: tests/bench/fit_memory.py BATHY [--contexts 2048,32768] [--models v3,qwen2] [--threads 2]
The models take up to 1 GB in $TMPDIR, one after the other, and are removed.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

LIMIT = 0.05
MB = 1e6

# Presets made wide where it costs memory (vocabulary) and narrow where it costs time (heads, layers), so that 32,768
# tokens take minutes on two cores.
WIDE = {"vocab_size": 129280, "max_position_embeddings": 65536, "eos_token_id": 1, "bos_token_id": 0}
MLA = {"hidden_size": 512, "num_hidden_layers": 2, "intermediate_size": 1024, "moe_intermediate_size": 256,
       "num_attention_heads": 2, "kv_lora_rank": 128, "q_lora_rank": 64, "n_routed_experts": 64}
DENSE = {"hidden_size": 512, "num_hidden_layers": 2, "intermediate_size": 1024, "num_attention_heads": 4, "head_dim": 64}
MODELS = {
    "v4": ("tiny-v4", {"hidden_size": 512, "num_hidden_layers": 4, "head_dim": 64, "q_lora_rank": 64,
                       "sliding_window": 128, "compress_ratios": [0, 4, 128, 4, 0], "index_n_heads": 2,
                       "index_topk": 128, "n_routed_experts": 32, "moe_intermediate_size": 256}),
    "v3": ("tiny-v3", MLA),
    "v3.2": ("tiny-v32", {**MLA, "index_n_heads": 2, "index_topk": 128}),
    "qwen2": ("tiny-qwen2", {**DENSE, "num_key_value_heads": 4}),
    "llama": ("tiny-llama", {**DENSE, "num_key_value_heads": 2}),
}


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return json.loads(done.stdout)


def make_model(bathy, preset, changes, folder):
    run(bathy, "synth", preset, folder / "shape", "--headers-only", "--json", "--quiet")
    path = folder / "shape" / "config.json"
    config = json.loads(path.read_text())
    config.update(WIDE)
    config.update(changes)
    path.write_text(json.dumps(config))
    run(bathy, "synth", folder / "shape", folder / "model", "--json", "--quiet")
    return folder / "model"


def measure(bathy, model, context, threads, folder):
    common = ["--threads", threads, "--json", "--quiet"]
    plan = run(bathy, "info", model, "--context", context, *common)["plan"]
    rng = random.Random(context)
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps([rng.randrange(2, WIDE["vocab_size"]) for _ in range(context - 2)]))
    result = run(bathy, "run", model, "--tokens-file", tokens, "-n", 2, "--context", context, "--temp", 0, *common)
    return plan, result["memory"]["actual"]["peak_resident_bytes"], result["timings"]["prefill"]["seconds"]


def by_group(plan):
    sums = {}
    for part in plan["parts"]:
        sums[part["group"]] = sums.get(part["group"], 0) + part["bytes"]
    return sums


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("bathy")
    arguments.add_argument("--contexts", default="2048,32768")
    arguments.add_argument("--models", default=",".join(MODELS))
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    bathy = pathlib.Path(options.bathy).resolve()
    print("| model | context | weights | KV | scratch | logits, program | predicted MB | measured MB | off | prompt s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    bad = 0
    for name in options.models.split(","):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            model = make_model(bathy, *MODELS[name], folder)
            for context in map(int, options.contexts.split(",")):
                plan, peak, seconds = measure(bathy, model, context, options.threads, folder)
                parts = by_group(plan)
                off = plan["total"] / peak - 1
                bad += abs(off) > LIMIT
                rest = parts["logits"] + parts["program"]
                numbers = [parts["weights"], parts.get("kv", 0), parts["scratch"], rest, plan["total"], peak]
                print(f"| {name} | {context:,} | " + " | ".join(f"{value / MB:.1f}" for value in numbers)
                      + f" | {off:+.1%} | {seconds:.0f} |", flush=True)
    print(f"{bad} outside {LIMIT:.0%}" if bad else f"all within {LIMIT:.0%}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
