/** The commands of scripts/describe and scripts/sdp. */
@NullMarked
package io.github.describeanything.bulk;

import org.jspecify.annotations.NullMarked;
