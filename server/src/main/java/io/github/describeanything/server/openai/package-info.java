/** What all of OpenAI's wire forms share: fields, errors by field name, usage, and the handler that runs a form. */
@NullMarked
package io.github.describeanything.server.openai;

import org.jspecify.annotations.NullMarked;
