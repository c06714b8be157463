package io.github.describeanything.server.openai;

import io.github.describeanything.server.service.DescribeCommand;

/**
 * A request as it was read. Immutable.
 *
 * @param stream whether the answer is written as it is generated
 * @param writer writes the answer; holds nothing of the pictures, since answers may take long
 */
public record WireRequest(DescribeCommand command, boolean stream, WireWriter writer) {}
