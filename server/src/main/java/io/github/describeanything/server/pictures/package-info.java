/** Encoded pictures from data URLs and allowed hosts. Remote pictures come from public addresses only. */
@NullMarked
package io.github.describeanything.server.pictures;

import org.jspecify.annotations.NullMarked;
