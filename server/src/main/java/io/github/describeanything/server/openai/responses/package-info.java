/** The Responses API, without anything that is stored. */
@NullMarked
package io.github.describeanything.server.openai.responses;

import org.jspecify.annotations.NullMarked;
