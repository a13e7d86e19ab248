"""Everything that a page may ask for by address, listed when the server starts: no other file can be reached."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from jupyter_core.paths import jupyter_path

# What Voila's front end needs to show widgets: where it is among Jupyter's shared data, and at which address.
EXTENSIONS = {
    "@voila-dashboards/widgets-manager8": "voila/labextensions", "@jupyter-widgets/jupyterlab-manager": "labextensions",
}  # fmt: skip
_KINDS = frozenset({".js", ".css", ".json", ".woff", ".woff2", ".svg", ".ttf"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, or a text that we make, by its address."""

    kind: str
    path: Path | None = None
    text: bytes = b""

    def read(self) -> bytes:
        """Its content."""
        return self.path.read_bytes() if self.path else self.text


@cache
def all_assets() -> dict[str, Asset]:
    """Every asset by the end of its address: ours under "static/", Voila's front end under "voila/"."""
    found = {f"static/{name}": asset for name, asset in _ours()}
    places = {"voila/static": "voila/templates/base/static"}
    places |= {f"voila/labextensions/{name}/static": f"{root}/{name}/static" for name, root in EXTENSIONS.items()}
    for address, folder in places.items():
        if place := _jupyters(folder):
            found |= {f"{address}/{path.name}": Asset(_kind(path), path) for path in _files(place)}
    return found


def style_address() -> str:
    """Address of the style sheet, with a mark that changes with it: browsers may keep it for good."""
    return next(name for name in all_assets() if name.startswith("static/style-"))


def script_address(name: str) -> str:
    """Address of one of our scripts, marked likewise."""
    return next(address for address in all_assets() if address.startswith(f"static/{name}-"))


def _ours() -> Iterator[tuple[str, Asset]]:
    from iitk.publish import explain
    from iitk.publish.assets import page_css

    folder = Path(str(files("iitk.serve").joinpath("static")))
    sheets = [path.read_text(encoding="utf-8") for path in _files(folder) if path.suffix == ".css"]
    yield _marked("style", ".css", "\n".join([page_css(), explain.style(), *sheets]).encode())
    for path in _files(folder):
        if path.suffix == ".js":
            yield _marked(path.stem, ".js", path.read_bytes())


def _marked(stem: str, ending: str, text: bytes) -> tuple[str, Asset]:
    mark = hashlib.sha256(text).hexdigest()[:12]
    return f"{stem}-{mark}{ending}", Asset(_kind(Path(f"x{ending}")), text=text)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in _KINDS)


def _kind(path: Path) -> str:
    guessed = {".js": "text/javascript", ".woff2": "font/woff2", ".woff": "font/woff"}.get(path.suffix)
    return guessed or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _jupyters(folder: str) -> Path | None:
    """A folder of Jupyter's shared data, in the first place that has it."""
    return next((path for root in jupyter_path() if (path := Path(root) / folder).is_dir()), None)
