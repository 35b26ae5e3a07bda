"""Unit conversion with whole factors, prices, weekdays and clock times."""
from . import render
from .arithmetic import columns, times
from .lexicon import DAYS, THINGS
from .phrases import ASK, MARK, PLEASE

UNITS = [("km", "m", 1000), ("m", "cm", 100), ("kg", "g", 1000), ("hours", "minutes", 60), ("minutes", "seconds", 60), ("days", "hours", 24),
         ("weeks", "days", 7), ("cm", "mm", 10), ("feet", "inches", 12), ("litres", "ml", 1000), ("dozens", "pieces", 12), ("years", "months", 12)]
CONVERT = ["how many {1} are {2} {0}", "{2} {0} in {1}", "what is {2} {0} in {1}", "how many {1} are in {2} {0}", "how much is {2} {0} in {1}",
           "{2} {0} are how many {1}", "what are {2} {0} in {1}"]
ORDER = ["convert {2} {0} to {1}", "change {2} {0} into {1}", "express {2} {0} in {1}", "turn {2} {0} into {1}"]
PRICE = ["a {x} costs {a} euros and a {y} costs {b} euros. What do they cost together", "what do a {x} for {a} euros and a {y} for {b} euros cost together",
         "I buy a {x} for {a} euros and a {y} for {b} euros. How much do I pay"]
DAY = ["today is {d}. Which day is it in {n} days", "which day is {n} days after {d}", "what day comes {n} days after {d}", "{n} days after {d} is which day"]
BEFORE = ["which day is {n} days before {d}", "today is {d}. Which day was it {n} days ago", "what day was {n} days before {d}"]


def product(n, factor):
    """Working of n times a unit's factor: noughts are appended, the rest is multiplied by columns."""
    noughts = len(str(factor)) - len(str(factor).rstrip("0"))
    core = factor // 10**noughts
    if core == 1:
        return f"{n} and {'0' * noughts}"
    if core < 10:
        return f"{times(n, core)} and {'0' * noughts}" if noughts else times(n, core)
    return f"{times(n, core % 10)}\n{times(n, core // 10)}0\n{columns(n * (core % 10), n * (core // 10) * 10, '+')}"


def turn(w):
    kind = w.rng.random()
    if kind < 0.6:
        big, small, factor = w.rng.choice(UNITS)
        n = w.numbers(1, 20 if factor == 24 else 60 if factor in (12, 7, 60) else 200)[0]
        q = w.form(ASK, CONVERT, MARK) if w.rng.random() < 0.7 else w.form(PLEASE, ORDER, [".", "", "!"])
        return q.format(big, small, n), f"{n * factor} {small}", f"1 = {factor}\n{product(n, factor)}"
    if kind < 0.75:
        (a, b), (x, y) = w.numbers(2, 99), w.some(THINGS, 2)
        return w.form(ASK, PRICE, MARK).format(a=a, b=b, x=x, y=y), f"{a + b} euros", columns(a, b, "+")
    day, n = w.rng.randrange(7), w.rng.randrange(1, 7)
    if kind < 0.9:
        steps = [DAYS[(day + i) % 7] for i in range(n + 1)]
        q = w.form(ASK, DAY, MARK)
    else:
        steps = [DAYS[(day - i) % 7] for i in range(n + 1)]
        q = w.form(ASK, BEFORE, MARK)
    return q.format(d=DAYS[day], n=n), steps[-1], "\n".join(f"{i} {d}" for i, d in enumerate(steps))


def make(w):
    return render.conversation([render.worked(w, *turn(w))])
