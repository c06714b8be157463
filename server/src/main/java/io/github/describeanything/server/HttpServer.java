package io.github.describeanything.server;

import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.http.BodyReader;
import io.github.describeanything.server.http.ErrorResponder;
import io.github.describeanything.server.http.PlainHttp;
import io.github.describeanything.server.http.ProtocolErrors;
import io.github.describeanything.server.http.SlowHeads;
import io.github.describeanything.server.openai.AnswerHandler;
import io.github.describeanything.server.openai.CommandReader;
import io.github.describeanything.server.openai.ModelList;
import io.github.describeanything.server.openai.OpenApi;
import io.github.describeanything.server.openai.RegionsReader;
import io.github.describeanything.server.openai.WireReader;
import io.github.describeanything.server.openai.chat.ChatReader;
import io.github.describeanything.server.openai.responses.ResponsesReader;
import io.github.describeanything.server.openai.segment.SegmentationHandler;
import io.github.describeanything.server.openai.segment.SegmentationReader;
import io.github.describeanything.server.openai.streams.SegmentHandler;
import io.github.describeanything.server.openai.streams.SegmentReader;
import io.github.describeanything.server.operations.Metrics;
import io.github.describeanything.server.operations.Readiness;
import io.github.describeanything.server.operations.RequestFilter;
import io.github.describeanything.server.operations.RequestLog;
import io.github.describeanything.server.page.Page;
import io.github.describeanything.server.pictures.PictureLoader;
import io.github.describeanything.server.service.Clips;
import io.github.describeanything.server.service.Describe;
import io.github.describeanything.server.service.ModelNames;
import io.github.describeanything.server.service.NamedModel;
import io.github.describeanything.server.service.Segments;
import io.github.describeanything.server.service.VideoStreams;
import io.github.describeanything.server.video.Videos;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Handler;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server. Thread-safe. It listens from the start; until {@link #serve} hands it a loaded model, {@code /health}
 * is 200 and everything else is 503 with code {@code loading}.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    private static final int WARM_UP_SCRAPES = 30;
    private static final Duration LAST_BYTES = Duration.ofSeconds(1);

    private final ServerConfig config;
    private final Readiness readiness = new Readiness();
    private final Metrics metrics = new Metrics(readiness);
    private final GracefulHandler graceful = new GracefulHandler();
    private final Routes routes;
    private final Javalin app;
    private volatile Optional<Serving> serving = Optional.empty();

    private record Serving(
            List<NamedModel> models, Describe describe, Optional<Segmenter> segmenter, Optional<Segments> segments) {}

    private HttpServer(ServerConfig config) {
        this.config = config;
        var filter = new RequestFilter(
                metrics, readiness, config.keys(), config.cors(), new RequestLog(config.jsonLogs()), Routes::inference);
        routes = new Routes(filter, readiness, metrics, config.cors(), new Page());
        app = Javalin.create(this::configure);
    }

    /** Starts listening, without a model. @throws UncheckedIOException if the address is not available */
    public static HttpServer start(ServerConfig config) {
        requireFree(config);
        var server = new HttpServer(config);
        server.app.start();
        return server;
    }

    /** Checked first, because Javalin logs a stack trace for an address in use. */
    private static void requireFree(ServerConfig config) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(config.host(), config.port()));
        } catch (IOException e) {
            var reason = "Cannot listen on %s:%d: %s".formatted(config.host(), config.port(), e.getMessage());
            throw new UncheckedIOException(new IOException(reason, e));
        }
    }

    /** Starts listening and serves a loaded model. The caller still owns the model. */
    public static HttpServer start(ServerConfig config, DescribeAnything model) {
        return start(config, model, Optional.empty());
    }

    /** The same with a segmenter, which stays the caller's too. */
    public static HttpServer start(ServerConfig config, DescribeAnything model, Optional<Segmenter> segmenter) {
        return start(config, List.of(NamedModel.of(model)), segmenter);
    }

    /** The same with several models, the default one first. */
    public static HttpServer start(ServerConfig config, List<NamedModel> models, Optional<Segmenter> segmenter) {
        HttpServer server = start(config);
        server.serve(models, segmenter);
        return server;
    }

    /**
     * Serves loaded models, the default one first, and a segmenter from now on. Call it once; the caller still owns them.
     *
     * @throws IllegalArgumentException if two models have one name
     */
    public void serve(List<NamedModel> models, Optional<Segmenter> segmenter) {
        Limits limits = config.limits();
        var pictures = new PictureLoader(new PictureReader(config.pictures()), config.remote());
        var videos = new Videos(config.videos(), limits.frames(), config.pictures());
        var describe = new Describe(models, pictures, videos, limits.answers(), limits.frames(), segmenter.isPresent());
        ModelNames names = describe.names();
        var bodies = new BodyReader(limits.bodyBytes(), limits.idle());
        Function<WireReader, Handler> handler = it -> new AnswerHandler(describe, it, bodies, limits.keepAlive());
        var regions = new RegionsReader(limits.regions(), pictures.reader(), segmenter);
        var commands = new CommandReader(regions, config.missingMask());
        var clips = new Clips(models.getFirst().model(), pictures, videos, 1);
        Optional<Segments> segments =
                segmenter.map(it -> new Segments(models.getFirst().model(), it, clips));
        models.forEach(metrics::watch);
        metrics.watch(videos);
        segmenter.ifPresent(metrics::watch);
        // The first scrapes run cold code and would exceed a scraper's timeout.
        for (int i = 0; i < WARM_UP_SCRAPES; i++) {
            metrics.scrape();
        }
        var streams = new SegmentHandler(
                new VideoStreams(config.streams()), it -> handler.apply(new SegmentReader(commands, describe, it)));
        routes.serve(new Routes.Endpoints(
                names,
                ModelList.of(
                        names, models, EmbeddedBundle::holds, segmenter.isPresent(), System.currentTimeMillis() / 1000),
                new OpenApi(mostAnswers(models), limits.regions(), limits.frames()),
                handler.apply(new ChatReader(limits.answers(), commands, false)),
                handler.apply(new ChatReader(limits.answers(), commands, config.listDeltasOnBarePath())),
                handler.apply(new ResponsesReader(commands)),
                new SegmentationHandler(
                        segments,
                        new SegmentationReader(limits.regions(), limits.frames()),
                        bodies,
                        limits.keepAlive()),
                streams));
        serving = Optional.of(new Serving(models, describe, segmenter, segments));
        readiness.loaded();
    }

    /** Of a request to the model that accepts the most. */
    private long mostAnswers(List<NamedModel> models) {
        long most = models.stream()
                .mapToLong(it -> it.model().stats().permits())
                .max()
                .orElseThrow();
        return Math.min(config.limits().answers(), most);
    }

    private void configure(JavalinConfig javalin) {
        javalin.startup.showJavalinBanner = false;
        javalin.http.compressionStrategy = CompressionStrategy.NONE;
        javalin.http.prefer405over404 = true;
        javalin.router.javaLangErrorHandler(ErrorResponder::respond);
        javalin.http.maxRequestSize = config.limits().bodyBytes();
        javalin.jetty.threadPool = threads();
        var slowHeads = new SlowHeads(config.limits().head());
        javalin.jetty.addConnector((server, http) -> connector(server, http, slowHeads));
        javalin.jetty.modifyServer(server -> {
            server.setErrorHandler(new ProtocolErrors());
            server.setStopTimeout(1_000);
            server.insertHandler(new PlainHttp());
            server.insertHandler(slowHeads.handler());
            server.insertHandler(graceful);
        });
        routes.register(javalin.routes);
    }

    /** Handlers run on virtual threads, one per request. */
    private static QueuedThreadPool threads() {
        var pool = new QueuedThreadPool();
        pool.setName("http");
        pool.setVirtualThreadsExecutor(new VirtualThreadPool(0));
        return pool;
    }

    private ServerConnector connector(Server server, HttpConfiguration http, SlowHeads slowHeads) {
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setOutputBufferSize(4096);
        http.setInputBufferSize(4096);
        http.setRequestHeaderSize(16 << 10);
        var connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(config.limits().idle().toMillis());
        connector.setAcceptQueueSize(1024);
        // Close idle connections before Jetty warns about them at shutdown.
        connector.setShutdownIdleTimeout(200);
        // Small, so that a client that stops reading blocks the writer before the kernel buffers megabytes.
        connector.setAcceptedSendBufferSize(16 << 10);
        connector.addBean(slowHeads);
        return connector;
    }

    /** The routes, such as {@code GET /health}. */
    List<String> routes() {
        return app.unsafe.internalRouter.allHttpHandlers().stream()
                .map(it -> it.endpoint.method.name() + " " + it.endpoint.path)
                .filter(it -> !it.startsWith("BEFORE") && !it.startsWith("AFTER"))
                .toList();
    }

    /** The port that the server listens on. */
    public int port() {
        return app.port();
    }

    /**
     * Refuses new requests and lets running ones finish within the grace time; {@code /health} and {@code /metrics}
     * stay available. May be called again.
     */
    public void drain() {
        readiness.drain();
        // The model refuses new requests with an API error; Jetty's graceful handler would refuse health checks, too.
        long end = System.nanoTime() + config.grace().toNanos();
        serving.ifPresent(it -> {
            // All refuse new requests before the first is waited for.
            it.models().forEach(each -> each.model().drain(Duration.ZERO));
            boolean all = true;
            for (NamedModel each : it.models()) {
                all &= each.model().drain(left(end));
            }
            if (!all) {
                it.describe().end();
            }
            // Descriptions of things that were clicked on need the segmenter, so it drains last.
            if (!it.segmenter().map(segmenter -> segmenter.drain(left(end))).orElse(true)) {
                it.segments().ifPresent(Segments::end);
            }
        });
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /** Drains, then stops listening. May be called again. */
    @Override
    public void close() {
        long end = System.nanoTime() + config.grace().toNanos();
        drain();
        try {
            while (graceful.getCurrentRequestCount() > 0 && end - System.nanoTime() > 0) {
                Thread.sleep(5);
            }
            graceful.shutdown().get(LAST_BYTES.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Responses still being written are cut off.
        }
        closeConnections();
        try {
            app.stop();
        } catch (JavalinException e) {
            LOG.debug("Stopped before every connection had closed", e);
        }
        metrics.close();
    }

    /** Open keep-alive connections would delay the stop. */
    private void closeConnections() {
        for (Connector connector : app.jettyServer().server().getConnectors()) {
            connector.getConnectedEndPoints().forEach(EndPoint::close);
        }
    }
}
