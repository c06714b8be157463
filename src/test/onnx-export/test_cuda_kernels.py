"""Every node of the bundles for CUDA has a kernel there, in the release that is shipped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import onnx
import pytest
from cuda_kernels import write_graphs
from node_types import lines
from random_checkpoint import RandomCheckpoint
from small import SMALL, request

from onnx_export.core.precision import Device, Precision
from onnx_export.dam.export import export
from onnx_export.dam.parts import Parts
from onnx_export.decoder.graph import write_decoder

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "src" / "test" / "resources" / "cuda" / "kernels-1.29.0.txt"
# Resizes bytes as the reference does, before anything is copied to the GPU.
ON_THE_CPU = {"picture", "region"}


def _without_kernel(file: Path) -> dict[str, list[str]]:
    """The nodes that would run on the CPU, by what chooses their kernel."""
    kernels = set(TABLE.read_text("utf-8").splitlines())
    found = lines(onnx.load(str(file), load_external_data=False))
    return {it: [node.name for node in nodes] for it, nodes in found.items() if it not in kernels}


def test_every_node_of_the_graphs_for_cuda_has_a_kernel_there(tmp_path: Path) -> None:
    files = write_graphs(tmp_path)
    assert len(files) == 8
    assert {it.name: _without_kernel(it) for it in files} == {it.name: {} for it in files}


def test_a_bundle_has_no_other_graph_on_cuda(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    export(request(tmp_path / "checkpoint", tmp_path / "out", precision=Precision.FP16, device=Device.CUDA))
    graphs = {it.stem for it in (tmp_path / "out").glob("*.onnx")}
    assert graphs - ON_THE_CPU == {"vision", "decoder"}
    for graph in ("vision", "decoder"):
        assert _without_kernel(tmp_path / "out" / f"{graph}.onnx") == {}


def test_a_node_without_a_kernel_is_named(opened: Any, tmp_path: Path) -> None:
    """CUDA has no attention over a cache in float32, which is what a decoder for the CPU computes in."""
    write_decoder(tmp_path / "decoder.onnx", Parts(opened).decoder, Precision.FP32, Device.CPU)
    missing = _without_kernel(tmp_path / "decoder.onnx")
    assert [it.split(":")[0] for it in missing] == ["com.microsoft GroupQueryAttention 1"]
    assert all(name.startswith("GroupQueryAttention") for names in missing.values() for name in names)


@pytest.mark.parametrize("file", ["docker/Dockerfile.cuda", "pom.xml"])
def test_the_table_is_of_the_release_that_is_shipped(file: str) -> None:
    version = re.search(r"kernels-([\d.]+)\.txt", TABLE.name)
    shipped = re.search(r"(?:ARG ONNXRUNTIME=|<onnxruntime\.version>)([\d.]+)", (ROOT / file).read_text("utf-8"))
    assert version and shipped and shipped[1] == version[1]
    assert TABLE.read_text("utf-8").startswith(f"# Nodes that run on CUDA in ONNX Runtime {shipped[1]}.")
