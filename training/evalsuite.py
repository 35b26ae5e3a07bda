#!/usr/bin/env python3
"""Measures a trained state, or the exported files, on held-out text and on fresh generated questions.

usage: evalsuite.py (--run runs/nano | --checkpoint ../resources/checkpoints/nano) [--documents 40] [--out eval.json]

Skills: share of answers of which every token is the model's first choice given the ones before it, which is the same as greedy
decoding giving exactly the expected answer. Text: bits per byte. `--ask` prints greedy answers to a few first questions instead.
"""
import argparse
import json
import math
import pathlib
import random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import quant
from export import read_model
from gen import arithmetic, chat, lists, lookup, render, retrieval, stories, structured, units
from gen.world import World
from v4 import SIZES, V4, Config, Run

FILLER = ["The rain had stopped and the road was dry again.", "Nobody in the house had heard the door.",
          "She put the letter back where she had found it.", "It was late when they reached the inn.",
          "The old clock in the hall struck nine.", "He said nothing more until the morning."]
WORDS = """table window garden letter morning river station picture corner bottle summer winter silver market village island
forest bridge dinner kitchen mountain pocket ribbon shadow thunder whisper needle barrel copper velvet harvest meadow lantern chimney cellar
orchard saddle timber valley pepper marble engine anchor blossom feather hammer pillow ticket""".split()
SKILLS = {"arithmetic": arithmetic.make, "lists": lists.make, "structured": structured.make, "units": units.make, "lookup": lookup.make,
          "retrieval": retrieval.make, "chat, first token right": chat.make}
QUESTIONS = ["Hello", "Who are you?", "What can you do?", "What is 27 + 48?", "Sort these numbers: 9, 2, 14, 5", "Tell me a story about a fox.",
             "What is the capital of France?", "Explain photosynthesis.", "Convert 3 km to m.", "Repair this JSON: {\"name\": \"Anna\", \"age\": 9,}",
             "Ben lives in Oslo. Emma has a red cat.\nWhich animal does Emma have?"]


def load(args):
    if args.checkpoint:
        model = read_model(args.checkpoint)
    else:
        state = torch.load(args.run / "state.pt", weights_only=False, map_location="cpu")
        model = V4(Config(**SIZES[state["size"]]))
        model.load_state_dict(state["model"])
        quant.train_rounded(model, not args.unrounded)
    model.eval()
    model.set_sparse(True)
    return model


@torch.no_grad()
def logits(model, ids):
    run = Run(model.c, (1, len(ids)))
    return model.logits(model(torch.tensor(ids)[None], run))


def answered(model, tokenizer, pieces):
    """(answers given exactly, answers) over the learned pieces of one document."""
    ids, spans = [], []
    for text, learned in pieces:
        more = tokenizer.encode(text).ids
        if learned:
            spans.append((len(ids), len(ids) + len(more)))
        ids += more
    first = logits(model, ids).argmax(-1)
    target = torch.tensor(ids)
    return [bool((first[a - 1 : b - 1] == target[a:b]).all()) for a, b in spans], [bool(first[a - 1] == target[a]) for a, b in spans]


def skills(model, tokenizer, documents):
    out = {}
    for name, make in SKILLS.items():
        w, exact = World(f"evaluation/{name}", True, FILLER, WORDS), []
        for _ in range(documents):
            whole, opening = answered(model, tokenizer, make(w))
            exact += opening if "first token" in name else whole
        out[name] = {"share": round(sum(exact) / len(exact), 3), "answers": len(exact)}
    return out


def bits_per_byte(model, tokenizer, texts, length=512, most=12):
    bits = size = 0.0
    for text in texts:
        ids = tokenizer.encode(text).ids
        for at in range(0, min(len(ids) - 64, length * most // max(1, len(texts))), length):
            part = [0] + ids[at : at + length]
            loss = F.cross_entropy(logits(model, part)[:-1], torch.tensor(part[1:]), reduction="sum")
            bits += loss.item() / math.log(2)
            size += len(tokenizer.decode(part[1:]).encode())
    return round(bits / size, 3)


@torch.no_grad()
def answer(model, tokenizer, question, limit=120):
    """Greedy, without a cache: only for looking at a few answers."""
    text = render.BOS + render.USER + question + render.ASSISTANT + render.END_THINK
    ids = tokenizer.encode(text).ids
    start = len(ids)
    while len(ids) - start < limit:
        following = logits(model, ids)[-1].argmax().item()
        if following == 1:
            break
        ids.append(following)
    return tokenizer.decode(ids[start:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=pathlib.Path, default="runs/nano")
    parser.add_argument("--checkpoint", type=pathlib.Path)
    parser.add_argument("--tokenizer", default="data/tokenizer.json")
    parser.add_argument("--heldout", type=pathlib.Path, default="data/heldout.json")
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--unrounded", action="store_true", help="a run's weights as they are, not as they will be stored")
    parser.add_argument("--ask", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load(args), Tokenizer.from_file(args.tokenizer)
    if args.ask:
        for q in QUESTIONS:
            print(f"> {q}\n{answer(model, tokenizer, q)}\n", flush=True)
        return
    held = json.loads(args.heldout.read_text())
    result = {"skills": skills(model, tokenizer, args.documents),
              "bits_per_byte": {name: bits_per_byte(model, tokenizer, texts) for name, texts in held.items()}}
    rng = random.Random("evaluation/story")
    result["bits_per_byte"]["own stories"] = bits_per_byte(model, tokenizer, [stories.tell(rng) for _ in range(8)])
    print(json.dumps(result, indent=1))
    if args.out:
        args.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
