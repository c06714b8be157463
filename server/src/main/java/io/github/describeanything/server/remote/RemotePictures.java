package io.github.describeanything.server.remote;

import io.github.describeanything.server.errors.ApiException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocketFactory;

/**
 * Fetches pictures from other hosts, if it may. Thread-safe.
 *
 * <p>Every hop is checked anew: the URL against the allowed hosts, then all addresses that its host has now, and the
 * connection goes to one of these very addresses, so that a name which changes its mind in between gains nothing. What a
 * client is told does not depend on what answers behind an address that it may not ask.
 */
public final class RemotePictures {
    private static final int MOST_REDIRECTS = 3;

    private final AllowedHosts hosts;
    private final Resolver resolver;
    private final Predicate<InetAddress> reachable;
    private final SSLSocketFactory tls;
    private final Duration patience;
    private final long bytes;

    /**
     * @param hosts from where; none fetches nothing
     * @param reachable which addresses may be connected to
     * @param patience for a picture, from the first look-up to its last byte
     * @param bytes of a picture at most
     */
    public RemotePictures(
            List<String> hosts,
            Resolver resolver,
            Predicate<InetAddress> reachable,
            SSLSocketFactory tls,
            Duration patience,
            long bytes) {
        if (patience.compareTo(Duration.ofMillis(1)) < 0 || bytes < 1) {
            throw new IllegalArgumentException("--image-timeout and --max-image must be at least 1");
        }
        this.hosts = new AllowedHosts(hosts);
        this.resolver = resolver;
        this.reachable = reachable;
        this.tls = tls;
        this.patience = patience;
        this.bytes = bytes;
    }

    /** From these hosts, wherever they are on the public Internet. */
    public static RemotePictures from(List<String> hosts, Duration patience, long bytes) {
        return new RemotePictures(
                hosts,
                Resolver.ofSystem(),
                PublicAddress::is,
                (SSLSocketFactory) SSLSocketFactory.getDefault(),
                patience,
                bytes);
    }

    /** From nowhere. */
    public static RemotePictures none() {
        return from(List.of(), Duration.ofSeconds(10), 20 << 20);
    }

    /**
     * Fetches a picture and waits for it.
     *
     * @param param the field that holds the URL
     * @throws ApiException 400 if it may not be fetched, or cannot be
     */
    public byte[] fetch(String url, String param) {
        if (hosts.none()) {
            throw ApiException.badRequest(
                    param,
                    "remote_images_disabled",
                    "Pictures must be data URLs, data:image/png;base64,…; this server fetches none from other addresses");
        }
        long deadline = System.nanoTime() + patience.toNanos();
        RemoteUrl next = allowed(RemoteUrl.parse(url), param);
        try {
            for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
                RemoteUrl here = next;
                List<InetAddress> addresses = addresses(here.host(), deadline, param);
                HttpAnswer answer = HttpGet.send(here, addresses, tls, deadline, bytes);
                if (answer.location().isEmpty()) {
                    return answer.body();
                }
                next = allowed(answer.location().flatMap(here::resolve), param);
                if (here.secure() && !next.secure()) {
                    throw notAllowed(param);
                }
            }
        } catch (TooLargeException e) {
            throw ApiException.badRequest(
                    param,
                    "image_too_large",
                    "The picture is larger than the %d bytes that are fetched".formatted(bytes));
        } catch (IOException e) {
            throw unavailable(param);
        }
        throw unavailable(param);
    }

    private RemoteUrl allowed(Optional<RemoteUrl> url, String param) {
        return url.filter(hosts::allow).orElseThrow(() -> notAllowed(param));
    }

    /** One that may not be reached spoils all, since nobody has a public and a private address under one name. */
    private List<InetAddress> addresses(String host, long deadline, String param) throws IOException {
        var lookUp = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return resolver.resolve(host);
                    } catch (IOException e) {
                        return List.<InetAddress>of();
                    }
                },
                Thread::startVirtualThread);
        try {
            List<InetAddress> addresses = lookUp.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (!addresses.stream().allMatch(reachable)) {
                throw notAllowed(param);
            }
            return addresses;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no address", e);
        }
    }

    private static ApiException notAllowed(String param) {
        return ApiException.badRequest(
                param, "image_url_not_allowed", "This server does not fetch pictures from this address");
    }

    private static ApiException unavailable(String param) {
        return ApiException.badRequest(param, "image_unavailable", "The picture could not be fetched from its address");
    }
}
