"""Addition, subtraction and multiplication by columns with a running state, and simple problems in words.

Working of 347 + 58: every line is a step or the state after it (digits left of both numbers, carry, result so far).

347+058:0
7+8+0=5,1
34+05:1 5
4+5+1=0,1
3+0:1 05
3+0+1=4,0
:0 405
"""
from . import render
from .lexicon import ANIMALS, FOODS, NAMES, THINGS
from .phrases import ASK, MARK, PLEASE


def columns(a, b, sign):
    width = max(len(str(a)), len(str(b)))
    x, y = str(a).zfill(width), str(b).zfill(width)
    carry, result, lines = 0, "", []
    for i in range(width, 0, -1):
        lines.append(f"{x[:i]}{sign}{y[:i]}:{carry}" + (f" {result}" if result else ""))
        p, q = int(x[i - 1]), int(y[i - 1])
        s = p + q + carry if sign == "+" else p - q - carry
        lines.append(f"{p}{sign}{q}{sign}{carry}={s % 10},{int(s > 9 or s < 0)}")
        carry, result = int(s > 9 or s < 0), str(s % 10) + result
    return "\n".join([*lines, f":{carry} {result}"])


def times(a, d):
    """Several digits times one."""
    x, carry, result, lines = str(a), 0, "", []
    for i in range(len(x), 0, -1):
        lines.append(f"{x[:i]}*{d}:{carry}" + (f" {result}" if result else ""))
        s = int(x[i - 1]) * d + carry
        lines.append(f"{x[i - 1]}*{d}+{carry}={s % 10},{s // 10}")
        carry, result = s // 10, str(s % 10) + result
    return "\n".join([*lines, f":{carry} {result}"])


SUM = ["what is {} + {}", "{} + {}", "{}+{}", "{} + {} =", "what is {} plus {}", "how much is {} + {}", "what do {} and {} make",
       "what is the sum of {} and {}", "{} plus {}", "what does {} + {} give"]
ADD = ["add {} and {}", "calculate {} + {}", "compute {} + {}", "add {} to {}", "work out {} + {}", "find the sum of {} and {}"]
LESS = ["what is {} - {}", "{} - {}", "{}-{}", "{} - {} =", "what is {} minus {}", "how much is {} - {}", "{} minus {}",
        "what is left of {} without {}", "what does {} - {} give", "what is the difference of {} and {}"]
TIMES = ["what is {} * {}", "{} * {}", "{} x {}", "what is {} times {}", "how much is {} * {}", "{} times {}", "what does {} x {} give",
         "{} * {} =", "what is the product of {} and {}", "what is {} multiplied by {}"]
LARGER = ["which is larger, {} or {}", "which number is bigger: {} or {}", "is {} or {} larger", "what is more, {} or {}",
          "which one is greater, {} or {}", "larger number: {} or {}", "the bigger of {} and {}"]
GAINS = ["{who} has {a} {things} and gets {b} more. How many {things} does {who} have now", "{who} had {a} {things}. Then {who} found {b} more. How many now",
         "there are {a} {things} in the box, and {who} adds {b}. How many {things} are there", "{who} buys {a} {things} today and {b} tomorrow. How many {things} is that"]
LOSSES = ["{who} has {a} {things} and gives away {b}. How many {things} are left", "{who} had {a} {things} but lost {b}. How many are left",
          "of {a} {things}, {who} takes {b}. How many {things} remain", "{who} makes {a} {things} and sells {b}. How many {things} are left"]


def plural(noun):
    if noun in ("fish", "sheep", "deer"):
        return noun
    if noun == "mouse":
        return "mice"
    if noun == "wolf":
        return "wolves"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("x", "sh", "ch", "s")) else "s")


def words(w):
    who, thing, (a, b) = w.copied(NAMES), w.pick(w.rng.choice([THINGS, ANIMALS])), w.numbers(2, 60)
    more = w.rng.random() < 0.5
    a, b = (a, b) if more else (max(a, b), min(a, b))
    q = w.form(ASK, GAINS if more else LOSSES, MARK).format(who=who, things=plural(thing), a=a, b=b)
    return q, f"{a + b if more else a - b} {plural(thing)}", columns(a, b, "+" if more else "-")


def turn(w):
    kind = w.rng.random()
    if kind < 0.45:
        a, b = w.digits(1, 6 if w.rng.random() < 0.6 else 3)
        q = w.form(ASK, SUM, MARK) if w.rng.random() < 0.7 else w.form(PLEASE, ADD, [".", "", "!"])
        return q.format(a, b), str(a + b), columns(a, b, "+")
    if kind < 0.65:
        a, b = w.digits(1, 4)
        a, b = max(a, b), min(a, b)
        return w.form(ASK, LESS, MARK).format(a, b), str(a - b), columns(a, b, "-")
    if kind < 0.8:
        a, d = w.digits(1, 3)[0], w.rng.randrange(2, 10)
        return w.form(ASK, TIMES, MARK).format(a, d), str(a * d), times(a, d)
    if kind < 0.87:
        a, b = w.digits(1, 4)
        return w.form(ASK, LARGER, MARK).format(a, b if a != b else b + 1), str(max(a, b if a != b else b + 1)), None
    return words(w)


def make(w):
    q, answer, working = turn(w)
    return render.conversation([render.worked(w, q, answer, working)])
