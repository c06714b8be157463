/** The entry point to the model: open a bundle, pass pictures with masks, read descriptions. */
@NullMarked
package io.github.describeanything.model;

import org.jspecify.annotations.NullMarked;
