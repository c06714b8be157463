/** Runs a step over every row once, whatever interrupts it. */
@NullMarked
package io.github.describeanything.bulk.job;

import org.jspecify.annotations.NullMarked;
