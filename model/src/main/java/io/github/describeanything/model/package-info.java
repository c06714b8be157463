/** The one door to the model: open a bundle, hand it masked pictures, read descriptions. */
@NullMarked
package io.github.describeanything.model;

import org.jspecify.annotations.NullMarked;
