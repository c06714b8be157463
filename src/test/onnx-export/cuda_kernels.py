"""Asks a released ONNX Runtime which nodes it runs on CUDA, on a machine without a GPU, and prints a table.

The nodes are those of the graphs that are exported for CUDA, and the same with other real types. Each is loaded alone,
in a session whose CUDA provider finds stand-ins for NVIDIA's libraries (``cuda_stand_ins.c``): placing nodes needs no
GPU. Then every graph is loaded whole and optimised, with and without CUDA graphs, and must be on CUDA to its last node.

Needs a C compiler and binutils. To make the table of a release::

    pip install --no-deps --target /tmp/library onnxruntime-gpu==1.29.0
    onnx-export/.venv/dev/bin/python src/test/onnx-export/cuda_kernels.py /tmp/library \
        >src/test/resources/cuda/kernels-1.29.0.txt
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import onnxruntime
from node_types import kinds, line, lines, opset
from onnx import NodeProto, TensorProto, external_data_helper, helper, numpy_helper

from onnx_export.core.precision import Device, Precision
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.parts import Parts
from onnx_export.dam.vision import write_vision
from onnx_export.decoder.graph import write_decoder

GOLDEN = Path(__file__).parents[1] / "resources" / "golden" / "checkpoint"
PRECISIONS = (Precision.FP16, Precision.BF16, Precision.INT8, Precision.INT4)
REALS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)


def write_graphs(folder: Path) -> list[Path]:
    """The graphs of every bundle for CUDA that the server runs there."""
    files = []
    with Checkpoint(GOLDEN) as checkpoint:
        for precision in PRECISIONS:
            vision, decoder = (folder / f"{it}-{precision.value}.onnx" for it in ("vision", "decoder"))
            write_vision(
                vision, Parts(checkpoint), Precision.FP16 if precision is Precision.BF16 else precision, Device.CUDA
            )
            write_decoder(decoder, Parts(checkpoint).decoder, precision, Device.CUDA)
            files += [vision, decoder]
    return files


def build_stand_ins(provider: Path, folder: Path) -> None:
    """Compiles a library for every one of NVIDIA's that ONNX Runtime's CUDA provider links to."""
    written = Path(__file__).with_name("cuda_stand_ins.c")
    needed = subprocess.check_output(["nm", "-D", "--undefined-only", str(provider)], text=True).splitlines()
    names = {it.split()[-1].split("@")[0] for it in needed}
    rest = folder / "rest.c"
    rest.write_text(
        "".join(
            f"int {it}(void) {{ return 0; }}\n"
            for it in sorted(names)
            if it.startswith(("cu", "__cuda")) and f"{it}(" not in written.read_text("utf-8")
        ),
        "utf-8",
    )
    dynamic = subprocess.check_output(["readelf", "-d", str(provider)], text=True)
    for library in {it.split("[")[1].rstrip("]") for it in dynamic.splitlines() if "NEEDED" in it and "[libcu" in it}:
        sources = [str(written), str(rest)]
        subprocess.check_call(["cc", "-shared", "-fPIC", "-w", "-fno-builtin", "-o", str(folder / library), *sources])


def alone(node: NodeProto, inputs: dict[str, int], model: onnx.ModelProto) -> onnx.ModelProto:
    """A model of one node whose inputs have the given types; constants stay constants."""
    initialisers = {it.name: it for it in model.graph.initializer}
    constants, ends = [], []
    for name, kind in inputs.items():
        if name in initialisers:
            value = numpy_helper.to_array(initialisers[name])
            constants.append(numpy_helper.from_array(value.astype(helper.tensor_dtype_to_np_dtype(kind)), name))
        else:
            ends.append(helper.make_tensor_value_info(name, kind, None))
    graph = helper.make_graph(
        [node], "node", ends, [helper.make_empty_tensor_value_info(it) for it in node.output if it]
    )
    graph.initializer.extend(constants)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def variants(node: NodeProto, known: dict[str, int]) -> list[tuple[NodeProto, dict[str, int]]]:
    """The node with every choice of real types; its inputs of one type stay of one type."""
    inputs = {it: known[it] for it in node.input if it}
    given = sorted({it for it in inputs.values() if it in REALS})
    found = []
    for chosen in product(REALS, repeat=len(given)):
        changed = dict(zip(given, chosen, strict=True))
        for to in REALS if node.op_type == "Cast" and "to" in {it.name for it in node.attribute} else (None,):
            copy = NodeProto()
            copy.CopyFrom(node)
            if to is not None and copy.attribute[0].i in REALS:
                copy.attribute[0].i = to
            found.append((copy, {name: changed.get(kind, kind) for name, kind in inputs.items()}))
    return found


def on_cuda(model: onnx.ModelProto | Path, **settings: str) -> bool:
    """Whether a model loads with every node on CUDA."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    if not isinstance(model, Path):
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    try:
        session = onnxruntime.InferenceSession(source, options, providers=[("CUDAExecutionProvider", settings)])
    except Exception:  # ONNX Runtime's own types have no other base
        return False
    return bool(session.get_providers()[0] == "CUDAExecutionProvider")


def table(files: list[Path]) -> list[str]:
    """The lines of nodes, and of their variants, that run on CUDA."""
    asked: dict[str, bool] = {}
    for file in files:
        model = onnx.load(str(file))
        external_data_helper.convert_model_from_external_data(model)
        known = kinds(model)
        for nodes in lines(model).values():
            for node, inputs in variants(nodes[0], known):
                entry = line(node, [inputs.get(it) for it in node.input], opset(model))
                if entry not in asked:
                    asked[entry] = on_cuda(alone(node, inputs, model))
    return sorted(it for it, yes in asked.items() if yes)


def main() -> None:
    with TemporaryDirectory() as folder:
        files = write_graphs(Path(folder))
        print(f"# Nodes that run on CUDA in ONNX Runtime {onnxruntime.__version__}. Made by cuda_kernels.py.")
        print("\n".join(table(files)))
        for file, captured in product(files, "01"):
            if not on_cuda(file, enable_cuda_graph=captured):
                raise SystemExit(f"{file.name} is not all on CUDA, enable_cuda_graph = {captured}")


if __name__ == "__main__":
    if os.environ.get("CUDA_STAND_INS"):
        main()
    else:
        library = Path(sys.argv[1])
        provider = library / "onnxruntime" / "capi" / "libonnxruntime_providers_cuda.so"
        with TemporaryDirectory() as stand_ins:
            build_stand_ins(provider, Path(stand_ins))
            environment = {"CUDA_STAND_INS": stand_ins, "LD_LIBRARY_PATH": stand_ins, "PYTHONPATH": str(library)}
            subprocess.run([sys.executable, __file__], env=os.environ | environment, check=True)
