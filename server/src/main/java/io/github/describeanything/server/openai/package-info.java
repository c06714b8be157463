/** What OpenAI's wire forms share: fields, errors, usage, and the request handler. */
@NullMarked
package io.github.describeanything.server.openai;

import org.jspecify.annotations.NullMarked;
