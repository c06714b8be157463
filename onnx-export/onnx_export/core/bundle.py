"""The bundle's folder and the common part of its manifest; knows no graph and no model.

The folder, or the files in an existing folder, appear only once everything is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from onnx_export import ExportError, __version__

FORMAT = "describe-anything-bundle"
FORMAT_VERSION = 2
MANIFEST = "manifest.json"


def manifest_header(family: str, name: str, source: dict[str, Any]) -> dict[str, Any]:
    """The keys that begin every manifest.

    Parameters
    ----------
    family
        The model family: the package here that wrote the graphs, and the one in Java that runs them.
    name
        The model's name in the API.
    source
        Where the checkpoint came from.
    """
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "family": family,
        "name": name,
        "source": source,
        "exporter": {"version": __version__, "onnx": version("onnx"), "onnxruntime": version("onnxruntime")},
    }


class BundleFolder:
    """A temporary folder that becomes the bundle when :meth:`finish` is called, and is deleted otherwise.

    Parameters
    ----------
    out
        The bundle's folder; must not exist or be empty, but for ``lost+found``.

    Raises
    ------
    ExportError
        If ``out`` is a file or a folder that is not empty.
    """

    def __init__(self, out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise ExportError(f"{out} is a file")
        # A new volume may hold this folder of its file system.
        if out.exists() and any(it.name != "lost+found" for it in out.iterdir()):
            raise ExportError(f"{out} exists and is not empty")
        self._out = out.resolve()
        # An existing folder may be a mount point: files can be moved atomically only within it.
        self._out.parent.mkdir(parents=True, exist_ok=True)
        parent = self._out if self._out.exists() else self._out.parent
        self._work = Path(tempfile.mkdtemp(prefix=self._out.name + ".part.", dir=parent))
        self._work.chmod(0o755)

    def __enter__(self) -> BundleFolder:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        shutil.rmtree(self._work, ignore_errors=True)

    @property
    def path(self) -> Path:
        """Where the files are written."""
        return self._work

    def finish(self, manifest: dict[str, Any]) -> None:
        """Adds sizes and SHA-256 sums to the manifest, writes it, and moves everything into place."""
        manifest = manifest | {"files": {file.name: _entry(file) for file in sorted(self._work.iterdir())}}
        text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (self._work / MANIFEST).write_text(text, "utf-8")
        if self._work.parent != self._out:
            self._work.rename(self._out)
            return
        # The manifest last: without it the folder is not a bundle.
        for file in sorted(self._work.iterdir(), key=lambda it: it.name == MANIFEST):
            file.rename(self._out / file.name)


def _entry(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}
