package io.github.describeanything.server.pictures;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sends a GET on its own connection, to an address that was resolved and checked before. Stateless.
 *
 * <p>The JDK's HTTP client resolves names itself and might connect to another address than the checked one. Here the
 * name is used only in the Host header, in TLS's server name, and for the certificate check.
 */
final class HttpGet {
    private HttpGet() {}

    /**
     * Sends the request and reads the response.
     *
     * @param deadline in {@link System#nanoTime}; the connection is closed when it passes
     * @param accepted media types
     * @param bytes maximum bytes of the body
     */
    static HttpAnswer send(
            RemoteUrl url,
            List<InetAddress> addresses,
            SSLSocketFactory tls,
            long deadline,
            String accepted,
            long bytes)
            throws IOException {
        IOException failure = new IOException("no address");
        for (InetAddress address : addresses) {
            var socket = new Socket();
            Thread watch = Thread.startVirtualThread(() -> closeAt(deadline, socket));
            try {
                socket.connect(new InetSocketAddress(address, url.port()));
            } catch (IOException e) {
                watch.interrupt();
                failure = e;
                continue;
            }
            try (Socket connection = url.secure() ? secured(socket, url, tls) : socket) {
                connection.getOutputStream().write(request(url, accepted));
                connection.getOutputStream().flush();
                return HttpAnswer.read(connection.getInputStream(), bytes);
            } finally {
                watch.interrupt();
                socket.close();
            }
        }
        throw failure;
    }

    private static Socket secured(Socket socket, RemoteUrl url, SSLSocketFactory tls) throws IOException {
        var secured = (SSLSocket) tls.createSocket(socket, url.host(), url.port(), true);
        var parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setServerNames(List.of(new SNIHostName(url.host())));
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static byte[] request(RemoteUrl url, String accepted) {
        return """
            GET %s HTTP/1.1\r
            Host: %s\r
            User-Agent: describe-anything\r
            Accept: %s\r
            Accept-Encoding: identity\r
            Connection: close\r
            \r
            """.formatted(url.target(), url.authority(), accepted).getBytes(StandardCharsets.US_ASCII);
    }

    /** A read timeout would restart with every byte received. */
    private static void closeAt(long deadline, Socket socket) {
        try {
            Thread.sleep(Math.max(0, (deadline - System.nanoTime()) / 1_000_000));
            socket.close();
        } catch (InterruptedException | IOException e) {
            // The request has ended; ignore the failure.
        }
    }
}
