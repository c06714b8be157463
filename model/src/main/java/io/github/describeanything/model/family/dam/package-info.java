/** The Describe Anything Model (2025): a picture and a focal crop around its mask, side by side. */
@NullMarked
package io.github.describeanything.model.family.dam;

import org.jspecify.annotations.NullMarked;
