#!/usr/bin/env python3
"""Draws the curves of a training run as SVG pictures: loss, load balance, the indexer's KL, recall.

usage: curves.py --train ../resources/checkpoints/nano/train.json --out ../docs/images

train.json holds the run's own log (curve_columns and curve; a column that it lacks is left out); every picture shows one column over the tokens seen, in millions.
"""
import argparse
import json
import pathlib

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 56, 16, 34, 40
PICTURES = [  # file, title, columns, lowest value of the axis or None
    ("training-loss", "Loss in nats per counted token (sampled mixture)", ["loss", "mtp_loss"], 0),
    ("training-load", "Largest expert load over the mean, learned layers", ["largest_load_over_mean"], 1),
    ("training-indexer", "Indexer: KL from the attention that the layer pays", ["index_loss"], 0),
    ("training-recall", "Recall: share of right tokens at the level of its day", ["recall_accuracy"], 0),
]
COLOURS = ["#2f6fb5", "#c0562b"]


def nice_steps(low, high, count=5):
    """Round numbers from low to high."""
    raw = max(high - low, 1e-9) / count
    for unit in (m * 10.0**e for e in range(-5, 7) for m in (1, 2, 5)):
        if unit >= raw:
            break
    first = int(low / unit)
    return [round(i * unit, 10) for i in range(first, int(high / unit + 1e-9) + 2) if low - 1e-9 <= i * unit <= high + unit * 0.51]


def picture(title, series, low):
    """series: name -> [(millions of tokens, value)]."""
    points = [p for line in series.values() for p in line]
    right = max(x for x, _ in points)
    bottom = min(y for _, y in points) if low is None else low
    marks = nice_steps(bottom, max(y for _, y in points))
    top = max(marks[-1], max(y for _, y in points))
    at_x = lambda x: LEFT + (WIDTH - LEFT - RIGHT) * x / right
    at_y = lambda y: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - bottom) / (top - bottom)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', f'<text x="{LEFT}" y="20" font-size="14" fill="#222">{title}</text>']
    for y in marks:
        out.append(f'<path d="M{LEFT} {at_y(y):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{at_y(y) + 4:.1f}" text-anchor="end" fill="#555">{y:g}</text>')
    for x in nice_steps(0, right, 8):
        if x <= right:
            out.append(f'<text x="{at_x(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle" fill="#555">{x:g}</text>')
    out.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end" fill="#555">million tokens</text>')
    for i, (name, line) in enumerate(series.items()):
        path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in line)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i]}" stroke-width="1.6"/>')
        if len(series) > 1:
            out.append(f'<text x="{WIDTH - RIGHT - 90 * (len(series) - 1 - i)}" y="20" text-anchor="end" fill="{COLOURS[i]}">{name}</text>')
    return "\n".join([*out, "</svg>\n"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    log = json.loads(args.train.read_text())
    column = {name: i for i, name in enumerate(log["curve_columns"])}
    for file, title, names, low in PICTURES:
        names = [n for n in names if n in column]
        if not names:
            continue
        series = {n: [(row[column["tokens"]] / 1e6, row[column[n]]) for row in log["curve"]] for n in names}
        (args.out / f"{file}.svg").write_text(picture(title, series, low))


if __name__ == "__main__":
    main()
