package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.pictures.RemotePictures;
import io.github.describeanything.server.service.MissingMask;
import io.github.describeanything.server.service.VideoStreams;
import io.github.describeanything.server.video.VideoOptions;
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

/** The server's command line; every option may also be set by an environment variable. Used by one thread. */
@Command(
        name = "describe-anything",
        mixinStandardHelpOptions = true,
        version = "describe-anything 0.1.0",
        sortOptions = false,
        defaultValueProvider = EnvironmentDefaults.class,
        description = {
            "Serves the Describe Anything Model behind the OpenAI API.",
            "",
            "Without options it serves the small built-in model on http://127.0.0.1:8000.",
            "Every option can also be set by an environment variable, for example --kv-memory by DAM_KV_MEMORY.",
            ""
        })
final class Options {
    @Option(
            names = "--model",
            paramLabel = "[NAME=]BUNDLE",
            split = ",",
            defaultValue = ModelArgument.BUILT_IN,
            converter = ModelArgument.Converter.class,
            description =
                    "Bundle to serve, a folder written by scripts/export, or built-in. For several models repeat it, or"
                            + " separate bundles by commas; requests without a model's name get the first. NAME replaces the name"
                            + " in the bundle. Default: ${DEFAULT-VALUE}")
    List<ModelArgument> models = List.of();

    @Option(
            names = "--segmenter",
            paramLabel = "BUNDLE",
            description = "Bundle that turns points into masks, a folder of an exported SAM 2.1 checkpoint, or none."
                    + " Default: the built-in one")
    Optional<String> segmenter = Optional.empty();

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; 0.0.0.0 for all interfaces. Default: ${DEFAULT-VALUE}")
    String host = "";

    @Option(names = "--port", defaultValue = "8000", description = "Port to listen on. Default: ${DEFAULT-VALUE}")
    int port;

    @Mixin
    EngineArguments engine = new EngineArguments();

