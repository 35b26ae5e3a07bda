#!/usr/bin/env python3
"""Measures the checkpoint that ships against what it must reach, and writes the table of docs/measurements/bundled-checkpoint.md.

usage: bundled_gate.py [--bathy build/release/bin/bathy] [--work FOLDER] [--out FILE.md] [--parts basics,passkey,...] [--bf16 FOLDER]

Everything is measured by the program itself on the stored (quantised) file. --bf16 is the same training state stored in BF16
(training/export.py --bf16), for the cost of quantisation. --work keeps the answers; a run that was cut off goes on there. Exit status 1 when a
measured figure misses its must; what was not measured is said in the table.
"""
import argparse
import datetime
import json
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PARTS = ["text", "basics", "passkey", "multikey", "mtp", "load", "routing", "twin", "speed"]


class Gate:
    def __init__(self, args):
        self.args, self.rows, self.commands = args, [], []

    def bathy(self, *words):
        words = [str(w) for w in words]
        self.commands.append("bathy " + " ".join(w.replace(str(ROOT) + "/", "").replace(str(self.args.work), "WORK").replace(str(self.args.bf16), "BF16") for w in words))
        done = subprocess.run([self.args.bathy, *words, "--json", "--quiet"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bathy {' '.join(words)}: exit {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout)

    def row(self, measure, must, measured, holds):
        """holds: True, False, or None where nothing is asked for."""
        self.rows.append((measure, must, measured, {True: "yes", False: "**no**", None: ""}[holds]))
        print(f"{measure:44} must {must:12} measured {measured:34} {'' if holds is None else 'ok' if holds else 'MISSED'}", flush=True)

    def share(self, measure, must, scores):
        items, right = sum(s["items"] for s in scores), sum(s["right"] for s in scores)
        low, high = scores[0]["interval95"] if len(scores) == 1 else (None, None)
        between = f" ({100 * low:.0f} to {100 * high:.0f})" if low is not None else ""
        share = 100 * right / max(1, items)
        self.row(measure, f"{must} %" if must else "report", f"{share:.1f} %{between}, {right} of {items}", share >= must if must else None)

    def text(self):
        data = ROOT / "resources" / "eval" / self.args.data
        for name, must in (("books", 2.1), ("textbooks", 2.2), ("stories", None)):
            words = ["perplexity", self.args.model, "--file", data / f"{name}.txt"]
            result = self.bathy(*words)
            bits = result["bits_per_byte"]
            self.row(f"held-out {name}, bits per byte", f"<= {must}" if must else "report", f"{bits:.3f} over {result['bytes']:,} bytes",
                     bits <= must if must else None)
            if self.args.bf16:
                result = self.bathy("perplexity", self.args.model, "--file", data / f"{name}.txt", "--reference", self.args.bf16)
                plain = self.bathy("perplexity", self.args.bf16, "--file", data / f"{name}.txt")["bits_per_byte"]
                self.row(f"{name}: quantised minus BF16, bits per byte", "<= 0.03",
                         f"{bits - plain:+.4f}; KL {result['kl']['mean']:.4f} nats, same choice {100 * result['top1']:.1f} %",
                         bits - plain <= 0.03)
        if not self.args.bf16:
            self.row("quantised minus BF16, bits per byte", "<= 0.03", "not measured", None)

    def exam(self, name, *words):
        out = self.args.work / name
        resume = ["--resume"] if (out / "items.jsonl").exists() else []
        result = self.bathy("eval", self.args.model, *words, "--out", out, *resume)
        return {skill["skill"]: skill for skill in result["skills"]}

    def basics(self):
        skills = self.exam("basics", "--suite", "basics")
        gates = [("addition, 1 to 6 digits, thinking", 95, ["addition"]), ("product with one digit, thinking", 60, ["product"]),
                 ("units and dates", 80, ["units and dates"]), ("sorting and counting", 80, ["sorting", "lists"]), ("JSON, exact value", 85, ["json"]),
                 ("open book", 90, ["open book"])]
        for measure, must, names in gates:
            self.share(measure, must, [skills[n] for n in names])
        for name in sorted(set(skills) - {n for _, _, names in gates for n in names}):
            self.share(name, 0, [skills[name]])

    def passkey(self):
        musts = {4096: 95, 16384: 80, 65536: 0, 262144: 0, 1048576: 0}
        lengths = [n for n in musts if n <= self.args.longest]
        for n in lengths:
            trials = self.args.trials if n <= 16384 else min(self.args.trials, 10)
            skills = self.exam(f"passkey-{n}", "--suite", "passkey", "--lengths", n, "--trials", trials)
            self.share(f"pass-key in {n:,} tokens, ten depths", musts[n], list(skills.values()))

    def multikey(self):
        skills = self.exam("multikey", "--suite", "passkey", "--lengths", 8192, "--trials", self.args.trials, "--decoys", 8)
        self.share("multi-key (8 decoys) in 8,192 tokens", 60, list(skills.values()))

    def mtp(self):
        result = self.bathy("eval", self.args.model, "--suite", "mtp")
        for name, must in (("skills", 55), ("prose", 30)):
            share = 100 * result[name]["acceptance"]
            self.row(f"first draft accepted, {name}, greedy", f">= {must} %", f"{share:.1f} % of {result[name]['drafted']:,}", share >= must)

    def load(self):
        result = self.bathy("eval", self.args.model, "--suite", "load")
        layers = ", ".join(f"{layer['max_over_mean']:.2f}" for layer in result["layers"])
        self.row("expert load, largest over mean, per layer", "<= 2.5", f"{layers} over {result['items']:,} tokens", result["score"] <= 2.5)
        self.row("experts never used", "0", str(result["dead"]), result["dead"] == 0)

    def routing(self):
        proofs = self.bathy("eval", self.args.model, "--suite", "routing", "--skill", "arithmetic", "--text", "books")["proofs"]
        guess, knock = proofs["guess"], proofs["knock_out"]
        self.row("domain guessed from experts", ">= 90 %", f"{100 * guess['from_sample']:.1f} % of 256 tokens, {100 * guess['from_glance']:.1f} % of 16 "
                 f"(chance {100 * guess['chance']:.0f} %)", guess["holds"])
        ratios = ", ".join(f"{layer['ratio']:.1f}" for layer in proofs["distance"]["layers"])
        self.row("distance between over within domains, per layer", ">= 5", ratios, proofs["distance"]["holds"])
        state = lambda a: f"{100 * a['skill']['score']:.0f} %, {a['bits_per_byte']:.3f}"
        self.row(f"knock-out: {knock['skill']}, {knock['text']} (bits per byte)", "see 3.8",
                 f"whole {state(knock['whole'])}; without {knock['skill']} {state(knock['without_skill_experts'])}; without {knock['text']} "
                 f"{state(knock['without_text_experts'])}", knock["holds"])

    def twin(self):
        """A model of the same shapes with random weights must fail all three proofs."""
        twin = self.args.work / "twin"
        if not (twin / "config.json").exists():
            self.bathy("synth", self.bathy("info", self.args.model)["path"], twin)
        proofs = self.bathy("eval", twin, "--suite", "routing", "--data", ROOT / "resources" / "eval" / self.args.data, "--skill", "arithmetic",
                            "--text", "books")["proofs"]
        guess, held = proofs["guess"], [name for name, proof in proofs.items() if proof["holds"]]
        ratios = ", ".join(f"{layer['ratio']:.1f}" for layer in proofs["distance"]["layers"])
        self.row("random twin fails guess, distance, knock-out", "all three", f"guess {100 * guess['from_sample']:.1f} % of 256 tokens, "
                 f"{100 * guess['from_glance']:.1f} % of 16; ratios {ratios}; holds: {', '.join(held) or 'none'}", not held)

    def speed(self):
        runs = [self.bathy("run", self.args.model, "-p", "Tell me a story.", "--temp", "0", "-n", 200)["timings"] for _ in range(5)]
        middle = lambda values: sorted(values)[len(values) // 2]
        opened, first = middle([r["load"]["seconds"] for r in runs]), middle([r["first_token_seconds"] for r in runs])
        rate = middle([r["decode"]["tokens_per_second"] for r in runs])
        self.row("opens, median of five", "<= 0.5 s", f"{opened:.3f} s", opened <= 0.5)
        self.row("first token, median of five", "<= 0.3 s", f"{first:.3f} s", first <= 0.3)
        self.row("decodes, median of five", "> 60 /s", f"{rate:.0f} tokens/s", rate > 60)

    def write(self, path):
        info = self.bathy("info", self.args.model)
        cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
        lines = ["# The bundled checkpoint against its gate", "",
                 f"Written by `tests/bench/bundled_gate.py` on {datetime.date.today()}: {info['name']}, fingerprint `{info['fingerprint']}`, "
                 f"{info['parameters']['total'] / 1e6:.1f} M parameters ({info['parameters']['active'] / 1e6:.1f} M active), on {cpu}. Greedy, production precision, the stored file. In "
                 "brackets: 95 % interval (Wilson).", "", "| measure | must | measured | reached |", "|---|---|---|---|"]
        lines += [f"| {a} | {b} | {c} | {d} |" for a, b, c, d in self.rows]
        lines += ["", "wikitext-2 is not measured: its text is not ours to ship.", "", "## Commands", "", "```"] + list(dict.fromkeys(self.commands)) + ["```", ""]
        notes = path.parent / (path.stem + "-notes.md")
        if notes.exists():
            lines += [notes.read_text()]
        path.write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bathy", default=str(ROOT / "build/release/bin/bathy"))
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--data", default="nano", help="folder of resources/eval")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "gate")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--longest", type=int, default=65536)
    parser.add_argument("--bf16")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    gate = Gate(args)
    for part in args.parts.split(","):
        if part not in PARTS:
            parser.error(f"{part} is none of {', '.join(PARTS)}")
        getattr(gate, part)()
    if args.out:
        gate.write(args.out)
    return 1 if any(row[3] == "**no**" for row in gate.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
