"""Converts a bfloat16 graph to one that a CPU can run, so that it can be checked without a GPU."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import NodeProto, TensorProto, helper


def widened(file: Path) -> bytes:
    """A graph that computes in float32 and rounds the output of each operator to bfloat16.

    ONNX Runtime cannot compute in bfloat16 on a CPU, but can convert. CUDA's operators read and write bfloat16 and add
    up in float32, so this differs from them in the order of sums and in what an operator keeps inside: keys after their
    rotation go to the cache unrounded here.

    Parameters
    ----------
    file
        A graph whose float values are all bfloat16, except those that it casts to float32 itself. Its weights stay
        in their file.
    """
    model = onnx.load(str(file), load_external_data=False)
    graph = model.graph
    nodes: list[NodeProto] = []
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.BFLOAT16:
            narrow = tensor.name + ".narrow"
            nodes.append(_cast(narrow, tensor.name, TensorProto.FLOAT))
            tensor.name = narrow
    for value in [*graph.input, *graph.output]:
        if value.type.tensor_type.elem_type == TensorProto.BFLOAT16:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    outputs = {it.name for it in graph.output}
    for node in graph.node:
        nodes.append(node)
        if node.op_type == "Cast":
            continue
        for i, name in enumerate(node.output):
            if name and name not in outputs:
                node.output[i] = name + ".exact"
                nodes.append(_cast(name + ".exact", name + ".narrow", TensorProto.BFLOAT16))
                nodes.append(_cast(name + ".narrow", name, TensorProto.FLOAT))
    del graph.node[:]
    graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def _cast(value: str, result: str, kind: int) -> NodeProto:
    return helper.make_node("Cast", [value], [result], name=f"Cast to {result}", to=kind)
