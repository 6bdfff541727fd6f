"""The files of a scenario: only inside its folder, only texts, only of a reasonable size."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from lab.core.problems import Problem, nearest, quoted
from lab.core.scenario import NAME_LENGTH, NAME_PATTERN
from lab.core.shape import validate
from lab.core.variant_checks import check_parts
from lab.core.variants import Parts, Value, expand, fill
from lab.core.yaml_marks import Document, Keys, Mark, parse

__all__ = ["Reading", "read_yaml"]

LARGEST_FILE = 256 * 1024


class Reading:
    """Follows the references in scenario.yaml and collects all texts and all errors."""

    def __init__(self, main: Document, hints_folder: Path) -> None:
        self.main = main
        self.manifest_texts: dict[str, str] = {}
        #: The variables of the variant; None if the scenario has no variants.
        self.values: Mapping[str, Value] | None = None
        self._folder = main.file.parent
        self._hints_folder = hints_folder
        self._documents = [main]
        self._problems: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        """All errors, file by file in the order of reading, each from its top to its end."""
        found = [*(problem for document in self._documents for problem in document.problems), *self._problems]
        files = list(dict.fromkeys(problem.file for problem in found))
        return sorted(found, key=lambda problem: (files.index(problem.file), problem.line, problem.column))

    def text(self, *keys: str | int) -> str:
        """Return the text of the file named at `keys`, or an empty one after an error."""
        file = self._inside(keys)
        if file is None:
            return ""
        text = self._read(file)
        if text is not None and not text.strip():
            self._problems.append(Problem(file, 1, 1, "the file is empty"))
        return self._expanded(file, text or "")

    def yaml(self, *keys: str | int) -> Document | None:
        """Return the YAML file named at `keys`, or None if it does not exist."""
        file = self._inside(keys)
        return self._parsed(file) if file else None

    def manifests(self, *keys: str) -> list[Document]:
        """Return the manifests listed at `keys`, and keep their texts."""
        found = []
        for i, name in self._listed(keys):
            file = self._inside((*keys, i))
            text = self._read(file) if file else None
            if file and text is not None:
                text = self._expanded(file, text)
                self.manifest_texts[name] = text
                found.append(self._kept(parse(file, text, kubernetes=True)))
        return found

    def hints(self, *keys: str) -> list[Document]:
        """Return the hint files named at `keys`, from the scenario's folder or else from the common one."""
        found = []
        for i, name in self._listed(keys):
            if len(name) > NAME_LENGTH or not re.fullmatch(NAME_PATTERN, name):
                continue  # not a name: reported elsewhere
            places = [folder / f"{name}.yaml" for folder in (self._folder, self._hints_folder)]
            file = next((place for place in places if place.is_file()), None)
            if file is None:
                near = nearest(name, (path.stem for path in self._hints_folder.glob("*.yaml")))
                where = f"neither {places[0]} nor {places[1]} is there"
                self.main.report((*keys, i), f"there is no hint file {quoted(name)}: {where}", near)
            elif file == places[0] and not self._is_inside(file):
                self.main.report((*keys, i), f"{quoted(file.name)} leads out of the scenario's folder")
            elif document := self._parsed(file):
                found.append(document)
        return found

    def parts(self, *keys: str) -> tuple[Parts, Document] | None:
        """Return the parts that vary, from the file named at `keys`; None without a file, or after an error."""
        document = self.yaml(*keys)
        parts = validate(document, Parts) if document and document.readable else None
        if document and parts:
            check_parts(parts, document)
        return (parts, document) if document and parts and not document.problems else None

    def vary(self, values: Mapping[str, Value]) -> None:
        """Fill the variables in scenario.yaml, and in all files that are read from now on."""
        self.values = values
        fill(self.main, values)

    def _expanded(self, file: Path, text: str) -> str:
        if self.values is None:
            return text
        marks = Document(file, text)

        def unknown(index: int, message: str, near: str) -> None:
            mark = marks.mark_at(index)
            self._problems.append(Problem(file, mark.line, mark.column, message, near))

        return expand(text, self.values, unknown)

    def _listed(self, keys: Keys) -> list[tuple[int, str]]:
        """Return the texts of the list at `keys`, each once; other values are reported elsewhere."""
        listed = self.main.get(*keys)
        found: dict[str, int] = {}
        for i, name in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(name, str):
                found.setdefault(name, i)
        return [(i, name) for name, i in found.items()]

    def _parsed(self, file: Path) -> Document | None:
        text = self._read(file)
        if text is None:
            return None
        document = parse(file, text)
        if self.values is not None:
            fill(document, self.values)
        return self._kept(document)

    def _kept(self, document: Document) -> Document:
        self._documents.append(document)
        return document

    def _read(self, file: Path) -> str | None:
        text = _read(file)
        if isinstance(text, Problem):
            self._problems.append(text)
            return None
        return text

    def _inside(self, keys: Keys) -> Path | None:
        """Return the file named at `keys`; report a name that is not a file in the scenario's folder."""
        name = self.main.get(*keys)
        if not isinstance(name, str):
            return None  # its shape is reported elsewhere
        wrong, near = "", ""
        file = self._folder / name
        try:
            if not name.strip() or not name.isprintable() or "\\" in name or PureWindowsPath(name).drive:
                wrong = f"{quoted(name)} is not the path of a file in the scenario's folder"
            elif PurePosixPath(name).is_absolute() or not self._is_inside(file):
                wrong = f"{quoted(name)} leads out of the scenario's folder"
            elif not file.exists():
                wrong = f"there is no file {quoted(name)} in the scenario's folder"
                near = self._near(name, file)
            elif not file.is_file():
                wrong = f"{quoted(name)} is {'a folder' if file.is_dir() else 'something else'}, not a file"
        except (OSError, RuntimeError, ValueError) as error:  # the name is too long, or links form a circle
            wrong = f"{quoted(name)} can't be followed: {getattr(error, 'strerror', None) or error}"
        if wrong:
            self.main.report(keys, wrong, near)
        return None if wrong else file

    def _is_inside(self, file: Path) -> bool:
        """Whether `file` is in the scenario's folder, after following links."""
        return file.resolve().is_relative_to(self._folder.resolve())

    def _near(self, name: str, file: Path) -> str:
        """Return the existing file that a wrong name probably means."""
        beside = file.parent.iterdir() if file.parent.is_dir() else iter(())
        return nearest(name, (path.relative_to(self._folder).as_posix() for path in beside))


def read_yaml(file: Path) -> Document:
    """Read a YAML file; an unreadable one becomes a document with that error."""
    text = _read(file)
    if isinstance(text, str):
        return parse(file, text)
    document = Document(file)
    document.readable = False
    document.report_at(Mark(text.line, text.column), text.message)
    return document


def _read(file: Path) -> str | Problem:
    """Return the text of `file`, or the error."""
    try:
        if not file.exists():
            return Problem(file, 1, 1, "there is no such file")
        if not file.is_file():
            return Problem(file, 1, 1, f"{'a folder' if file.is_dir() else 'something else'}, not a file")
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        return Problem(file, 1, 1, f"can't be read: {error.strerror}")
    if len(data) > LARGEST_FILE:
        return Problem(file, 1, 1, f"larger than {LARGEST_FILE // 1024} KiB")
    try:
        # Editors on Windows put a byte order mark before UTF-8; it is not part of the text.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The marked byte is the first one that is not UTF-8.
        before = error.object[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Problem(file, line, column, f"not UTF-8: byte 0x{error.object[error.start]:02x}")
