/** Chat completions: the request read and refused, the answer written whole or as it comes. */
@NullMarked
package io.github.describeanything.server.chat;

import org.jspecify.annotations.NullMarked;