    @Option(
            names = "--max-body",
            paramLabel = "MIB",
            defaultValue = "64",
            description = "Maximum size of a request. Default: ${DEFAULT-VALUE}")
    long maxBody;

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            defaultValue = "33554432",
            description = "Maximum pixels of a picture. Default: ${DEFAULT-VALUE}")
    long maxPixels;

    @Option(
            names = "--max-side",
            paramLabel = "N",
            defaultValue = "16384",
            description = "Maximum width and height of a picture. Default: ${DEFAULT-VALUE}")
    int maxSide;

    @Option(
            names = "--image-hosts",
            paramLabel = "H1,H2",
            split = ",",
            description = "Hosts to fetch pictures from, such as example.org,*.example.net; * for all public hosts."
                    + " Default: none")
    List<String> imageHosts = List.of();

    @Option(
            names = "--max-image",
            paramLabel = "MIB",
            defaultValue = "20",
            description = "Maximum size of a fetched picture. Default: ${DEFAULT-VALUE}")
    long maxImage;

    @Option(
            names = "--image-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Timeout for fetching a picture. Default: ${DEFAULT-VALUE}")
    int imageTimeout;

    @Option(
            names = "--ffmpeg",
            paramLabel = "PATH",
            defaultValue = VideoOptions.AUTO,
            description =
                    "The ffmpeg program that decodes videos, version 6 or later; auto: the one in this program, else"
                            + " the one on the PATH; none: refuse videos. Default: ${DEFAULT-VALUE}")
    String ffmpeg = VideoOptions.AUTO;

    @Option(
            names = "--video-fps",
            paramLabel = "N",
            defaultValue = "4",
            description = "Maximum frames per second that are sampled from a video. Default: ${DEFAULT-VALUE}")
    double videoFps;

    @Option(
            names = "--max-video",
            paramLabel = "MIB",
            defaultValue = "64",
            description = "Maximum size of a video. Default: ${DEFAULT-VALUE}")
    long maxVideo;

    @Option(
            names = "--video-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Maximum time to decode a video. Default: ${DEFAULT-VALUE}")
    int videoTimeout;

    @Option(
            names = "--max-answers",
            paramLabel = "N",
            defaultValue = "64",
            description = "Maximum answers per request. Default: ${DEFAULT-VALUE}")
    int maxAnswers;

    @Option(
            names = "--max-regions",
            paramLabel = "N",
            defaultValue = "64",
            description = "Maximum regions per request. Default: ${DEFAULT-VALUE}")
    int maxRegions;

    @Option(
            names = "--max-frames",
            paramLabel = "N",
            defaultValue = "64",
            description =
                    "Maximum frames of a video that is tracked; needs --segmenter, or a model that tracks. Default: ${DEFAULT-VALUE}")
    int maxFrames;

    @Option(
            names = "--max-streams",
            paramLabel = "N",
            defaultValue = "16",
            description = "Streams at /v1/video/streams that are open at once. Default: ${DEFAULT-VALUE}")
    int maxStreams;

    @Option(
            names = "--stream-idle",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long a stream stays open without a segment. Default: ${DEFAULT-VALUE}")
    int streamIdle;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long a connection may be idle. Default: ${DEFAULT-VALUE}")
    int idleTimeout;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long running answers may take at shutdown. Default: ${DEFAULT-VALUE}")
    int grace;

    @Option(
            names = "--api-keys",
            paramLabel = "K1,K2",
            description = "API keys; clients must send one of them. Prefer DAM_API_KEYS, which other users cannot see")
    Optional<String> apiKeys = Optional.empty();

    @Option(
            names = "--api-keys-file",
            paramLabel = "FILE",
            description = "File with API keys, one per line; # begins a comment line")
    Optional<Path> apiKeysFile = Optional.empty();

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            defaultValue = "*",
            description = "Allowed CORS origin; * for all, none for none. Default: ${DEFAULT-VALUE}")
    String corsOrigin = "*";

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Format of the request log. Default: ${DEFAULT-VALUE}")
    LogFormat logFormat = LogFormat.TEXT;

    /** Formats of the request log. */
    enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = "--missing-mask",
            paramLabel = "refuse|whole",
            defaultValue = "refuse",
            description =
                    "For pictures without an alpha channel in requests without regions: refuse them, or describe the whole"
                            + " picture. Default: ${DEFAULT-VALUE}")
    MissingMask missingMask = MissingMask.REFUSE;

    @Option(
            names = "--dam-clients",
            description = "Stream lists of parts on /chat/completions, for clients of the published DAM server")
    boolean damClients;

    @Option(names = "--check", description = "Load the model, compare its answer to the bundle's golden case, and exit")
    boolean check;

    ServerConfig server() throws IOException {
        var limits = new Limits(
                maxBody << 20,
                maxAnswers,
                maxRegions,
                maxFrames,
                Duration.ofSeconds(idleTimeout),
                Limits.DEFAULT.keepAlive());
        return ServerConfig.builder()
                .host(host)
                .port(port)
                .limits(limits)
                .streams(new VideoStreams.Limits(maxStreams, Duration.ofSeconds(streamIdle)))
                .pictures(pictures())
                .remote(RemotePictures.from(imageHosts, Duration.ofSeconds(imageTimeout), maxImage << 20))
                .videos(new VideoOptions(ffmpeg, videoFps, maxVideo << 20, Duration.ofSeconds(videoTimeout)))
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
        // An empty DAM_API_KEYS means no keys, as in compose files; a list of only commas is a mistake.
        String given = apiKeys.orElse("");
        var keys = new ArrayList<>(List.of(given.split(",")));
        if (!given.isEmpty() && keys.stream().allMatch(String::isBlank)) {
            throw new IllegalArgumentException("--api-keys contains no key");
        }
        if (apiKeysFile.isPresent()) {
            List<String> lines = readKeys(apiKeysFile.get());
            if (lines.stream().allMatch(String::isBlank)) {
                // A secret that is not mounted yet must not make the server public.
                throw new IllegalArgumentException("The file of --api-keys-file contains no key");
            }
            keys.addAll(lines);
        }
        return keys.stream().map(String::strip).filter(it -> !it.isEmpty()).toList();
    }

    private static List<String> readKeys(Path file) throws IOException {
        try {
            // Some editors write a byte order mark, which would become part of the first key.
            return Files.readString(file)
                    .replace("\uFEFF", "")
                    .lines()
                    // A comment as a key could be guessed.
                    .filter(it -> !it.strip().startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new IOException("The file of --api-keys-file cannot be read: " + e.getMessage(), e);
        }
    }
}
