/** From views of regions to their features, for any family: queue, batches, shared results, cache. */
@NullMarked
package io.github.describeanything.model.features;

import org.jspecify.annotations.NullMarked;
