/** Decodes picture files. {@link PictureReader} is the entry point; each format has a file of its own. */
@NullMarked
package io.github.describeanything.focal.codec;

import org.jspecify.annotations.NullMarked;
