# Finds Python 3.11 or later and keeps a virtual environment of the exporter. Sourced; needs $ROOT.

# Prints the path of a Python that is new enough, or one clear line and fails.
find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  echo "Python 3.11 or later with venv is needed: install python3 and python3-venv, and try again" >&2
  return 1
}

# Makes the virtual environment if the project's requirements changed since, and prints its Python.
# $1: the extras to install, such as "dev" or "hub"; each set has an environment of its own.
exporter_python() {
  local extras=$1 project=$ROOT/onnx-export venv stamp python
  venv=$project/.venv/$extras
  stamp=$(cksum <"$project/pyproject.toml")
  if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ]; then
    python=$(find_python) || return 1
    echo "Preparing the exporter's Python environment (once)" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv" >&2 &&
      "$venv/bin/pip" install --quiet --disable-pip-version-check --editable "$project[$extras]" >&2 || {
      echo "The exporter's Python packages cannot be installed: is the package index reachable?" >&2
      return 1
    }
    echo "$stamp" >"$venv/stamp"
  fi
  echo "$venv/bin/python"
}
