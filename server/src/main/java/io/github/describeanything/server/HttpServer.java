package io.github.describeanything.server;

import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.chat.ChatCompletions;
import io.github.describeanything.server.errors.ErrorResponder;
import io.github.describeanything.server.errors.ProtocolErrors;
import io.github.describeanything.server.operations.Gate;
import io.github.describeanything.server.operations.Metrics;
import io.github.describeanything.server.operations.Readiness;
import io.github.describeanything.server.operations.RequestLog;
import io.github.describeanything.server.page.Page;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

/** The running server. Thread-safe. Closing it lets running answers finish first. */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    private static final int WARM_SCRAPES = 30;
    private static final Duration LAST_BYTES = Duration.ofSeconds(1);

    private final Javalin app;
    private final GracefulHandler graceful;
    private final Readiness readiness;
    private final Metrics metrics;
    private final DescribeAnything model;
    private final ChatCompletions chat;
    private final Duration grace;

    private HttpServer(
            Javalin app,
            GracefulHandler graceful,
            Readiness readiness,
            Metrics metrics,
            DescribeAnything model,
            ChatCompletions chat,
            Duration grace) {
        this.app = app;
        this.metrics = metrics;
        this.graceful = graceful;
        this.readiness = readiness;
        this.model = model;
        this.chat = chat;
        this.grace = grace;
    }

    /** Starts to listen. The model stays the caller's. */
    public static HttpServer start(ServerConfig config, DescribeAnything model) {
        return start(config, model, () -> {});
    }

    /** The same; {@code port} is told when all is ready but for the port, which it may hold until then. */
    static HttpServer start(ServerConfig config, DescribeAnything model, Runnable port) {
        var readiness = new Readiness();
        var metrics = new Metrics(model, readiness);
        var names = ModelNames.of(model.manifest().name());
        var chat = new ChatCompletions(
                model,
                names,
                config.limits(),
                new PictureReader(config.pictures()),
                config.remote(),
                config.missingMask(),
                config.listDeltasOnBarePath());
        var gate = new Gate(metrics, config.keys(), config.cors(), new RequestLog(config.jsonLogs()));
        var models = ModelList.of(names, model.manifest(), model.context(), System.currentTimeMillis() / 1000);
        var openApi = new OpenApi(
                Math.min(config.limits().answers(), model.load().places()),
                config.limits().regions());
        var routes = new Routes(chat, names, models, openApi, metrics, readiness, gate, config.cors(), new Page());
        var graceful = new GracefulHandler();
        Javalin app = Javalin.create(it -> configure(it, config, routes, graceful));
        // Code that has not run yet is slow: the first pages would take longer than whoever reads them may wait.
        for (int i = 0; i < WARM_SCRAPES; i++) {
            metrics.scrape();
        }
        port.run();
        app.start();
        return new HttpServer(app, graceful, readiness, metrics, model, chat, config.grace());
    }

    private static void configure(JavalinConfig javalin, ServerConfig config, Routes routes, GracefulHandler graceful) {
        javalin.startup.showJavalinBanner = false;
        javalin.http.compressionStrategy = CompressionStrategy.NONE;
        javalin.http.prefer405over404 = true;
        javalin.router.javaLangErrorHandler(ErrorResponder::respond);
        javalin.http.maxRequestSize = config.limits().bodyBytes();
        javalin.jetty.threadPool = threads();
        var slowHeads = new SlowHeads(config.limits().head());
        javalin.jetty.addConnector((server, http) -> connector(server, http, config, slowHeads));
        javalin.jetty.modifyServer(server -> {
            server.setErrorHandler(new ProtocolErrors());
            server.setStopTimeout(1_000);
            server.insertHandler(new PlainHttp());
            server.insertHandler(slowHeads.handler());
            server.insertHandler(graceful);
        });
        routes.register(javalin.routes);
    }

    /** Handlers run on virtual threads, as many as there are requests. */
    static QueuedThreadPool threads() {
        var pool = new QueuedThreadPool();
        pool.setName("http");
        pool.setVirtualThreadsExecutor(new VirtualThreadPool(0));
        return pool;
    }

    static ServerConnector connector(Server server, HttpConfiguration http, ServerConfig config, SlowHeads slowHeads) {
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
        // When it stops, connections that nobody speaks on are closed well before Jetty would complain of them.
        connector.setShutdownIdleTimeout(200);
        // Small, so that a client that stops reading is felt before megabytes lie in the kernel.
        connector.setAcceptedSendBufferSize(16 << 10);
        connector.addBean(slowHeads);
        return connector;
    }

    /**
     * Tries whether the address can be listened on, before a model is loaded for nothing.
     *
     * @throws IOException if it cannot
     */
    static void requireFree(ServerConfig config) throws IOException {
        var address = new InetSocketAddress(config.host(), config.port());
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            throw new IOException(
                    "%s:%d cannot be listened on: %s".formatted(config.host(), config.port(), e.getMessage()), e);
        }
    }

    /** What is still open belongs to clients that may ask again some time; stopping would wait for them. */
    private void closeConnections() {
        for (Connector connector : app.jettyServer().server().getConnectors()) {
            connector.getConnectedEndPoints().forEach(EndPoint::close);
        }
    }

    /** What it answers, such as {@code GET /health}. */
    List<String> routes() {
        return app.unsafe.internalRouter.allHttpHandlers().stream()
                .map(it -> it.endpoint.method.name() + " " + it.endpoint.path)
                .filter(it -> !it.startsWith("BEFORE") && !it.startsWith("AFTER"))
                .toList();
    }

    /** The port that it listens on. */
    public int port() {
        return app.port();
    }

    /** Takes no new work, lets running answers finish within the grace time, then stops. */
    @Override
    public void close() {
        long end = System.nanoTime() + grace.toNanos();
        readiness.drain();
        // Jetty's own handler would refuse all paths, in its own words. The model refuses questions alone, in the API's
        // words, so that health and metrics go on; Jetty only waits for the last bytes on their way.
        if (!model.drain(grace)) {
            chat.end();
        }
        try {
            // From here on it would refuse health, too: only for the last bytes.
            while (graceful.getCurrentRequestCount() > 0 && end - System.nanoTime() > 0) {
                Thread.sleep(5);
            }
            graceful.shutdown().get(LAST_BYTES.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // What cannot be told any more is cut off now.
        }
        closeConnections();
        try {
            app.stop();
        } catch (JavalinException e) {
            // Connections that were cut off are no reason to fail: nobody waits on them any more.
            LOG.debug("Stopped before every connection had closed", e);
        }
        metrics.close();
    }
}
