/** Chat completions: a request reader, and writers for whole and streamed answers. */
@NullMarked
package io.github.describeanything.server.openai.chat;

import org.jspecify.annotations.NullMarked;
