/** From a masked picture to the embeddings of its region. */
@NullMarked
package io.github.describeanything.model.vision;

import org.jspecify.annotations.NullMarked;
