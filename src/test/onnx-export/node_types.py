"""What chooses a kernel: the domain, operator, version and element types of each node of a graph."""

from __future__ import annotations

from collections import defaultdict

import onnx
from onnx import AttributeProto, NodeProto, TensorProto

MICROSOFT = "com.microsoft"
# An operator of ONNX Runtime's own in ONNX's domain.
_UNOFFICIAL = {"SimplifiedLayerNormalization": 1}


def kinds(model: onnx.ModelProto) -> dict[str, int]:
    """Element type of every value."""
    graph = model.graph
    known = {it.name: it.data_type for it in graph.initializer}
    known |= {it.name: it.type.tensor_type.elem_type for it in graph.input}
    for node in graph.node:
        results = result_kinds(node, [known[it] if it else None for it in node.input], opset(model))
        known |= {name: kind for name, kind in zip(node.output, results, strict=True) if name}
    return known


def opset(model: onnx.ModelProto) -> int:
    """Version of ONNX's own operators."""
    return int(next(it.version for it in model.opset_import if it.domain == ""))


def result_kinds(node: NodeProto, inputs: list[int | None], opset: int) -> list[int]:
    """Element type of each output of a node, given those of its inputs."""
    if node.domain == MICROSOFT or node.op_type in _UNOFFICIAL:
        # True of those that the exporter writes.
        assert inputs[0] is not None
        return [inputs[0]] * len(node.output)
    schema = onnx.defs.get_schema(node.op_type, opset)
    by_variable: dict[str, int] = {}
    for i, kind in enumerate(inputs):
        if kind is not None:
            by_variable.setdefault(schema.inputs[min(i, len(schema.inputs) - 1)].type_str, kind)
    results = []
    for i in range(len(node.output)):
        formal = schema.outputs[min(i, len(schema.outputs) - 1)]
        chosen = next((it.i for it in node.attribute if it.name == "to" and it.type == AttributeProto.INT), None)
        if formal.type_str in by_variable:
            results.append(by_variable[formal.type_str])
        elif chosen is not None:
            results.append(chosen)
        else:
            (only,) = formal.types
            results.append(TensorProto.DataType.Value(only.removeprefix("tensor(").removesuffix(")").upper()))
    return results


def line(node: NodeProto, inputs: list[int | None], opset: int) -> str:
    """Such as ``ai.onnx Add 14: float16, float16 -> float16``."""
    if node.domain == MICROSOFT:
        version = 1
    else:
        version = _UNOFFICIAL.get(node.op_type) or onnx.defs.get_schema(node.op_type, opset).since_version
    results = result_kinds(node, inputs, opset)
    outputs = [kind if name else None for name, kind in zip(node.output, results, strict=True)]
    return f"{node.domain or 'ai.onnx'} {node.op_type} {version}: {_names(inputs)} -> {_names(outputs)}"


def _names(kinds: list[int | None]) -> str:
    return ", ".join("-" if it is None else TensorProto.DataType.Name(it).lower() for it in kinds)


def lines(model: onnx.ModelProto) -> dict[str, list[NodeProto]]:
    """The nodes of a graph by their line."""
    known = kinds(model)
    found: dict[str, list[NodeProto]] = defaultdict(list)
    for node in model.graph.node:
        found[line(node, [known[it] if it else None for it in node.input], opset(model))].append(node)
    return dict(found)
