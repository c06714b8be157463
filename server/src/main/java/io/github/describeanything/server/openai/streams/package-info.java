/** {@code /v1/video/streams}: a region described segment by segment. */
@NullMarked
package io.github.describeanything.server.openai.streams;

import org.jspecify.annotations.NullMarked;
