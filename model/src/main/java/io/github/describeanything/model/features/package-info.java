/** From views of regions to features, for any family: queue, batching, single flight, cache. */
@NullMarked
package io.github.describeanything.model.features;

import org.jspecify.annotations.NullMarked;
