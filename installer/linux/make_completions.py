#!/usr/bin/env python3
"""Makes the shell completions of `bathy` from what it says of itself: make_completions.py BATHY OUT

bash: a table in the script (command path -> options, commands, what an option takes) and one short function over it.
zsh and fish: the same table in their own words.
"""
import sys
from pathlib import Path

from help_tree import Command, Option, read_program

BASH = """\
# Completion of bathy for bash; made from `bathy --help`.
declare -gA _bathy_options _bathy_commands _bathy_values _bathy_positionals
{tables}

_bathy() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} path=bathy index list
    for ((index = 1; index < COMP_CWORD; index++)); do
        [[ " ${{_bathy_commands[$path]-}} " == *" ${{COMP_WORDS[index]}} "* ]] && path+=" ${{COMP_WORDS[index]}}"
    done
    list=${{_bathy_values["$path $before"]-${{_bathy_values["bathy $before"]-}}}}
    if [[ $before == -* && $list == file ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    elif [[ $before == -* && -n $list ]]; then
        [[ $list == any ]] || mapfile -t COMPREPLY < <(compgen -W "$list" -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "${{_bathy_options[$path]-}} ${{_bathy_options[bathy]}}" -- "$word")
    elif [[ -n ${{_bathy_commands[$path]-}} ]]; then
        mapfile -t COMPREPLY < <(compgen -W "${{_bathy_commands[$path]}}" -- "$word")
    elif [[ -n ${{_bathy_positionals[$path]-}} ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        [[ ${{_bathy_positionals[$path]}} == *MODEL* && bundled == "$word"* ]] && COMPREPLY+=(bundled)
    fi
    return 0
}}
complete -F _bathy bathy
"""


def value_words(option: Option) -> str:
    """The words an option can be followed by; "file" for paths and free text, "any" for numbers; empty for a flag."""
    if not option.takes:
        return ""
    return " ".join(option.choices) or ("file" if option.takes == "TEXT" else "any")


def bash_table(name: str, rows: dict[str, str]) -> str:
    lines = "\n".join(f'    ["{key}"]="{value}"' for key, value in rows.items() if value)
    return f"_bathy_{name}=(\n{lines}\n)"


def bash(tree: Command) -> str:
    options, commands, values, positionals = {}, {}, {}, {}
    for command in tree.all():
        path = " ".join(command.path)
        options[path] = " ".join(name for option in command.options for name in option.names)
        commands[path] = " ".join(below.path[-1] for below in command.commands)
        positionals[path] = " ".join(option.names[0] for option in command.positionals)
        for option in command.options:
            values.update({f"{path} {name}": value_words(option) for name in option.names})
    tables = [bash_table(name, rows) for name, rows in
              (("options", options), ("commands", commands), ("values", values), ("positionals", positionals))]
    return BASH.format(tables="\n".join(tables))


def zsh_text(text: str) -> str:
    for character in "\\'[]:":
        text = text.replace(character, "'\\''" if character == "'" else "\\" + character)
    return text


def zsh_option(option: Option) -> str:
    words = value_words(option)
    action = {"": "", "file": ":file:_files", "any": ":number: "}.get(words, f":value:({words})")
    names = option.names[0] if len(option.names) == 1 else "{" + ",".join(option.names) + "}"
    quoted = f"'[{zsh_text(option.description)}]{action}'"
    return ("'*'" if option.repeats else "") + names + quoted


def zsh_function(command: Command, tree: Command) -> str:
    name = "_" + "_".join(command.path)
    specs = [zsh_option(option) for option in command.options + ([] if command is tree else tree.options)]
    if command.commands:
        specs += ["'1:command:->command'", "'*::argument:->argument'"]
    specs += [f"'{index}:{option.names[0].lower()}:" + ("{ compadd bundled; _files }'" if option.names[0] == "MODEL" else "_files'")
              for index, option in enumerate(command.positionals, 1)]
    body = " \\\n        ".join(["_arguments -C", *specs])
    if not command.commands:
        return f"{name}() {{\n    {body}\n}}\n"
    listed = "\n".join(f"        '{below.path[-1]}:{zsh_text(below.description)}'" for below in command.commands)
    return (f"{name}() {{\n    local state\n    local -a commands=(\n{listed}\n    )\n    {body}\n"
            f"    case $state in\n        command) _describe command commands ;;\n"
            f"        argument) _call_function ret {name}_$words[1] ;;\n    esac\n}}\n")


def zsh(tree: Command) -> str:
    functions = "\n".join(zsh_function(command, tree) for command in tree.all())
    return f"#compdef bathy\n# Completion of bathy for zsh; made from `bathy --help`.\n\n{functions}\n_bathy \"$@\"\n"


def fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_seen(command: Command) -> str:
    """The condition under which a command's own words are offered."""
    return fish_quote("; and ".join(f"__fish_seen_subcommand_from {name}" for name in command.path[1:]))


def fish_option(option: Option, condition: str) -> str:
    line = "complete -c bathy" + (f" -n {condition}" if condition else "")
    for name in option.names:
        line += f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}"
    words = value_words(option)
    line += {"": "", "file": " -r -F", "any": " -x"}.get(words, f" -x -a {fish_quote(words)}")
    return f"{line} -d {fish_quote(option.description)}"


def fish(tree: Command) -> str:
    lines = ["# Completion of bathy for fish; made from `bathy --help`.",
             "complete -c bathy -n __fish_use_subcommand -f"]
    for command in tree.all():
        seen = "" if command is tree else fish_seen(command)
        lines += [fish_option(option, seen) for option in command.options]
        for below in command.commands:
            others = " ".join(other.path[-1] for other in command.commands)
            condition = "__fish_use_subcommand" if command is tree else \
                fish_quote(fish_seen(command).strip("'") + f"; and not __fish_seen_subcommand_from {others}")
            lines.append(f"complete -c bathy -n {condition} -f -a {below.path[-1]} -d {fish_quote(below.description)}")
        if any(option.names[0] == "MODEL" for option in command.positionals):
            lines.append(f"complete -c bathy -n {seen} -a bundled -d {fish_quote('The checkpoint that is installed')}")
    return "\n".join(lines) + "\n"


def main() -> None:
    tree, out = read_program(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for name, made in (("bathy", bash), ("_bathy", zsh), ("bathy.fish", fish)):
        (out / name).write_text(made(tree))


if __name__ == "__main__":
    main()
