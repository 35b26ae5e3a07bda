"""Addition and subtraction by columns, small products, comparisons."""
from . import render
from .lexicon import ANIMALS, FOODS, NAMES, THINGS


def number(rng, most=4):
    digits = rng.choice([1, 1, 2, 2, 2, 3, 3, 4][: 2 * most])
    return rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10**digits)


def add_steps(a, b):
    """Least significant column first; each line ends with the digit to write."""
    x, y, carry, steps, out = str(a)[::-1], str(b)[::-1], 0, [], ""
    for i in range(max(len(x), len(y))):
        p, q = x[i] if i < len(x) else "0", y[i] if i < len(y) else "0"
        s = int(p) + int(q) + carry
        steps.append(f"{p} + {q}" + (" + 1" if carry else "") + f" = {s}, write {s % 10}" + (", carry 1" if s > 9 else ""))
        carry, out = s // 10, str(s % 10) + out
    if carry:
        steps.append("write 1")
    return "\n".join(steps)


def subtract_steps(a, b):
    x, y, borrow, steps = str(a)[::-1], str(b)[::-1], 0, []
    for i in range(len(x)):
        p, q = int(x[i]), int(y[i]) if i < len(y) else 0
        s = p - q - borrow
        text = f"{p} - {q}" + (" - 1" if borrow else "")
        steps.append(f"{text} = {s}, write {s}" if s >= 0 else f"{text} = {s}, write {s + 10}, borrow 1")
        borrow = 1 if s < 0 else 0
    return "\n".join(steps)


def sum_question(rng, a, b):
    return rng.choice(["What is {} + {}?", "{} + {}", "{} + {} = ?", "{}+{}", "What is {} plus {}?", "Add {} and {}.", "Calculate {} + {}.",
                       "How much is {} + {}?", "Compute {} + {}.", "what is {}+{}?"]).format(a, b)


def difference_question(rng, a, b):
    return rng.choice(["What is {} - {}?", "{} - {}", "{} - {} = ?", "{}-{}", "What is {} minus {}?", "Calculate {} - {}.",
                       "How much is {} - {}?"]).format(a, b)


def story(rng):
    who, thing, a, b = rng.choice(NAMES), rng.choice(THINGS + FOODS + ANIMALS), rng.randrange(2, 60), rng.randrange(2, 40)
    things = "mice" if thing == "mouse" else thing if thing in ("fish", "sheep", "deer") else thing + "s"
    if thing.endswith("y"):
        things = thing[:-1] + "ies"
    elif thing.endswith(("x", "sh", "ch")) and thing != "fish":
        things = thing + "es"
    if rng.random() < 0.5:
        q = f"{who} has {a} {things} and gets {b} more. How many {things} does {who} have now?"
        return render.maybe_think(rng, q, f"{who} has {a + b} {things}.", f"{a} + {b}:\n{add_steps(a, b)}")
    a, b = max(a, b), min(a, b)
    q = f"{who} has {a} {things} and gives away {b}. How many {things} are left?"
    return render.maybe_think(rng, q, f"{a - b} {things} are left.", f"{a} - {b}:\n{subtract_steps(a, b)}")


def turn(rng):
    kind, a, b = rng.random(), number(rng), number(rng)
    if kind < 0.5:
        return render.maybe_think(rng, sum_question(rng, a, b), f"{a} + {b} = {a + b}", add_steps(a, b))
    if kind < 0.7:
        a, b = max(a, b), min(a, b)
        return render.maybe_think(rng, difference_question(rng, a, b), f"{a} - {b} = {a - b}", subtract_steps(a, b))
    if kind < 0.8:
        a, b = rng.randrange(11), rng.randrange(11)
        return rng.choice(["What is {} x {}?", "{} * {}", "{} times {}", "What is {} times {}?"]).format(a, b), f"{a} x {b} = {a * b}"
    if kind < 0.87:
        a, b = a, b if a != b else b + 1
        return rng.choice(["Which is larger, {} or {}?", "Which number is bigger: {} or {}?"]).format(a, b), f"{max(a, b)} is larger."
    return story(rng)


def make(rng):
    return render.conversation([turn(rng) for _ in range(rng.choice([1, 1, 2]))])
