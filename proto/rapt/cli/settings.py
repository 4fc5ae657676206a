"""The tables of docs/configuration.md, read from the processes' own structs.

The structs are read as text, not imported: the command line knows no service.
In the document a table stands between `<!-- settings of NAME -->` and `<!-- end -->`.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROCESSES = ("gateway", "inference", "analytics")
DOCUMENT = "docs/configuration.md"
TABLE = re.compile(r"(<!-- settings of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
REQUIRED = "required"
CALCULATIONS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a process's configuration."""

    variable: str
    """Name of the environment variable."""
    default: str
    """As it is written in the source, `required` without one."""
    meaning: str


def settings_of(repository: Path, process: str) -> list[Setting]:
    """Return the settings of one process in the order of its struct."""
    tree = ast.parse((repository / process / "config.py").read_text())
    prefix = _prefix_of(tree)
    body = _struct_of(tree).body
    return [
        Setting(prefix + _name_of(field).upper(), _default_of(field), _meaning_after(body, index))
        for index, field in enumerate(body)
        if isinstance(field, ast.AnnAssign)
    ]


def table_of(settings: list[Setting]) -> str:
    """Return the settings as a table in Markdown."""
    head = "| variable | default | meaning |\n|---|---|---|\n"
    rows = (f"| `{one.variable}` | {_code(one.default)} | {one.meaning} |\n" for one in settings)
    return head + "".join(rows)


def documented(repository: Path) -> str:
    """Return docs/configuration.md as it should be."""

    def fresh(match: re.Match[str]) -> str:
        known = (repository / match[2] / "config.py").exists()
        table = table_of(settings_of(repository, match[2])) if known else ""
        return match[1] + table + match[3]

    return TABLE.sub(fresh, (repository / DOCUMENT).read_text())


def _struct_of(tree: ast.Module) -> ast.ClassDef:
    """Return the struct that refuses unknown names: the one that is read from the environment."""
    for node in _classes(tree):
        if any(keyword.arg == "forbid_unknown_fields" for keyword in node.keywords):
            return node
    raise ValueError("there is no struct with forbid_unknown_fields")


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


def _prefix_of(tree: ast.Module) -> str:
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "PREFIX"
            and isinstance(node.value, ast.Constant)
        ):
            return str(node.value.value)
    raise ValueError("there is no PREFIX")


def _name_of(field: ast.AnnAssign) -> str:
    return ast.unparse(field.target)


def _default_of(field: ast.AnnAssign) -> str:
    if field.value is None:
        return REQUIRED
    if isinstance(field.value, ast.Call) and len(field.value.args) == 1:
        return ast.unparse(field.value.args[0])  # Path("…"), Secret("")
    return _number_of(field.value)


def _number_of(value: ast.expr) -> str:
    """Return what a calculation such as 64 << 20 comes to: a variable can not calculate."""
    if not isinstance(value, ast.BinOp):
        return ast.unparse(value)
    left, right = int(_number_of(value.left)), int(_number_of(value.right))
    return str(CALCULATIONS[type(value.op)](left, right))


def _meaning_after(body: list[ast.stmt], index: int) -> str:
    """Return the string below a field, on one line."""
    following = body[index + 1] if index + 1 < len(body) else None
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return " ".join(str(following.value.value).split()).replace("|", r"\|")
    return ""


def _code(default: str) -> str:
    text = default.strip("'\"")
    if default == REQUIRED:
        return REQUIRED
    return f"`{text}`" if text else "empty"
