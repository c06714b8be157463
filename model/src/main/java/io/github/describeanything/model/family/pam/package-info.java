/** The Perceive Anything Model (2025): SAM 2.1 finds the region, a small perceiver turns what it saw into tokens. */
@NullMarked
package io.github.describeanything.model.family.pam;

import org.jspecify.annotations.NullMarked;
