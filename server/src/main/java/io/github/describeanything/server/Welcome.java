package io.github.describeanything.server;

import io.github.describeanything.server.service.NamedModel;
import java.util.List;
import java.util.stream.Collectors;

/** The text that the server prints when it is ready. Stateless. */
final class Welcome {
    private Welcome() {}

    static String text(String host, int port, List<NamedModel> models) {
        String name = host.equals("0.0.0.0") ? "127.0.0.1" : host.matches("[^\\[].*:.*") ? "[" + host + "]" : host;
        String address = "http://%s:%d".formatted(name, port);
        return """

                %s
                Page:  %s/
                API:   %s/v1   (POST /v1/chat/completions, GET /v1/models)

                Describe a region of the sample picture, from the repository's folder:

                  curl -sN %s/v1/chat/completions -H 'Content-Type: application/json' -d @- <<EOF
                  {"model": "%s", "stream": true, "temperature": 0, "messages": [{"role": "user", "content": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,$(base64 < docs/sample/sample-1.png | tr -d '\\n')"}},
                    {"type": "text", "text": "Describe the masked region in detail."}]}]}
                  EOF
                """.formatted(
                        models.stream().map(Welcome::summary).collect(Collectors.joining("\n")),
                        address,
                        address,
                        address,
                        models.getFirst().name());
    }

    private static String summary(NamedModel it) {
        String own = it.model().manifest().name();
        return (it.name().equals(own) ? "" : it.name() + " is ") + it.model().summary();
    }
}
