"""Times llama.cpp. Reads the commands `prefill N` and `decode STEPS` from standard input, like `stages` for a bundle.

Runs in the environment with llama_cpp that `command` makes.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time

import llama_cpp


class Worker:
    """One sequence: a prompt of distinct tokens, then one token a step."""

    def __init__(self, file: str, threads: int, context: int) -> None:
        # Silences llama.cpp's logs; failures are reported below.
        self._silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self._silence, ctypes.c_void_p())
        llama_cpp.llama_backend_init()
        self._model = llama_cpp.llama_model_load_from_file(file.encode(), llama_cpp.llama_model_default_params())
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = context
        settings.n_batch = settings.n_ubatch = 512
        settings.n_threads = settings.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(self._model, settings)
        if not self._model or not self._context:
            sys.exit(f"llama.cpp cannot load {file}")

    def _run(self, tokens: list[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        status = llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(array, len(tokens)))
        if status:
            sys.exit(f"llama_decode failed with {status}")
        llama_cpp.llama_synchronize(self._context)

    def prefill(self, positions: int) -> dict[str, float]:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)
        start = time.perf_counter()
        self._run([1 + i for i in range(positions)])
        return {"prefill_ms": 1e3 * (time.perf_counter() - start)}

    def decode(self, steps: int) -> dict[str, float]:
        """Decodes after the tokens in the cache."""
        took = []
        for i in range(steps):
            start = time.perf_counter()
            self._run([1 + i])
            took.append(1e3 * (time.perf_counter() - start))
        return {"run_ms": sum(took[1:]) / len(took[1:])}


def main() -> None:
    start = time.perf_counter()
    worker = Worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({"loaded_s": time.perf_counter() - start}), flush=True)
    for line in sys.stdin:
        name, number = line.split()
        print(json.dumps(getattr(worker, name)(int(number))), flush=True)


if __name__ == "__main__":
    main()
