package io.github.describeanything.server.service;

/**
 * A picture or a video of a request. Immutable.
 *
 * @param url a data URL, or the address of a remote file
 * @param param its path in the request, such as {@code messages[0].content[1].image_url}
 */
public record ImageReference(String url, String param) {}
