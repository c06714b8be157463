"""Widens the decoder of a bfloat16 bundle so that a CPU can run it; cache and embeddings stay in bfloat16.

For tests of the code that reads and writes bfloat16 around the graph. Usage: widen_bundle.py BUNDLE
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from onnx_export.core.widening import widened


def with_narrow_ends(file: Path) -> bytes:
    """The widened graph with bfloat16 embeddings and cache."""
    model = onnx.load_from_string(widened(file))
    graph = model.graph
    before, after = [], []
    for value in graph.input:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.BFLOAT16
            before.append(_renamed(graph, value.name, TensorProto.FLOAT))
    for value in graph.output:
        if value.name != "logits":
            value.type.tensor_type.elem_type = TensorProto.BFLOAT16
            after.append(_renamed(graph, value.name, TensorProto.BFLOAT16))
    nodes = [*before, *graph.node, *after]
    del graph.node[:]
    graph.node.extend(nodes)
    return model.SerializeToString()


def _renamed(graph: onnx.GraphProto, name: str, kind: int) -> onnx.NodeProto:
    """Renames an input or output inside the graph, and returns the conversion between the two."""
    inside = f"{name}.inside"
    for node in graph.node:
        for names in (node.input, node.output):
            for i, it in enumerate(names):
                if it == name:
                    names[i] = inside
    ends = (name, inside) if kind == TensorProto.FLOAT else (inside, name)
    return helper.make_node("Cast", [ends[0]], [ends[1]], name=f"Cast of {name}", to=kind)


def main(bundle: Path) -> None:
    graph = with_narrow_ends(bundle / "decoder.onnx")
    (bundle / "decoder.onnx").write_bytes(graph)
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    manifest["files"]["decoder.onnx"] = {"bytes": len(graph), "sha256": hashlib.sha256(graph).hexdigest()}
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
