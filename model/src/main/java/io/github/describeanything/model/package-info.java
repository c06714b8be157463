/** The entry point: open a bundle, pass pictures with masks, read descriptions. */
@NullMarked
package io.github.describeanything.model;

import org.jspecify.annotations.NullMarked;
