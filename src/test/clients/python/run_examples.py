"""Runs Python from standard input, one JSON line for each example, and returns what each prints."""

import contextlib
import io
import json
import sys
import traceback

for line in sys.stdin:
    task = json.loads(line)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            names = {"__name__": "__main__"}
            exec(compile(task["setup"], "setup", "exec"), names)
            exec(compile(task["code"], "example", "exec"), names)
        answer = {"printed": printed.getvalue()}
    except BaseException:
        answer = {"failed": printed.getvalue() + traceback.format_exc()}
    print(json.dumps(answer), flush=True)
