package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.pictures.RemotePictures;
import io.github.describeanything.server.service.MissingMask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of the server; every option may also be an environment variable. Used by one thread. */
@Command(
        name = "describe-anything",
        mixinStandardHelpOptions = true,
        version = "describe-anything 0.1.0",
        sortOptions = false,
        defaultValueProvider = EnvironmentDefaults.class,
        description = {
            "Describes regions of pictures and video behind the OpenAI API.",
            "",
            "Without options it serves the small built-in model on http://127.0.0.1:8000.",
            "Every option can also be given as an environment variable: --kv-memory as DAM_KV_MEMORY.",
            ""
        })
final class Options {
    @Option(
            names = "--model",
            paramLabel = "BUNDLE",
            description = "Folder that scripts/export wrote. Default: the built-in model")
    Optional<Path> model = Optional.empty();

    @Option(
            names = "--segmenter",
            paramLabel = "BUNDLE",
            defaultValue = "none",
            description = "Folder of an exported SAM 2.1 checkpoint, which turns points into masks, or none."
                    + " Default: ${DEFAULT-VALUE}")
    String segmenter = "none";

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}")
    String host = "";

    @Option(names = "--port", defaultValue = "8000", description = "Port to listen on. Default: ${DEFAULT-VALUE}")
    int port;

    @Mixin
    EngineArguments engine = new EngineArguments();

    @Option(
            names = "--max-body",
            paramLabel = "MIB",
            defaultValue = "64",
            description = "Largest request. Default: ${DEFAULT-VALUE}")
    long maxBody;

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            defaultValue = "33554432",
            description = "Most pixels of a picture. Default: ${DEFAULT-VALUE}")
    long maxPixels;

    @Option(
            names = "--max-side",
            paramLabel = "N",
            defaultValue = "16384",
            description = "Most pixels along a side. Default: ${DEFAULT-VALUE}")
    int maxSide;

    @Option(
            names = "--image-hosts",
            paramLabel = "H1,H2",
            split = ",",
            description = "Hosts that pictures may be fetched from, such as example.org,*.example.net; * for every"
                    + " public one. Default: none")
    List<String> imageHosts = List.of();

    @Option(
            names = "--max-image",
            paramLabel = "MIB",
            defaultValue = "20",
            description = "Largest picture that is fetched. Default: ${DEFAULT-VALUE}")
    long maxImage;

    @Option(
            names = "--image-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long fetching a picture may take. Default: ${DEFAULT-VALUE}")
    int imageTimeout;

    @Option(
            names = "--max-answers",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most answers of one request. Default: ${DEFAULT-VALUE}")
    int maxAnswers;

    @Option(
            names = "--max-regions",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most regions of one request. Default: ${DEFAULT-VALUE}")
    int maxRegions;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long a connection may be silent. Default: ${DEFAULT-VALUE}")
    int idleTimeout;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long running answers may take when the server stops. Default: ${DEFAULT-VALUE}")
    int grace;

    @Option(
            names = "--api-keys",
            paramLabel = "K1,K2",
            description = "Keys that clients must send one of; better set as DAM_API_KEYS, where others cannot see it")
    Optional<String> apiKeys = Optional.empty();

    @Option(names = "--api-keys-file", paramLabel = "FILE", description = "The same, one a line")
    Optional<Path> apiKeysFile = Optional.empty();

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            defaultValue = "*",
            description = "Origin whose pages may ask; * for all, none for none. Default: ${DEFAULT-VALUE}")
    String corsOrigin = "*";

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the request log. Default: ${DEFAULT-VALUE}")
    LogFormat logFormat = LogFormat.TEXT;

    /** Forms of the request log. */
    enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = "--missing-mask",
            paramLabel = "refuse|whole",
            defaultValue = "refuse",
            description =
                    "What to do with a picture without alpha when the request names no region: refuse it, or describe"
                            + " all of it. Default: ${DEFAULT-VALUE}")
    MissingMask missingMask = MissingMask.REFUSE;

    @Option(
            names = "--dam-clients",
            description =
                    "Stream lists of parts on /chat/completions, as the published DAM server's own clients read them")
    boolean damClients;

    @Option(
            names = "--check",
            description = "Load the model, answer its built-in picture, say whether that is right, and stop")
    boolean check;

    ServerConfig server() throws IOException {
        var limits = new Limits(
                maxBody << 20, maxAnswers, maxRegions, Duration.ofSeconds(idleTimeout), Limits.DEFAULT.keepAlive());
        return ServerConfig.builder()
                .host(host)
                .port(port)
                .limits(limits)
                .pictures(pictures())
                .remote(RemotePictures.from(imageHosts, Duration.ofSeconds(imageTimeout), maxImage << 20))
                .keys(new ApiKeys(keys()))
                .cors(new Cors(corsOrigin.equals("none") ? "" : corsOrigin))
                .jsonLogs(logFormat == LogFormat.JSON)
                .missingMask(missingMask)
                .listDeltasOnBarePath(damClients)
                .grace(Duration.ofSeconds(grace))
                .build();
    }

    private PictureLimits pictures() {
        try {
            return new PictureLimits(maxPixels, maxSide);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--max-pixels or --max-side is out of range", e);
        }
    }

    private List<String> keys() throws IOException {
        // DAM_API_KEYS= is how compose files say "none"; a list of nothing but commas is a mistake.
        String given = apiKeys.orElse("");
        var keys = new ArrayList<>(List.of(given.split(",")));
        if (!given.isEmpty() && keys.stream().allMatch(String::isBlank)) {
            throw new IllegalArgumentException("--api-keys holds no key");
        }
        if (apiKeysFile.isPresent()) {
            List<String> lines = readKeys(apiKeysFile.get());
            if (lines.stream().allMatch(String::isBlank)) {
                // A secret that is not there yet must not open the server to everybody.
                throw new IllegalArgumentException("The file of --api-keys-file holds no key");
            }
            keys.addAll(lines);
        }
        return keys.stream().map(String::strip).filter(it -> !it.isEmpty()).toList();
    }

    private static List<String> readKeys(Path file) throws IOException {
        try {
            // Some editors put a mark in front of UTF-8 that would become part of the first key.
            return Files.readString(file).replace("\uFEFF", "").lines().toList();
        } catch (IOException e) {
            throw new IOException("The file of --api-keys-file cannot be read: " + e.getMessage(), e);
        }
    }
}
