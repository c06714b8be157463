/** Video files to the frames that are sampled from them, decoded by ffmpeg in a process of its own. */
@NullMarked
package io.github.describeanything.server.video;

import org.jspecify.annotations.NullMarked;
