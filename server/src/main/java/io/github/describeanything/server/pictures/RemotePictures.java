package io.github.describeanything.server.pictures;

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
 * Fetches pictures and videos from allowed hosts. Thread-safe.
 *
 * <p>Every hop is checked: the URL against the allowed hosts, then all addresses of its host. The connection goes to
 * one of the checked addresses, which prevents DNS rebinding. Error messages do not reveal what is at a forbidden
 * address.
 */
public final class RemotePictures {
    private static final int MAX_REDIRECTS = 3;

    private final AllowedHosts hosts;
    private final Resolver resolver;
    private final Predicate<InetAddress> reachable;
    private final SSLSocketFactory tls;
    private final Duration patience;
    private final long bytes;

    /**
     * @param hosts allowed hosts; empty disables fetching
     * @param reachable decides which addresses may be connected to
     * @param patience timeout for a picture or video, from the DNS lookup to the last byte
     * @param bytes maximum bytes of a picture
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

    /** Fetches from these hosts, at public addresses only. */
    public static RemotePictures from(List<String> hosts, Duration patience, long bytes) {
        return new RemotePictures(
                hosts,
                Resolver.ofSystem(),
                PublicAddress::is,
                (SSLSocketFactory) SSLSocketFactory.getDefault(),
                patience,
                bytes);
    }

    /** Fetches nothing. */
    public static RemotePictures none() {
        return from(List.of(), Duration.ofSeconds(10), 20 << 20);
    }

    /**
     * Fetches a picture. Blocks.
     *
     * @param param the field that holds the URL
     * @throws ApiException 400 if it is not allowed or cannot be fetched
     */
    public byte[] fetch(String url, String param) {
        return fetch(url, param, Media.PICTURE, bytes);
    }

    /** Fetches a picture or a video. @param bytes maximum bytes of it */
    byte[] fetch(String url, String param, Media media, long bytes) {
        if (hosts.none()) {
            throw ApiException.badRequest(
                    param,
                    "remote_images_disabled",
                    "This server does not fetch %ss; send them as data URLs: %s"
                            .formatted(media.noun(), media.dataUrl()));
        }
        long deadline = System.nanoTime() + patience.toNanos();
        RemoteUrl next = allowed(RemoteUrl.parse(url), param, media);
        try {
            for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
                RemoteUrl here = next;
                List<InetAddress> addresses = addresses(here.host(), deadline, param, media);
                HttpAnswer answer = HttpGet.send(here, addresses, tls, deadline, media.accepted(), bytes);
                if (answer.location().isEmpty()) {
                    return answer.body();
                }
                next = allowed(answer.location().flatMap(here::resolve), param, media);
                if (here.secure() && !next.secure()) {
                    throw notAllowed(param, media);
                }
            }
        } catch (TooLargeException e) {
            throw ApiException.badRequest(
                    param,
                    media == Media.VIDEO ? "video_too_large" : "image_too_large",
                    "The %1$s is larger than %2$d bytes, the limit for fetched %1$ss".formatted(media.noun(), bytes));
        } catch (IOException e) {
            throw unavailable(param, media);
        }
        throw unavailable(param, media);
    }

    private RemoteUrl allowed(Optional<RemoteUrl> url, String param, Media media) {
        return url.filter(hosts::allow).orElseThrow(() -> notAllowed(param, media));
    }

    /** Refuses a host if any of its addresses is not allowed: no legitimate host mixes public and private addresses. */
    private List<InetAddress> addresses(String host, long deadline, String param, Media media) throws IOException {
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
                throw notAllowed(param, media);
            }
            return addresses;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no address", e);
        }
    }

    private static ApiException notAllowed(String param, Media media) {
        return ApiException.badRequest(
                param,
                "image_url_not_allowed",
                "This server does not fetch %ss from this address".formatted(media.noun()));
    }

    private static ApiException unavailable(String param, Media media) {
        return ApiException.badRequest(
                param, "image_unavailable", "The %s could not be fetched from its URL".formatted(media.noun()));
    }
}
