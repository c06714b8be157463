/** Loads encoded pictures from data URLs, and from allowed hosts at public addresses. */
@NullMarked
package io.github.describeanything.server.pictures;

import org.jspecify.annotations.NullMarked;
