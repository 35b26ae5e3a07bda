#!/usr/bin/env python3
"""Makes the manual pages: make_man.py BATHY TEMPLATES OUT

bathy.1.in says what holds for all commands; what each command takes comes from the program itself.
"""
import sys
from pathlib import Path

from help_tree import Command, Option, read_program, version


def escaped(text: str) -> str:
    """Text that groff prints as it stands, also at the start of a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def limits_of(option: Option) -> str:
    said = []
    if option.choices:
        said.append("One of " + ", ".join(option.choices) + ".")
    elif " in [" in option.limits:
        said.append("From " + option.limits.split("[")[1].rstrip("]").replace(" - ", " to ") + ".")
    if option.default:
        said.append("Default: " + option.default.strip("[]").replace(",", ", ") + ".")
    if option.repeats:
        said.append("Takes more than one.")
    if option.required and option.names[0].startswith("-"):
        said.append("Must be given.")
    return " ".join(said)


def option_lines(option: Option) -> list[str]:
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in option.names)
    takes = f" \\fI{option.takes}\\fR" if option.takes and option.names[0].startswith("-") else ""
    end = "" if option.description.endswith((".", ")")) else "."
    return [".TP", names + takes, escaped(option.description + end), *([escaped(limits_of(option))] if limits_of(option) else [])]


def command_lines(command: Command) -> list[str]:
    shown = [option for option in command.options if "--help" not in option.names]
    end = "" if command.description.endswith(".") else "."
    lines = [".SS " + escaped(" ".join(command.path)), escaped(command.description + end),
             ".PP", f"\\fB{escaped(command.usage.replace('(1x)', ''))}\\fR"]
    for option in command.positionals + shown:
        lines += option_lines(option)
    return lines


def main() -> None:
    program, templates, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    tree = read_program(program)
    general = [line for option in tree.options for line in option_lines(option)]
    commands = [line for command in tree.all() if command is not tree for line in command_lines(command)]
    words = {"@VERSION@": version(program), "@GENERAL@": "\n".join(general), "@COMMANDS@": "\n".join(commands)}
    for page in ("bathy.1", "bathyscope.1"):
        text = (templates / f"{page}.in").read_text()
        for word, value in words.items():
            text = text.replace(word, value)
        (out / page).write_text(text)


if __name__ == "__main__":
    main()
