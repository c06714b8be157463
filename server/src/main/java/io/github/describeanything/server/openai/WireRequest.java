package io.github.describeanything.server.openai;

import io.github.describeanything.server.service.DescribeCommand;

/**
 * A parsed request. Immutable.
 *
 * @param stream whether to stream the answer
 * @param writer writes the answer; must not hold pictures, because answers may take long
 */
public record WireRequest(DescribeCommand command, boolean stream, WireWriter writer) {}
