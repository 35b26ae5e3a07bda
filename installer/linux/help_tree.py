"""What `bathy --help` says, as data: the commands, their options and what each takes.

The manual page and the shell completions are made from it. A line that cannot be read ends the build: a page that leaves
an option out is worse than no page.
"""
import re
import subprocess
from dataclasses import dataclass, field

DESCRIPTION_COLUMN = 30  # where the program starts a description that fits beside its option
NAMES = re.compile(r"^(-[-\w]+(?:,-[-\w]+)*|[A-Z]+)(?:\s+(.*))?$")
TAKES = re.compile(r"^(?P<takes>[A-Z]+)?(?::(?P<limits>\{[^}]*\}|[^=\[]*(?:\[[^\]]*\])?))?(?:=(?P<default>\S+))?"
                   r"(?: ?(?P<required>REQUIRED)| ?(?P<repeats>\.\.\.)){0,2}$")
RELATION = re.compile(r"\s*\b(?:Excludes|Needs):((?: -[-\w]+)+)")


@dataclass
class Option:
    names: list[str]  # ["-p", "--prompt"], or ["MODEL"] for a positional
    takes: str = ""  # TEXT, INT …; empty for a flag
    limits: str = ""  # "0 - 1024", "FILE.json|.csv|.md"
    choices: list[str] = field(default_factory=list)
    default: str = ""
    required: bool = False
    repeats: bool = False
    description: str = ""


@dataclass
class Command:
    path: list[str]  # ["bathy", "capture", "info"]
    description: str = ""
    usage: str = ""
    positionals: list[Option] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    commands: list["Command"] = field(default_factory=list)

    def all(self):
        yield self
        for command in self.commands:
            yield from command.all()


def parse_option(spec: str) -> Option:
    """"-n,--tokens INT:INT in [1 - 9]=5 ... Needs: --prompt" and the like."""
    found = NAMES.match(RELATION.sub("", spec).strip())
    taken = TAKES.match(found.group(2) or "") if found else None
    if not taken:
        raise ValueError(f"cannot read the option {spec!r}")
    option = Option(found.group(1).split(","), taken["takes"] or "", default=taken["default"] or "",
                    required=bool(taken["required"]), repeats=bool(taken["repeats"]))
    limits = taken["limits"] or ""
    if limits.startswith("{"):
        option.choices = limits.strip("{}").split(",")
    else:
        option.limits = limits
    return option


def split_entry(line: str, indent: int) -> tuple[str, str]:
    column = DESCRIPTION_COLUMN + indent - 2
    spec = line[:column]
    whole = all(spec.count(opening) == spec.count(closing) for opening, closing in ("[]", "{}"))
    if len(line) > column and spec.endswith(" ") and line[column] != " " and whole:
        return line[:column].strip(), line[column:].strip()
    return line.strip(), ""


def entries(lines: list[str], indent: int):
    """(spec, description) of each entry of a section; descriptions may stand on the lines below."""
    spec, description = "", []
    for line in lines:
        own = len(line) - len(line.lstrip())
        if own == indent:
            if spec:
                yield spec, " ".join(description)
            spec, first = split_entry(line, indent)
            description = [first] if first else []
        elif spec and own > indent:
            description.append(line.strip())
    if spec:
        yield spec, " ".join(description)


def parse_help(text: str, path: list[str]) -> tuple[Command, list[str]]:
    """The command and the names of those below it."""
    command, names = Command(path), []
    sections: dict[str, list[tuple[int, list[str]]]] = {}
    current = None
    for line in text.splitlines():
        heading = re.match(r"^( *)(Positionals|Options|Subcommands):$", line, re.IGNORECASE)
        if heading:
            current = []
            sections.setdefault(heading.group(2).lower(), []).append((len(heading.group(1)) + 2, current))
        elif line.startswith("Usage: "):
            command.usage = line.removeprefix("Usage: ")
        elif line.startswith("[") or not line.strip():
            current = None
        elif current is not None:
            current.append(line)
        elif not command.description and not line.startswith(" "):
            command.description = line.strip()
    for kind, into in (("positionals", command.positionals), ("options", command.options)):
        for indent, lines in sections.get(kind, []):
            for spec, description in entries(lines, indent):
                option = parse_option(spec)
                option.description = description
                into.append(option)
    for indent, lines in sections.get("subcommands", []):
        names += [spec for spec, _ in entries(lines, indent)]
    check(command, text)
    return command, names


def check(command: Command, text: str) -> None:
    said = {word for line in text.splitlines() for word in re.findall(r"^\s+(-[-\w,]+)", line)}
    read = {",".join(option.names) for option in command.options}
    silent = [option.names for option in command.options + command.positionals if not option.description]
    if said != read or not command.description or silent:
        raise ValueError(f"cannot read the help of {' '.join(command.path)}: {sorted(said ^ read)} {silent}")


def read_program(program: str, path: tuple[str, ...] = ("bathy",)) -> Command:
    asked = subprocess.run([program, *path[1:], "--help"], capture_output=True, text=True, check=True)
    command, names = parse_help(asked.stdout, list(path))
    command.commands = [read_program(program, (*path, name)) for name in names]
    return command


def version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
