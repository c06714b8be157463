/** Chat completions: a reader of requests and writers of answers, whole and streamed. */
@NullMarked
package io.github.describeanything.server.openai.chat;

import org.jspecify.annotations.NullMarked;
