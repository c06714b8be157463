# Finds JDK 25 or later and Maven 3.8 or later. Sourced.

# Prints the major version of the JDK in folder $1, or nothing if there is none.
jdk_version() {
  [ -x "$1/bin/javac" ] || return 0
  "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9][0-9]*\).*/\1/p'
}

# Exports JAVA_HOME and PATH, or prints what to install and fails. Takes the first JDK that is new enough: JAVA_HOME, the one
# on the PATH, then the usual folders of Linux distributions, SDKMAN and macOS.
use_jdk() {
  local home version on_path
  on_path=$(command -v javac 2>/dev/null || true)
  [ -n "$on_path" ] && on_path=$(dirname "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")")
  for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*; do
    [ -n "$home" ] || continue
    version=$(jdk_version "$home") || continue
    if [ "${version:-0}" -ge 25 ]; then
      export JAVA_HOME=$home PATH=$home/bin:$PATH
      return 0
    fi
  done
  echo "JDK 25 or later is needed: install one (such as Temurin 25), or set JAVA_HOME" >&2
  return 1
}

# Checks the version of mvn, or prints what to install and fails. Call use_jdk first.
use_maven() {
  local version
  version=$(mvn --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9]*\.[0-9]*\).*/\1/p') || version=
  case ${version:-0.0} in
    [012].* | 3.[0-7])
      echo "Maven 3.8 or later is needed: install the package maven" >&2
      return 1
      ;;
  esac
}
