package io.github.describeanything.model.bundle;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The manifest of a bundle, the contract between exporter and server (docs/bundle.md). Immutable.
 *
 * @param family the model family that can run the graphs, such as {@code dam}
 * @param name the model's name in the API
 * @param precision how the weights are stored
 * @param device the kind of device that the graphs were exported for
 * @param graphs the ONNX graphs by their role in the family
 * @param licences of what went into the bundle, as far as the exporter knows them
 * @param files size and SHA-256 of every other file, by name
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Manifest(
        String format,
        @JsonProperty("format_version") int formatVersion,
        String family,
        String name,
        Kind kind,
        String precision,
        String device,
        Map<String, GraphEntry> graphs,
        TokenizerEntry tokenizer,
        Image image,
        Optional<Video> video,
        DecoderShape decoder,
        Prompts prompts,
        Sampling sampling,
        Optional<List<Licence>> licences,
        Map<String, FileEntry> files) {

    static final String FORMAT = "describe-anything-bundle";
    static final int FORMAT_VERSION = 2;

    /** Whether the model was trained on pictures only, or on pictures and videos. */
    public enum Kind {
        @JsonProperty("image")
        IMAGE,
        @JsonProperty("joint")
        JOINT
    }

    /** Element type of the embeddings and the KV cache. */
    public enum DType {
        @JsonProperty("float32")
        FLOAT32(4),
        @JsonProperty("float16")
        FLOAT16(2),
        @JsonProperty("bfloat16")
        BFLOAT16(2);

        private final int bytes;

        DType(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes per element. */
        public int bytes() {
            return bytes;
        }
    }

    /** Side of the square views in pixels, and embeddings per picture. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image(int size, int tokens) {}

    /** Frames of a video that the model sees, and their embeddings; without, as many as of that many pictures. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Video(int frames, Optional<Integer> tokens) {}

    /** Dimensions of the decoder; {@code context} is the context length that it was trained for. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DecoderShape(
            @JsonProperty("hidden_size") int hiddenSize,
            int layers,
            int heads,
            @JsonProperty("kv_heads") int kvHeads,
            @JsonProperty("head_dim") int headDim,
            @JsonProperty("vocab_size") int vocabSize,
            int context,
            DType dtype,
            @JsonProperty("embedding_dtype") DType embeddingDtype,
            @JsonProperty("bos_token_id") int bosTokenId,
            @JsonProperty("eos_token_ids") List<Integer> eosTokenIds,
            @JsonProperty("pad_token_id") int padTokenId) {
        public DecoderShape {
            eosTokenIds = List.copyOf(eosTokenIds);
        }

        /** Bytes of the keys and values of one token, over all layers. */
        public long cacheBytesPerToken() {
            return 2L * layers * kvHeads * headDim * dtype.bytes();
        }
    }

    /** The conversation template and what replaces its {@code {user}}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Prompts(String template, String placeholder, Mode image, Optional<Mode> video) {}

    /**
     * One mode of the model: the text before the question, and the default question.
     *
     * @param tasks the questions that the model was trained on, by task and then by language
     * @param noHistory what stands for {@code {history}} in them where there is none, by language
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Mode(
            String prefix,
            @JsonProperty("default_question") String defaultQuestion,
            Optional<Map<String, Map<String, String>>> tasks,
            @JsonProperty("no_history") Optional<Map<String, String>> noHistory) {}

    /** Default values of sampling parameters; the repetition penalty is 1 if it is absent. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Sampling(
            double temperature,
            @JsonProperty("top_p") double topP,
            @JsonProperty("top_k") int topK,
            @JsonProperty("repetition_penalty") Optional<Double> repetitionPenalty,
            @JsonProperty("max_tokens") int maxTokens) {}

    /** The licence of something that went into the bundle. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Licence(String part, String licence) {}

    /** The file of one graph. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record GraphEntry(String file) {}

    /** The tokenizer's file, and the kind of tokenizer it was made from: {@code sentencepiece} or {@code bpe}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TokenizerEntry(String kind, String file) {}

    /** Size and lower-case hexadecimal SHA-256 of one file. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FileEntry(long bytes, String sha256) {}

    public Manifest {
        graphs = Map.copyOf(graphs);
        files = Map.copyOf(files);
    }

    /** Embeddings of the longest prompt's pictures. */
    public int mostPictureTokens() {
        return video.flatMap(Video::tokens).orElse(maxFrames() * image.tokens());
    }

    /** Maximum frames of a request. */
    public int maxFrames() {
        return video.map(Video::frames).orElse(1);
    }
}
