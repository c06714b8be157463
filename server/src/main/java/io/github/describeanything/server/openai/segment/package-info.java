/** {@code /v1/segmentations}: clicks and boxes to masks. */
@NullMarked
package io.github.describeanything.server.openai.segment;

import org.jspecify.annotations.NullMarked;
