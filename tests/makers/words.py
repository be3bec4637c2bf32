"""Every sentence that the sources say, every refusal's code, and every Chinese text in code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parent.parent.parent
HAN = re.compile(r"[\u4e00-\u9fff]")
_MARKS = {"_", "N_"}
_TITLES = {"title", "label"}
_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_TEMPLATE_COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


def python_files(*folders: str) -> Iterator[Path]:
    """The sources below these folders."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def catalogue() -> dict[str, list[tuple[str, str]]]:
    """Every message id with the file and the Chinese of each of its entries."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "config" / "locale" / "zh_Hans").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans", abort_invalid=True):
                if message.id:
                    found.setdefault(str(message.id), []).append((path.stem, str(message.string)))
    return found


def english_forms() -> list[tuple[str, str]]:
    """English sentences with a count: the form for one, and the message itself."""
    with (ROOT / "config" / "locale" / "en" / "one.po").open("rb") as file:
        found = [message.id for message in read_po(file, locale="en", abort_invalid=True)]
    return [(each[0], each[1]) for each in found if isinstance(each, tuple)]


def marked_in_python(source: str) -> set[str]:
    """Sentences marked for the catalogue, and titles of pages."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if _name(node.func) in _MARKS:
            found |= set(_texts(node.args[0])) if node.args else set()
        if _name(node.func) == "render":
            for keyword in node.keywords:
                if keyword.arg in _TITLES:
                    found |= set(_texts(keyword.value))
    return found


def marked_in_template(source: str) -> tuple[set[str], list[int]]:
    """Sentences marked for the catalogue, and the lines where a mark holds no plain sentence."""
    found, unclear = set(), []
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name in _MARKS):
            continue
        texts = set(_template_texts(call.args[0]))
        found |= texts
        if not texts:
            unclear.append(call.lineno)
    return found, unclear


def every_text(source: str) -> set[str]:
    """Every string constant of a Python source."""
    return {text for _line, text in _constants(ast.parse(source))}


def chinese_in_python(source: str) -> list[tuple[int, str]]:
    """String constants with Chinese in them, docstrings apart."""
    tree = ast.parse(source)
    prose = {
        (node.value.lineno, node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = [(line, text) for line, text in _constants(tree) if HAN.search(text)]
    return [each for each in found if each not in prose]


def chinese_in_markup(source: str, *, is_script: bool) -> list[str]:
    """Lines with Chinese in them, comments apart."""
    plain = (_COMMENT if is_script else _TEMPLATE_COMMENT).sub("", source)
    return [line.strip() for line in plain.splitlines() if HAN.search(line)]


def refusal_codes(source: str) -> set[str]:
    """Codes of failures: what a raised error, its class or a field's problem is given."""
    tree = ast.parse(source)
    errors = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors:
            found |= _codes_of_class(node)
        if not isinstance(node, ast.Call):
            continue
        name, texts = _name(node.func), [*map(_constant, node.args)]
        if name in _ROOTS:
            found |= set(texts[:1])
        elif name in _PROBLEMS:
            found |= set(texts[1:2])
    return {code for code in found if code is not None}


_ROOTS = {"ConsultError", "NotFoundError", "ConflictError", "ForbiddenError", "RefusedError"}
_ROOTS |= {"NotAcceptableError", "TusRefusedError", "PydanticCustomError"}
_PROBLEMS = {"FieldProblem"}


def _codes_of_class(node: ast.ClassDef) -> set[str | None]:
    bases = {_name(base) for base in node.bases}
    if not any(base.endswith("Error") for base in bases) or bases <= {"ValueError", "RuntimeError"}:
        return set()
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return {
        _constant(call.args[0])
        for call in calls
        if call.args and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
    }


def _constants(tree: ast.AST) -> list[tuple[int, str]]:
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _constant(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text else None  # type: ignore[attr-defined] # is_text says so


def _texts(node: ast.expr) -> Iterator[str]:
    """The sentence, or both of a choice between two."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif (text := _constant(node)) is not None:
        yield text


def _template_texts(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.CondExpr):
        for side in (node.expr1, node.expr2):
            if side is not None:
                yield from _template_texts(side)
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))
