/** Picture files into pixels: {@link PictureReader} is the only way in, with one file for each format behind it. */
@NullMarked
package io.github.describeanything.focal.codec;

import org.jspecify.annotations.NullMarked;
