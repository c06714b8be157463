/** The Spark job. */
@NullMarked
package io.github.describeanything.spark;

import org.jspecify.annotations.NullMarked;
