/** The Responses API, stateless. */
@NullMarked
package io.github.describeanything.server.openai.responses;

import org.jspecify.annotations.NullMarked;
